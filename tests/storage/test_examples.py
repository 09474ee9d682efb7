"""Spans and answers: half-open ranges of code points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Answer, Example, Span


def _span(bounds: tuple[int, int]) -> Span:
    return Span(min(bounds), max(bounds) + 1)


SPANS = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(_span)


@given(SPANS, SPANS)
def test_crossing_is_overlap_without_containment(one: Span, other: Span) -> None:
    """Law, by counting code points: both share some, and each has some for itself."""
    mine, theirs = set(range(one.start, one.end)), set(range(other.start, other.end))
    expected = bool(mine & theirs) and bool(mine - theirs) and bool(theirs - mine)
    assert one.crosses(other) == other.crosses(one) == expected


@given(SPANS)
def test_a_span_does_not_cross_itself(span: Span) -> None:
    assert not span.crosses(Span(span.start, span.end))
    assert len(span) == len(range(span.start, span.end))


@given(st.text(), st.text(min_size=1), st.text())
def test_an_answer_stands_where_its_span_says(before: str, text: str, after: str) -> None:
    """Law: `context[span.start:span.end] == text`, in any script."""
    answer = Answer(text, len(before))
    assert (before + text + after)[answer.span.start : answer.span.end] == text


def test_offsets_count_code_points_not_bytes_or_utf_16_units() -> None:
    context = "𝄞🎵 le chœur 中文"
    answer = Answer("中文", 12)
    assert context[answer.span.start : answer.span.end] == "中文"
    assert (len(context.encode()), len(context.encode("utf-16-le")) // 2, len(context)) == (25, 16, 14)


def test_spans_are_ordered_by_place() -> None:
    assert sorted([Span(2, 3), Span(0, 9), Span(0, 1)]) == [Span(0, 1), Span(0, 9), Span(2, 3)]


@pytest.mark.parametrize(
    ("value", "field"),
    [(Span(0, 1), "start"), (Answer("a", 0), "text"), (Example("i", "", "", "", ()), "id")],
)
def test_values_cannot_be_changed(value: object, field: str) -> None:
    with pytest.raises(AttributeError):
        setattr(value, field, "other")
