"""Exactly one pair of tags came back, just as it was sent."""

from tasks.projection.rungs.case import Candidate, Case


def exact(case: Case) -> Candidate | None:
    """What stands between them."""
    return Candidate(case.pieces[0], 1.0) if case.sound and len(case.pieces) == 1 else None
