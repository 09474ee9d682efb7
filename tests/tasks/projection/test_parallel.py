"""The pairs of plain texts that an aligner is fitted on."""

from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Answer, Example
from tasks.mt.markup import Markup
from tasks.projection.marking import mark, plain
from tasks.projection.parallel import context_pairs, question_pairs, sampled

CONTEXT = "red & old car"
CROSSING = (
    Example("1", "t", "Which car?", CONTEXT, (Answer("red & old", 0),)),
    Example("2", "t", "Which car?", CONTEXT, (Answer("old car", 6),)),
    Example("3", "t", "Where?", "nowhere", (Answer("nowhere", 0),)),
)


def test_each_context_once_without_marks() -> None:
    copies = [marked.text for marked in mark(CONTEXT, [a.span for e in CROSSING[:2] for a in e.answers])]
    assert len(copies) == 2
    translations = {text: text.replace("car", "coche") for text in copies}
    assert list(context_pairs(CROSSING, translations, Markup.HTML)) == [(CONTEXT, "red & old coche")]


def test_a_later_copy_serves_where_the_first_was_refused() -> None:
    second = mark(CONTEXT, [a.span for e in CROSSING[:2] for a in e.answers])[1]
    assert list(context_pairs(CROSSING, {second.text: second.text}, Markup.HTML)) == [(CONTEXT, CONTEXT)]


def test_questions_that_came_back() -> None:
    found = list(question_pairs(CROSSING, {plain("Which car?"): "¿Qué coche?"}, Markup.HTML))
    assert found == [("Which car?", "¿Qué coche?")]


@given(
    st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), unique=True),
    st.randoms(),
    st.integers(0, 5),
)
def test_the_sample_is_the_same_in_any_order(pairs, random, limit: int) -> None:  # type: ignore[no-untyped-def]
    shuffled = pairs.copy()
    random.shuffle(shuffled)
    assert sampled(pairs, limit) == sampled(shuffled, limit)
    assert len(sampled(pairs, limit)) == min(limit, len(pairs))


@given(
    st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), unique=True, min_size=1), st.integers(1, 5)
)
def test_one_pair_less_changes_at_most_one(pairs, limit: int) -> None:  # type: ignore[no-untyped-def]
    assert len(set(sampled(pairs, limit)) - set(sampled(pairs[1:], limit))) <= 1
