"""What is compared in a trial: the paper's rule, each rung by itself, and the ladder with more or less to go by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from storage.examples import Span
from tasks.projection.choosing import choose
from tasks.projection.confidence import Weights
from tasks.projection.ladder import LADDER, climb
from tasks.projection.outcomes import Method
from tasks.projection.rungs.case import hull
from tasks.projection.rungs.exact import exact
from tasks.projection.trials.rows import Row, less_known


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a method sees an answer, and the score by which it sorts its rows."""

    span: Span
    score: float
    method: Method


Sightings = Sequence[Sighting | None]
"""One for each row, None where the method finds nothing."""

LADDERS: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        "ladder": {"tags": True, "alone": True, "aligned": True},
        "ladder without answers alone": {"tags": True, "alone": False, "aligned": True},
        "ladder without aligner": {"tags": True, "alone": True, "aligned": False},
        "ladder of tags": {"tags": True, "alone": False, "aligned": False},
        "ladder without tags": {"tags": False, "alone": True, "aligned": True},
        "ladder of aligner": {"tags": False, "alone": False, "aligned": True},
        "ladder of answers alone": {"tags": False, "alone": True, "aligned": False},
    }
)
"""The ladder under each state of knowledge; weights are fitted on all of them together."""


def paper(rows: Sequence[Row]) -> Sightings:
    """The paper's rule (Sec. 3.1): kept where exactly one pair of tags came back, edges as they came."""
    found = [exact(row.case) if row.case else None for row in rows]
    return [Sighting(one.span, one.score, Method.PAPER) if one else None for one in found]


def cover(rows: Sequence[Row]) -> Sightings:
    """From the first piece of each answer to its last, edges as they came."""
    return [_hull(row) if row.case and row.case.pieces else None for row in rows]


def rungs(rows: Sequence[Row]) -> dict[Method, Sightings]:
    """Each rung by itself, sorted by its own score; those that find nothing in any row are left out."""
    found = [{one.method: one for one in climb(row.case)} if row.case else {} for row in rows]
    sightings = {
        method: [
            Sighting(one[method].span, one[method].score, method) if method in one else None for one in found
        ]
        for method, _ in LADDER
    }
    return {method: seen for method, seen in sightings.items() if any(seen)}


def ladder(rows: Sequence[Row], state: Mapping[str, bool], weights: Weights | None = None) -> Sightings:
    """The ladder with so much to go by, sorted by its confidence.

    Args:
        rows: of the trial.
        state: what of tags, answers translated alone and aligner is used.
        weights: of the confidence; the shipped ones if None.
    """
    found: list[Sighting | None] = []
    for row in rows:
        (choice,) = choose([less_known(row.case, **state)], weights) if row.case else (None,)
        found.append(Sighting(choice[0].span, choice[1], choice[0].method) if choice else None)
    return found


def _hull(row: Row) -> Sighting | None:
    return Sighting(hull(row.case.pieces), 1.0, Method.COVER) if row.case else None
