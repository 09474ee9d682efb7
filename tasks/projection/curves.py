"""Yield against quality: what is left, and how good it is, when the least confident projections are dropped."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

YIELDS = tuple(round(0.05 * step, 2) for step in range(10, 21))
"""The shares at which a curve is drawn, 50 to 100 %."""

PAPER_YIELD = 0.823
"""What the paper's rule keeps of Apertium's English-Spanish XQuAD: the yield at which others are compared with it."""


class Point(NamedTuple):
    """The mean F1 of the most confident rows when this share of all rows is kept."""

    kept: float
    f1: float


def yield_curve(
    confidence: Sequence[float], f1: Sequence[float], *, total: int, shares: Sequence[float] = YIELDS
) -> list[Point]:
    """The mean F1 of the best so many rows by confidence, for each share of all rows that there are enough rows for.

    Rows of equal confidence are kept in part: each counts with the mean of them all, so that the curve does not depend
    on the order of rows.

    Args:
        confidence: of each row that has an answer, (N,).
        f1: of the same rows, (N,).
        total: how many rows were asked for, N and those without an answer.
        shares: of `total`, between 0 and 1.

    >>> yield_curve([0.9, 0.5, 0.5], [1.0, 0.5, 0.0], total=4, shares=[0.25, 0.5, 1.0])
    [Point(kept=0.25, f1=1.0), Point(kept=0.5, f1=0.625)]
    """
    levelled = _levelled(np.asarray(confidence, dtype=np.float64), np.asarray(f1, dtype=np.float64))
    sums = np.concatenate([[0.0], np.cumsum(levelled)])
    counts = [round(share * total) for share in shares]
    return [
        Point(share, float(sums[count] / count))
        for share, count in zip(shares, counts, strict=True)
        if 0 < count <= len(levelled)
    ]


def _levelled(confidence: Floats, f1: Floats) -> Floats:
    """The F1 of rows, most confident first, each replaced by the mean of all rows of its confidence."""
    levels, place, counts = np.unique(-confidence, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=f1, minlength=len(levels)) / np.maximum(counts, 1)
    return np.repeat(means, counts)
