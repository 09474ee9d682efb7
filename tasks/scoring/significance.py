"""Fisher's randomisation test for paired scores, and Holm's correction for a family of such tests.

Fisher, "The Design of Experiments" (1935), as Bornea et al., AAAI 2021, Sec. 4.3, use it: if two systems were equally
good, each example's two scores could as well have been dealt out the other way round. The p-value is the share of all
such deals whose difference of means is at least as large, either way, as the observed one. "Across systems" the scores
of an example come from two readers; "within a system" from two of its seeds, or from two languages of a parallel
question.

A deal turns the sign of each difference at the throw of a coin. Examples that both systems score the same change
nothing, and of c differences of one size only the number of heads matters: the number of ones among c random bits. F1
of short answers takes few values, so a deal of 12,000 examples costs some hundred operations on machine words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from math import prod

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

PERMUTATIONS = 10_000
"""Deals that are drawn where there are too many to look at each."""

TOLERANCE = 1e-12
"""Sums that differ by less than this share of the sum of all absolute differences are ties, set apart by rounding."""

_WORD_BITS = 64
_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Significance:
    """The outcome of one test; `difference` is mean(a) - mean(b) in the unit of the scores.

    `exact` tells that all deals were counted, so that `permutations` and `seed` played no part.
    """

    difference: float
    p_value: float
    exact: bool
    units: int
    """What was dealt out: examples, or groups of them."""
    changed: int
    """Units whose two scores differ."""
    permutations: int
    seed: int


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """One comparison of a family, with the p-value corrected for all comparisons of the family."""

    a: str
    b: str
    test: Significance
    corrected: float


def randomisation_test(
    a: Sequence[float] | Floats,
    b: Sequence[float] | Floats,
    *,
    groups: Sequence[int] | npt.NDArray[np.int64] | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Significance:
    """Test whether paired scores (N,) of a and b differ in their mean, two-sided.

    All deals are counted where their sums take at most `permutations` combinations of values, which holds whenever
    there are at most that many deals (2 to the power of `changed`), and for exact match almost always. Otherwise
    `permutations` deals are drawn, and the observed one counts as one more, on top and below: (hits + 1) / (n + 1)
    never says 0 and keeps the test's level (Phipson and Smyth, 2010, https://doi.org/10.2202/1544-6115.1585). A deal
    whose sum ties with the observed one is a hit.

    `groups` (N,) numbers from 0 what belongs together, such as the translations of one question: a group is dealt as
    a whole, since its members are no independent witnesses.

    >>> round(randomisation_test([1, 1, 1, 1, 0], [0, 0, 0, 0, 0]).p_value, 3)  # 2 of 16 deals
    0.125

    Raises:
        ValueError: no scores, sequences of different lengths, or a score that is not finite.
    """
    differences = _differences(a, b)
    units = differences if groups is None else np.bincount(np.asarray(groups), weights=differences)
    sizes, counts = np.unique(np.abs(units[units != 0]), return_counts=True)
    threshold = abs(float(units.sum())) - TOLERANCE * float(sizes @ counts)
    exact = prod(int(count) + 1 for count in counts) <= permutations
    if exact:
        p_value = _share_of_all(sizes, counts, threshold)
    else:
        hits = sum(
            int(np.count_nonzero(np.abs(sums) >= threshold))
            for sums in _drawn_sums(sizes, counts, permutations, seed)
        )
        p_value = (hits + 1) / (permutations + 1)
    return Significance(
        difference=float(differences.mean()),
        p_value=p_value,
        exact=exact,
        units=len(units),
        changed=int(counts.sum()),
        permutations=permutations,
        seed=seed,
    )


def compare_all(
    scores: Mapping[str, Sequence[float] | Floats],
    pairs: Iterable[tuple[str, str]] | None = None,
    *,
    groups: Sequence[int] | npt.NDArray[np.int64] | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> list[FamilyMember]:
    """Test named systems against each other and correct for the number of comparisons (Holm).

    `scores` holds one score per example and system, of several seeds their mean. `pairs` are the comparisons to make,
    such as each system with ZS; by default every two systems.
    """
    chosen = list(combinations(scores, 2) if pairs is None else pairs)
    tests = [
        randomisation_test(scores[a], scores[b], groups=groups, permutations=permutations, seed=seed)
        for a, b in chosen
    ]
    corrected = holm([test.p_value for test in tests])
    return [FamilyMember(a, b, test, p) for (a, b), test, p in zip(chosen, tests, corrected, strict=True)]


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected so that the chance of any false finding in the family stays at the level (Holm, 1979).

    The smallest of m is multiplied by m, the next by m - 1, and so on; none may fall below a smaller one's, nor
    exceed 1.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    raised = ((len(order) - rank) * p_values[place] for rank, place in enumerate(order))
    corrected = dict(zip(order, accumulate(raised, max), strict=True))
    return [min(1.0, corrected[place]) for place in range(len(p_values))]


def _differences(a: Sequence[float] | Floats, b: Sequence[float] | Floats) -> Floats:
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape or not first.size:
        raise ValueError(f"paired scores need one shape (N,), N > 0, not {first.shape} and {second.shape}")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("a score is not finite")
    return first - second


def _share_of_all(sizes: Floats, counts: npt.NDArray[np.intp], threshold: float) -> float:
    """The share of all deals that reach the threshold: each combination of heads by size, weighed by its chance."""
    sums, chances = np.zeros(1), np.ones(1)
    for size, count in zip(sizes, counts.tolist(), strict=True):
        steps = size * (2.0 * np.arange(count + 1) - count)
        sums = np.add.outer(sums, steps).ravel()
        chances = np.outer(chances, _chances_of_heads(count)).ravel()
    return min(1.0, float(chances[np.abs(sums) >= threshold].sum()))


def _chances_of_heads(throws: int) -> Floats:
    """The chance of 0, 1, ... heads in so many throws, each correctly rounded."""
    ways = accumulate(range(throws), lambda n, k: n * (throws - k) // (k + 1), initial=1)
    return np.array([n / (1 << throws) for n in ways])


def _drawn_sums(
    sizes: Floats, counts: npt.NDArray[np.intp], permutations: int, seed: int
) -> Iterator[Floats]:
    """The sums of drawn deals, a chunk at a time; which ones does not depend on the size of a chunk."""
    words, masks, weights = _pieces(sizes, counts)
    random = np.random.default_rng(seed)
    total, throws = float(sizes @ counts), int(words[-1]) + 1
    chunk = max(1, _CHUNK_BYTES // (8 * len(words)))
    for start in range(0, permutations, chunk):
        bits = random.integers(
            0, 1 << _WORD_BITS, size=(min(chunk, permutations - start), throws), dtype=np.uint64
        )
        heads = np.bitwise_count(bits[:, words] & masks)
        yield 2.0 * (heads.astype(np.float64) @ weights) - total


def _pieces(sizes: Floats, counts: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], Words, Floats]:
    """A row of as many bits as there are differences, cut where a word ends or the size changes.

    Returns for each piece its word, the mask of its bits and the size of its differences.
    """
    ends = np.cumsum(counts)
    starts = np.union1d(ends - counts, np.arange(0, ends[-1], _WORD_BITS))
    lengths = np.diff(starts, append=ends[-1]).astype(np.uint64)
    ones = np.uint64(2**_WORD_BITS - 1) >> (np.uint64(_WORD_BITS) - lengths)
    masks = ones << (starts % _WORD_BITS).astype(np.uint64)
    return starts // _WORD_BITS, masks, sizes[np.searchsorted(ends, starts, side="right")]
