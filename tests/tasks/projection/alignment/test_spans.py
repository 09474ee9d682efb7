import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from tasks.projection.alignment.aligner import Aligner, Alignment
from tasks.projection.alignment.spans import find_span
from tasks.projection.alignment.words import words


def linked(
    source: str, target: str, links: dict[int, list[int]], bonds: dict[int, float] | None = None
) -> Alignment:
    """An alignment whose target words come from those source words for certain."""
    one, other = words(source), words(target)
    forward = np.zeros((len(one), len(other)), np.float32)
    for s, places in links.items():
        forward[s, places] = 1
    backward = forward / np.maximum(forward.sum(axis=1, keepdims=True), 1)
    strength = np.zeros(len(other) + 1, np.float32)
    for place, bond in (bonds or {}).items():
        strength[place] = bond
    return Alignment(one, other, forward, backward, strength)


def said(alignment: Alignment, answer: str, within: Span | None = None) -> str | None:
    start = alignment.source.text.index(answer)
    found = find_span(alignment, Span(start, start + len(answer)), within)
    return alignment.target.text[found.span.start : found.span.end] if found else None


def test_the_linked_words_are_found() -> None:
    found = linked("the red car stopped", "el coche rojo paró", {0: [0], 1: [2], 2: [1], 3: [3]})
    assert said(found, "red car") == "coche rojo"
    assert said(found, "the red car") == "el coche rojo"
    assert said(found, "stopped") == "paró"


def test_a_word_without_links_between_linked_ones_belongs_to_the_span() -> None:
    found = linked("University Oxford here", "Universidad de Oxford aquí", {0: [0], 1: [2], 2: [3]})
    assert said(found, "University Oxford") == "Universidad de Oxford"


def test_a_stray_link_far_away_is_left_out() -> None:
    links = {0: [0], 2: [1, 11], 3: [2, 3], 4: [4, 5], 5: [6, 7], 6: [8, 9], 7: [10]}
    found = linked("one-one xx yy zz vv ww", "uno una b c d e f g h i j uno", links)
    assert said(found, "one-one") == "uno una"


def test_signs_at_the_edges_are_those_of_the_source() -> None:
    links = {0: [0], 1: [1, 2, 3], 2: [4]}
    found = linked("in Rome now", 'en " Roma " ahora', links)
    assert said(found, "Rome") == "Roma"
    quoted = linked('in "Rome" now', 'en "Roma" ahora', {0: [0], 1: [1], 2: [2], 3: [3], 4: [4]})
    assert said(quoted, '"Rome"') == '"Roma"'


def test_a_bracket_is_not_left_open() -> None:
    found = linked("one (two) six", "uno (dos) seis", {0: [0], 1: [1], 2: [2], 4: [4]})
    assert said(found, "one (two)") == "uno (dos)"


def doubtful(source: str, target: str, answer: str, *ways: list[float]) -> str | None:
    """What is found of the first word, whose links are those of `ways`; other words get what is left."""
    one, other = words(source), words(target)
    found = np.zeros((2, len(one), len(other)), np.float32)
    found[0, 0], found[1, 0] = ways
    found[0, 1] = 1 - found[0, 0]
    return said(Alignment(one, other, *found), answer)


def test_between_doubtful_spans_length_decides() -> None:
    assert doubtful("cat sat well", "gato sumamente bien", "cat", [0.5, 0.5, 0], [0.5, 0.5, 0]) == "gato"
    assert doubtful("elegantly sat", "con elegancia", "elegantly", [0.5, 0.5], [0.5, 0.5]) == "con elegancia"


def test_a_word_that_only_one_direction_links_is_covered() -> None:
    assert (
        doubtful("handbook is", "libro manual es", "handbook", [1, 0.3, 0], [0.1, 0.9, 0]) == "libro manual"
    )


