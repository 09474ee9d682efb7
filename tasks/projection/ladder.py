"""The ladder: every way of finding an answer again that costs nothing, all of them tried on every row."""

from collections.abc import Callable
from typing import NamedTuple

from storage.examples import Span
from tasks.projection.edges import repaired
from tasks.projection.outcomes import Method
from tasks.projection.rungs.aligned import aligned
from tasks.projection.rungs.alone import alone
from tasks.projection.rungs.case import Candidate, Case
from tasks.projection.rungs.cover import core, cover
from tasks.projection.rungs.exact import exact
from tasks.projection.rungs.mended import mended
from tasks.projection.rungs.verbatim import verbatim
from tasks.projection.wording import cuts

Rung = Callable[[Case], Candidate | None]

LADDER: tuple[tuple[Method, Rung], ...] = (
    (Method.EXACT, exact),
    (Method.MENDED, mended),
    (Method.COVER, cover),
    (Method.CORE, core),
    (Method.VERBATIM, verbatim),
    (Method.ALONE, alone),
    (Method.ALIGNED, aligned),
)
"""The rungs in order of trust: of equally good spans the first one names the method."""

_BEFORE = 24
"""Characters before an answer that its edges are judged by: the word before it is among them."""


class Found(NamedTuple):
    """Where one rung sees the answer, its edges repaired, and how sure it is by its own measure."""

    method: Method
    span: Span
    score: float


def climb(case: Case) -> list[Found]:
    """What each rung finds, in the order of the ladder; rungs that find nothing are left out."""
    answer = case.answer
    before = case.context[max(0, case.span.start - _BEFORE) : case.span.start]
    is_part = cuts(case.context, case.span.start) or cuts(case.context, case.span.end)
    seen: list[Span] = []
    found: list[Found] = []
    for method, rung in LADDER:
        if candidate := rung(case):
            span, score = candidate
            if span in seen:
                mended = found[seen.index(span)].span
            else:
                mended = repaired(
                    case.text,
                    span,
                    answer,
                    case.source,
                    case.target,
                    before=before,
                    alone=case.alone,
                    is_part=is_part,
                )
            seen.append(span)
            found.append(Found(method, mended, score))
    return found
