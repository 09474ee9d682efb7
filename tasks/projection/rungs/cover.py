"""A split answer: what reaches from its first piece to its last, and the same without the pieces that stand far off."""

from collections.abc import Sequence

from storage.examples import Span
from tasks.projection.rungs.case import Candidate, Case, covered, hull

_TOO_LONG = 2.0
_SLACK = 10
"""A cover is too long if it has twice as many characters as the answer makes expected, and ten more."""


def cover(case: Case) -> Candidate | None:
    """From the first piece to the last; the score is the share of it that stood between tags."""
    if len(case.pieces) < 2:
        return None
    return _scored(case.pieces)


def core(case: Case) -> Candidate | None:
    """The pieces that stand together round the longest one, where the cover is far too long to be the answer.

    A piece is left out if the gap before or after it is wider than what stands on either side of the gap.
    """
    if len(case.pieces) < 2 or len(hull(case.pieces)) <= _TOO_LONG * _expected_length(case) + _SLACK:
        return None
    clusters: list[list[Span]] = []
    for piece in sorted(case.pieces):
        if clusters and piece.start - hull(clusters[-1]).end <= max(_held(clusters[-1]), len(piece)):
            clusters[-1].append(piece)
        else:
            clusters.append([piece])
    return _scored(max(clusters, key=_held)) if len(clusters) > 1 else None


def _expected_length(case: Case) -> float:
    return len(case.span) * len(case.text) / len(case.context)


def _scored(pieces: Sequence[Span]) -> Candidate:
    whole = hull(pieces)
    return Candidate(whole, covered(pieces, whole) / (whole.end - whole.start))


def _held(pieces: Sequence[Span]) -> int:
    return covered(pieces, hull(pieces))
