"""How good a projected answer may be expected to be: many weak signals weighed by one small calibrated model.

The model is a logistic regression on the token F1 against human answers, in two halves: one for answers of which tags
came back, one for the others. It is fitted once, on a real engine's translation of a text that people translated too,
and its weights are a table beside this file that says where they come from. The same number chooses between the
candidates of a row and sorts the rows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tasks.projection.signals import SIGNALS

Floats = npt.NDArray[np.float64]

WEIGHTS_FILE = Path(__file__).with_name("confidence.tsv")
HALVES = ("untagged", "tagged")
"""The halves of the model; the first signal of a row says which of them it belongs to."""

_STEPS = 30
_RIDGE = 10.0


@dataclass(frozen=True)
class Weights:
    """A calibrated model: the log-odds of a candidate are `bias[half] + values[half] @ signals`.

    `values` has a row of K weights for each half.
    """

    bias: tuple[float, float]
    values: tuple[tuple[float, ...], tuple[float, ...]]


def confidence(row: Sequence[float], weights: Weights) -> float:
    """The token F1, in [0, 1], that may be expected of a candidate.

    Args:
        row: its K signals.
        weights: the model.
    """
    half = int(row[0] > 0)
    odds = weights.bias[half] + sum(map(mul, weights.values[half], row))
    return 1.0 / (1.0 + math.exp(-max(-700.0, odds)))


def calibrate(
    rows: Floats, f1: Floats, *, importance: Floats | None = None, ridge: float = _RIDGE
) -> Weights:
    """Fit both halves; the same input gives the same weights. A half without rows expects nothing.

    Args:
        rows: (N, K) signals of candidates.
        f1: (N,) what each scored against the human answer, in [0, 1].
        importance: (N,) how much each counts; all the same if None.
        ridge: strength of the penalty on the weights of the standardised signals, in rows.
    """
    counts = np.ones(len(rows)) if importance is None else importance
    tagged = rows[:, 0] > 0
    without = _fitted(rows[~tagged], f1[~tagged], counts[~tagged], ridge)
    with_tags = _fitted(rows[tagged], f1[tagged], counts[tagged], ridge)
    return Weights((without[0], with_tags[0]), (without[1], with_tags[1]))


def _fitted(rows: Floats, f1: Floats, counts: Floats, ridge: float) -> tuple[float, tuple[float, ...]]:
    """One half by Newton's method on the cross-entropy against the F1 as a probability; constant signals get 0."""
    if not len(rows):
        return 0.0, (0.0,) * rows.shape[1]
    mean, scale = rows.mean(0), rows.std(0)
    scale[scale < 1e-9] = np.inf
    design = np.column_stack([np.ones(len(rows)), (rows - mean) / scale])
    penalty = np.diag([1e-6, *[ridge] * rows.shape[1]])
    theta = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        fitted = 1.0 / (1.0 + np.exp(-np.clip(design @ theta, -500, 500)))
        gradient = design.T @ (counts * (fitted - f1)) + penalty @ theta
        curvature = (design * (counts * fitted * (1 - fitted))[:, None]).T @ design + penalty
        theta -= np.linalg.solve(curvature, gradient)
    values = theta[1:] / scale
    return float(theta[0] - values @ mean), tuple(values.tolist())


def to_text(weights: Weights, provenance: str) -> str:
    """A table of the weights, a signal a line and a half a column, below the lines that say where they come from."""
    lines = [*(f"# {line}" for line in provenance.splitlines()), "\t".join(("signal", *HALVES))]
    columns = zip(weights.bias, weights.values, strict=True)
    table = zip(("bias", *SIGNALS), *((bias, *values) for bias, values in columns), strict=True)
    lines += (f"{name}\t{without:.6f}\t{with_tags:.6f}" for name, without, with_tags in table)
    return "\n".join(lines) + "\n"


def from_text(text: str) -> Weights:
    """The inverse of `to_text`.

    Raises:
        ValueError: its signals are not those of this version.
    """
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    if (names := [line[0] for line in lines]) != ["signal", "bias", *SIGNALS]:
        raise ValueError(f"weights for other signals: {sorted({'signal', 'bias', *SIGNALS} ^ set(names))}")
    without, with_tags = (tuple(float(line[half]) for line in lines[1:]) for half in (1, 2))
    return Weights((without[0], with_tags[0]), (without[1:], with_tags[1:]))


@cache
def shipped() -> Weights:
    """The weights that come with this version."""
    return from_text(WEIGHTS_FILE.read_text(encoding="utf-8"))