def test_no_edge_cuts_a_bond() -> None:
    links = {0: [0], 1: [1], 2: [3]}
    plain = linked("in Miller now", "在米勒里", links)
    bound = linked("in Miller now", "在米勒里", links, {2: 4.0})
    assert said(plain, "Miller") == "米"
    assert said(bound, "Miller") == "米勒"


def test_of_repeated_words_the_linked_one_is_found() -> None:
    found = linked("one two one", "uno dos uno", {0: [0], 1: [1], 2: [2]})
    assert find_span(found, Span(8, 11)).span == Span(8, 11)  # type: ignore[union-attr]
    assert find_span(found, Span(0, 3)).span == Span(0, 3)  # type: ignore[union-attr]


def test_a_search_stays_within_its_bounds() -> None:
    found = linked("one two", "uno dos uno", {0: [0, 2], 1: [1]})
    assert said(found, "one", Span(4, 11)) == "uno"
    span = find_span(found, Span(0, 3), Span(4, 11))
    assert span is not None
    assert span.span == Span(8, 11)
    assert said(found, "two", Span(8, 11)) is None


def test_a_certain_link_has_a_better_score_than_a_doubtful_one() -> None:
    sure = linked("red car", "coche rojo", {0: [1], 1: [0]})
    doubtful = Alignment(
        sure.source, sure.target, np.full((2, 2), 0.3, np.float32), np.full((2, 2), 0.3, np.float32)
    )
    scores = [find_span(a, Span(0, 3)).score for a in (sure, doubtful)]  # type: ignore[union-attr]
    assert scores[0] > 0.9
    assert scores[1] < 0.8


def test_nothing_linked_is_nothing_found() -> None:
    assert said(linked("red car", "coche rojo", {1: [0, 1]}), "red") is None
    assert find_span(linked("", "", {}), Span(0, 0)) is None


@given(
    st.integers(0, 6), st.integers(0, 8), st.integers(0, 2**32 - 1),
    st.tuples(st.integers(0, 30), st.integers(0, 30)), st.none() | st.tuples(st.integers(-5, 40), st.integers(-5, 40)),
)  # fmt: skip
def test_law_spans_lie_in_the_text_and_within(
    s: int, t: int, seed: int, place: tuple[int, int], bounds: tuple[int, int] | None
) -> None:
    rng = np.random.default_rng(seed)
    one, other = words("ab. " * s), words("(cd 好 " * t)
    forward, backward = rng.dirichlet(np.full(10, 0.2), (2, len(one), len(other)))[..., 0].astype(np.float32)
    within = Span(*sorted(bounds)) if bounds else None
    found = find_span(Alignment(one, other, forward, backward), Span(min(place), max(place)), within)
    if found:
        assert 0 <= found.span.start < found.span.end <= len(other.text)
        assert 0 <= found.score <= 1
        assert within is None or within.start <= found.span.start < found.span.end <= within.end


def test_answers_go_to_and_fro(aligner: Aligner) -> None:
    one = "The old dog sees the red house. One king loves the bread."
    other = "Zu harok prin zu vondar sukat lapti. Mir derun zu gasto fimol."
    found = aligner.align(one, other)
    assert said(found, "old dog") == "harok prin"
    assert said(found, "the red house") == "zu vondar sukat"
    assert said(found, "bread") == "gasto"


def test_a_text_of_thousands_of_words_is_searched_in_a_window() -> None:
    size = 3000
    one, other = words("a " * size), words("b " * size)
    found = find_span(Alignment(one, other, *np.full((2, size, size), 1 / size, np.float32)), Span(0, 2000))
    assert found is not None


@pytest.mark.parametrize("answer", ["New York City", "York"])
def test_every_word_of_an_answer_counts(answer: str) -> None:
    found = linked("in New York City now", "in Neu York Stadt jetzt", {n: [n] for n in range(5)})
    assert said(found, answer) == answer.replace("New", "Neu").replace("City", "Stadt")
