"""What a rung looks at: one answer, one translation of its context, and all that is known about where it may stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from storage.examples import Span
from tasks.projection.alignment.aligner import Alignment

_SLACK = 40
"""Characters by which a window is wider than the tags that it is drawn from: about six words."""


class Candidate(NamedTuple):
    """Where a rung sees the answer, and how sure it is by its own measure: `score` in [0, 1]."""

    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class Case:
    """One answer and one translation of its context.

    Attributes:
        context: the source text.
        span: the answer in it.
        text: the translation, free of marks.
        pieces: what stands between the tags of the answer, in order of their ends; none is empty.
        loose: where tags of the answer stand that lack a partner.
        sound: whether its tags came back as they were sent, once each.
        neighbours: the other answers of the context whose tags came back, as (source span, target span).
        alone: the answer translated by itself; empty where it was not.
        alignment: of the words of the two texts, if there is an aligner.
        source: language of the context.
        target: language of the translation.
    """

    context: str
    span: Span
    text: str
    pieces: tuple[Span, ...] = ()
    loose: Sequence[int] = ()
    sound: bool = True
    neighbours: Sequence[tuple[Span, Span]] = ()
    alone: str = ""
    alignment: Alignment | None = None
    source: str = ""
    target: str = ""

    @property
    def answer(self) -> str:
        """The answer before translation."""
        return self.context[self.span.start : self.span.end]


def hull(spans: Sequence[Span]) -> Span:
    """The smallest span that covers all of some (at least one).

    >>> hull([Span(4, 6), Span(1, 2)])
    Span(start=1, end=6)
    """
    if len(spans) == 1:
        return spans[0]
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def covered(pieces: Sequence[Span], within: Span) -> int:
    """How many characters of a span stand in the pieces, each counted once.

    >>> covered([Span(0, 4), Span(2, 6), Span(8, 9)], Span(1, 9))
    6
    """
    count, done = 0, within.start
    for piece in sorted(pieces) if len(pieces) > 1 else pieces:
        start, end = max(piece.start, done), min(piece.end, within.end)
        if end > start:
            count += end - start
            done = end
    return count


def window(case: Case) -> Span:
    """Where in the translation the answer can be: round its own tags, else between those of its neighbours."""
    slack = _SLACK + case.span.end - case.span.start
    if marks := _marks(case):
        low, high = marks
    else:
        before, after = _beside(case)
        low = before.start if before else 0
        high = after.end if after else len(case.text)
        if low >= high:
            return Span(0, len(case.text))
    return Span(max(0, low - slack), min(len(case.text), high + slack))


def expected_place(case: Case) -> float:
    """About where the middle of the answer stands: in its tags, else as far between its neighbours as in the source."""
    if marks := _marks(case):
        return sum(marks) / 2
    before, after = _beside(case, sources=False)
    source_before, source_after = _beside(case, sources=True)
    low, high = (before.end if before else 0), (after.start if after else len(case.text))
    left = source_before.end if source_before else 0
    right = source_after.start if source_after else len(case.context)
    share = ((case.span.start + case.span.end) / 2 - left) / max(1, right - left)
    return low + share * (high - low)


def _marks(case: Case) -> tuple[int, int] | None:
    """From the first to the last place that the answer's tags point to."""
    if case.pieces:
        whole = hull(case.pieces)
        return whole.start, whole.end
    return (min(case.loose), max(case.loose)) if case.loose else None


def _beside(case: Case, *, sources: bool = False) -> tuple[Span | None, Span | None]:
    """The nearest neighbours before and after the answer: where they stand in the translation, or in the source."""
    side = 0 if sources else 1
    before = max((pair for pair in case.neighbours if pair[0].end <= case.span.start), default=None)
    after = min((pair for pair in case.neighbours if pair[0].start >= case.span.end), default=None)
    return before[side] if before else None, after[side] if after else None
