import itertools

from hypothesis import given
from hypothesis import strategies as st

from tasks.projection.alignment.beads import LONGEST, Bead, beads, sentence_ends
from tasks.projection.alignment.words import words

PIECES = st.lists(
    st.sampled_from(["word ", "Word", ". ", "! ", "。", "।", "3.5 ", '." ', "\n", "好"]), max_size=40
)
TEXT = PIECES.map("".join)


@given(TEXT)
def test_law_sentences_are_the_text(text: str) -> None:
    found = words(text)
    ends = sentence_ends(found)
    assert ends == sorted(set(ends))
    assert (ends[-1] if ends else 0) == len(found)
    assert all(end - start <= LONGEST for start, end in zip([0, *ends], ends, strict=False))


@given(TEXT, TEXT)
def test_law_beads_are_in_order_and_never_empty(one: str, other: str) -> None:
    before = Bead(0, 0, 0, 0)
    for bead in beads(words(one), words(other)):
        assert before.source_end <= bead.source_start < bead.source_end <= len(words(one))
        assert before.target_end <= bead.target_start < bead.target_end <= len(words(other))
        before = bead


@given(TEXT)
def test_law_a_text_stands_beside_itself(text: str) -> None:
    found = words(text)
    starts = [0, *sentence_ends(found)]
    assert beads(found, found) == [Bead(a, b, a, b) for a, b in itertools.pairwise(starts)]


def parts(one: str, other: str, same: list[tuple[int, int]] | None = None) -> list[tuple[str, str]]:
    ours, theirs = words(one), words(other)
    return [
        (
            one[ours.starts[b.source_start] : ours.ends[b.source_end - 1]],
            other[theirs.starts[b.target_start] : theirs.ends[b.target_end - 1]],
        )
        for b in beads(ours, theirs, same or [])
    ]


def test_two_sentences_that_became_one_are_one_bead() -> None:
    one = "He left early in the morning. She stayed at home with the two children. It rained."
    other = "Er ging früh am Morgen, und sie blieb daheim mit ihren beiden Kindern. Es regnete."
    assert parts(one, other) == [(one[:71], other[:70]), ("It rained.", "Es regnete.")]


def test_a_number_that_both_have_decides_where_lengths_do_not() -> None:
    one = "Aaaa bbbb cccc. In 1901 dddd eee. Ffff gggg hhhh."
    first, second = "Kkkk llll mmmm.", "Nnnn oooo pppp."
    found = [parts(one, f"{first} {second}", [(5, place)]) for place in (1, 5)]
    assert found[0] == [(one[:33], first), (one[34:], second)]
    assert found[1] == [(one[:15], first), (one[16:], second)]


def test_abbreviations_initials_ordinals_and_decimals_end_no_sentence() -> None:
    text = "Mr. J. Bach of the U.S. Army paid 3.5 Mio. am 1. Mai."
    assert sentence_ends(words(text)) == [len(words(text))]


def test_a_text_without_ends_is_cut_all_the_same() -> None:
    found = words("word " * 1000)
    assert sentence_ends(found) == list(range(LONGEST, 1001, LONGEST))
