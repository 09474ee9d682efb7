"""How far a figure may be trusted: bootstrap intervals over questions, mean and deviation over seeds.

The bootstrap (Efron, 1979) draws as many questions as there are, with replacement, and takes the figure of each draw;
an interval lies between two percentiles of these figures. A parallel benchmark asks one question in many languages:
drawn by its id it comes with all of its languages or with none, as one witness and not as 49.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np
import numpy.typing as npt

from tasks.scoring.benchmarks import Pair
from tasks.scoring.score import PairScore

Floats = npt.NDArray[np.float64]

SAMPLES = 2_000
"""Draws of the bootstrap."""

LEVEL = 0.95

_CHUNK_CELLS = 1 << 20


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which bounds a figure lies in the share `level` of the draws, in the figure's own unit."""

    low: float
    high: float
    level: float = LEVEL


@dataclass(frozen=True, slots=True)
class TransferIntervals:
    """Intervals of one benchmark's figures in percent, all from the same draws."""

    by_pair: Mapping[tuple[str, str], Interval]
    """By (context language, question language)."""
    by_context: Mapping[str, Interval]
    """G-XLT of each context language."""
    overall: Interval
    """G-XLT."""
    xlt: Interval | None
    """XLT; None where no question is asked in its context's language."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over several runs that differ in their seeds."""

    mean: float
    deviation: float | None
    """The sample standard deviation (n - 1); None of one run. The paper does not say which one it prints."""
    runs: int


def over_seeds(figures: Sequence[float]) -> Spread:
    """Mean and deviation of a figure over at least one run.

    >>> over_seeds([61.0, 62.0, 63.0])
    Spread(mean=62.0, deviation=1.0, runs=3)
    """
    return Spread(fmean(figures), stdev(figures) if len(figures) > 1 else None, len(figures))


def bootstrap(
    values: Sequence[float] | Floats, *, samples: int = SAMPLES, level: float = LEVEL, seed: int = 0
) -> Interval:
    """The interval of the mean of values (N,): scores of examples, or differences of two systems' scores."""
    column = np.asarray(values, dtype=np.float64)[:, None]
    return percentiles(resampled_means(column, samples=samples, seed=seed)[:, 0], level)


def crossed_bootstrap(
    values: Floats, *, samples: int = SAMPLES, level: float = LEVEL, seed: int = 0
) -> Interval:
    """The interval of the mean of values (runs, questions) where both might have been others.

    Each draw takes as many questions as there are, and as many runs, with replacement and independently of each other
    (Owen, "The pigeonhole bootstrap", 2007, https://doi.org/10.1214/07-AOAS122). Of few runs it is too narrow: three
    seeds show little of what seeds can do. Of one run it is that of `bootstrap`.

    Raises:
        ValueError: no runs or questions, or another shape.
    """
    of_runs = resampled_means(values.T, samples=samples, seed=seed)
    chosen = np.random.default_rng([seed, 1]).integers(0, len(values), size=(samples, len(values)))
    return percentiles(np.take_along_axis(of_runs, chosen, axis=1).mean(axis=1), level)


def percentiles(figures: Floats, level: float = LEVEL) -> Interval:
    """The interval between the percentiles that leave (1 - level) / 2 of the figures (samples,) on either side.

    >>> percentiles(np.arange(101.0), level=0.5)
    Interval(low=25.0, high=75.0, level=0.5)
    """
    known = figures[~np.isnan(figures)]
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)


def resampled_means(values: Floats, *, samples: int = SAMPLES, seed: int = 0) -> Floats:
    """The mean of each column of `values` (questions, columns) in each draw of questions: (samples, columns).

    NaN is a question that a column does not have; a column without a question in a draw has the mean NaN there. All
    columns see the same draws, so that figures made of several columns can be made of the result.

    Raises:
        ValueError: no questions, or another shape.
    """
    if values.ndim != 2 or not len(values):
        raise ValueError(f"values need the shape (questions, columns) with questions, not {values.shape}")
    absent = np.isnan(values)
    filled, present = np.where(absent, 0.0, values), (~absent).astype(np.float64)
    means = np.empty((samples, values.shape[1]))
    with np.errstate(invalid="ignore"):
        for start, times in _draws(len(values), samples, seed):
            means[start : start + len(times)] = (times @ filled) / (times @ present)
    return means


def transfer_intervals(
    pairs: Sequence[Pair],
    scores: Sequence[PairScore],
    *,
    statistic: str = "f1",
    samples: int = SAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> TransferIntervals:
    """Intervals of a benchmark's `f1` or `exact_match` by pair, of G-XLT and of XLT.

    Examples of one id are one question in several languages. A draw that leaves a pair without questions counts
    without that pair; on a benchmark of some hundred questions there is none.
    """
    means = resampled_means(question_table(pairs, scores, statistic), samples=samples, seed=seed)
    contexts = np.array([pair.context_language for pair in pairs])
    own = contexts == np.array([pair.question_language for pair in pairs])
    return TransferIntervals(
        by_pair={
            (pair.context_language, pair.question_language): percentiles(means[:, place], level)
            for place, pair in enumerate(pairs)
        },
        by_context={
            str(code): percentiles(_row_means(means[:, contexts == code]), level)
            for code in np.unique(contexts)
        },
        overall=percentiles(_row_means(means), level),
        xlt=percentiles(_row_means(means[:, own]), level) if own.any() else None,
    )


def question_table(pairs: Sequence[Pair], scores: Sequence[PairScore], statistic: str = "f1") -> Floats:
    """A benchmark's statistics in percent as (questions, pairs): a row per id, NaN where a pair lacks it."""
    rows: dict[str, int] = {}
    for pair in pairs:
        for example in pair.examples:
            rows.setdefault(example.id, len(rows))
    table = np.full((len(rows), len(pairs)), np.nan)
    for column, (pair, score) in enumerate(zip(pairs, scores, strict=True)):
        places = [rows[example.id] for example in pair.examples]
        table[places, column] = [100.0 * getattr(one, statistic) for one in score.statistics]
    return table


def _draws(questions: int, samples: int, seed: int) -> Iterator[tuple[int, Floats]]:
    """How often each question is in each draw, (chunk, questions), with the number of the chunk's first draw."""
    random = np.random.default_rng(seed)
    chunk = max(1, _CHUNK_CELLS // questions)
    for start in range(0, samples, chunk):
        draws = min(chunk, samples - start)
        chosen = random.integers(0, questions, size=(draws, questions))
        chosen += np.arange(draws)[:, None] * questions
        times = np.bincount(chosen.ravel(), minlength=draws * questions)
        yield start, times.reshape(draws, questions).astype(np.float64)


def _row_means(means: Floats) -> Floats:
    """Means over the columns that are not NaN; NaN of none."""
    known = ~np.isnan(means)
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(known, means, 0.0).sum(axis=1) / known.sum(axis=1)
    return found
