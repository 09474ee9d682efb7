"""The best of what the rungs of the ladder find, for all answers of a translation at once."""

from collections.abc import Sequence
from dataclasses import replace

from tasks.projection.confidence import Weights, confidence, shipped
from tasks.projection.ladder import Found, climb
from tasks.projection.rungs.case import Case
from tasks.projection.rungs.cover import core
from tasks.projection.rungs.mended import mended
from tasks.projection.signals import signals, signals_of

Choice = tuple[Found, float] | None
"""What was chosen for an answer, and its confidence; None where no rung found anything."""


def choose(cases: Sequence[Case], weights: Weights | None = None) -> list[Choice]:
    """For each case the candidate of which most may be expected; of equals that of the most trusted rung.

    Where tags came back they are believed, unless they leave the answer in doubt (`in_doubt`).
    Measured: as many rows lose as win where other rungs overrule tags that do not.

    Args:
        cases: answers, each with its translation.
        weights: the calibrated model; the shipped one if None.
    """
    model = weights or shipped()
    return [_best(case, model) if in_doubt(case) else _believed(case, model) for case in cases]


def in_doubt(case: Case) -> bool:
    """Whether the tags do not say where the answer is: none came back, or one of the pieces must be a stray.

    Such a piece stands far from the others (`core`), and nothing tells which one it is (`mended`). In no other case is
    an alignment looked at: it would change no answer, and the confidence no better (on XQuAD and Apertium's Spanish,
    articles of odd index, its Brier score is 0.106 with it and without, and F1 by confidence the same to 0.002 at every
    yield), and aligning takes forty times as long as all else.
    """
    if case.sound and len(case.pieces) == 1:
        return False
    return mended(case) is None and (not case.pieces or core(case) is not None)


def _believed(case: Case, weights: Weights) -> Choice:
    """What the tags say."""
    known = replace(case, alignment=None) if case.alignment else case
    found = climb(known)
    return found[0], confidence(signals_of(known, found, found[0].span), weights)


def _best(case: Case, weights: Weights) -> Choice:
    found = climb(case)
    if not found:
        return None
    expected = [confidence(row, weights) for row in signals(case, found)]
    best = expected.index(max(expected))
    return found[best], expected[best]
