"""The best of what the rungs of the ladder find, for all answers of a translation at once."""

from collections.abc import Sequence

from tasks.projection.confidence import Weights, confidence, shipped
from tasks.projection.ladder import Found, climb
from tasks.projection.outcomes import Method
from tasks.projection.rungs.case import Case
from tasks.projection.signals import signals, signals_of

Choice = tuple[Found, float] | None
"""What was chosen for an answer, and its confidence; None where no rung found anything."""


def choose(cases: Sequence[Case], weights: Weights | None = None) -> list[Choice]:
    """For each case the candidate of which most may be expected; of equals that of the most trusted rung.

    Where tags came back they are believed, unless their pieces are so far apart that one must be a stray (`core`) and
    nothing tells which one (`mended`).
    Measured: as many rows lose as win where other rungs overrule tags that are no such strays.

    Args:
        cases: answers, each with its translation.
        weights: the calibrated model; the shipped one if None.
    """
    model = weights or shipped()
    return [_best(case, climb(case), model) for case in cases]


def _best(case: Case, found: Sequence[Found], weights: Weights) -> Choice:
    if not found:
        return None
    strays = not case.pieces or any(one.method is Method.CORE for one in found)
    if found[0].method is Method.MENDED or not strays:
        return found[0], confidence(signals_of(case, found, found[0].span), weights)
    expected = [confidence(row, weights) for row in signals(case, found)]
    best = expected.index(max(expected))
    return found[best], expected[best]
