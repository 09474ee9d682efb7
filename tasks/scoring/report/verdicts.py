"""Whether one system is better than another: Fisher's test on what the report shows, corrected by Holm.

What is tested is the figure itself: every example is weighed so that the difference of the weighed scores is the
difference of the two G-XLT (or XLT) figures, where every pair of languages counts the same. The translations of one
question are dealt out together, since they are no independent witnesses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from tasks.scoring.benchmarks import Pair
from tasks.scoring.intervals import Floats, Interval, bootstrap, question_table
from tasks.scoring.report.data import ReportData, Run
from tasks.scoring.report.figures import SystemFigures
from tasks.scoring.score import PairScore
from tasks.scoring.significance import Significance, holm, randomisation_test

LEVEL = 0.05
"""A corrected p-value below it is called a difference."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two systems' (or two seeds') figures of one kind in percent, and what is to be thought of their difference.

    `corrected` is the p-value corrected for all comparisons of the same family.
    """

    family: str
    figure: str
    a: str
    b: str
    a_score: float
    b_score: float
    interval: Interval
    test: Significance
    corrected: float

    @property
    def difference(self) -> float:
        """a minus b, in points."""
        return self.a_score - self.b_score

    @property
    def significant(self) -> bool:
        """Whether chance alone would hardly have done it."""
        return self.corrected < LEVEL

    def to_json(self) -> dict[str, object]:
        """The figures, unrounded; `exact` tells that every permutation was counted."""
        return {
            "family": self.family,
            "figure": self.figure,
            "a": self.a,
            "b": self.b,
            "a_score": self.a_score,
            "b_score": self.b_score,
            "difference": self.difference,
            "interval": asdict(self.interval),
            "p_value": self.test.p_value,
            "p_holm": self.corrected,
            "exact": self.test.exact,
            "permutations": self.test.permutations,
            "seed": self.test.seed,
        }


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a comparison: a table (questions, pairs) of statistics in percent, NaN where there is none."""

    name: str
    tables: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class _Figure:
    """What is compared: a mean over some of the pairs (columns) of one statistic."""

    name: str
    statistic: str
    columns: npt.NDArray[np.bool_]


def verdicts(data: ReportData, systems: Sequence[SystemFigures]) -> list[Verdict]:
    """Every two systems by each figure of the whole benchmark; then, within each system, every two of its seeds.

    A family is one figure over all pairs of systems, or over all pairs of one system's seeds. What is broken on purpose
    is no member: nobody asks whether it is better, and each further member makes the correction harsher.
    """
    broken = data.inquiry.broken if data.inquiry else ()
    sides = [_side(one.label, data.pairs, one.scores) for one in systems if one.system not in broken]
    found = []
    for figure in _whole(data.pairs):
        found += _family("systems", figure, list(combinations(sides, 2)), data.seed)
        for one in systems:
            seeds = [_side(_seed_name(run), data.pairs, run.answers.scores) for run in one.runs]
            found += _family(f"seeds of {one.label}", figure, list(combinations(seeds, 2)), data.seed)
    return found


def verdicts_by_context(data: ReportData, systems: Sequence[SystemFigures]) -> list[Verdict]:
    """Each further system against the first by the G-XLT F1 of each context language: all of them one family."""
    broken = data.inquiry.broken if data.inquiry else frozenset()
    sides = [_side(one.label, data.pairs, one.scores) for one in systems if one.system not in broken]
    contexts = np.array([pair.context_language for pair in data.pairs])
    languages = sorted(set(contexts.tolist()))
    if len(languages) < 2:
        return []
    measured = [
        (_Figure(code, "f1", contexts == code), side, sides[0]) for side in sides[1:] for code in languages
    ]
    return _corrected("context languages", measured, data.seed)


def _whole(pairs: Sequence[Pair]) -> list[_Figure]:
    """The figures of the whole benchmark."""
    every = np.ones(len(pairs), dtype=bool)
    own = np.array([pair.context_language == pair.question_language for pair in pairs])
    if own.all() or not own.any():
        return [_Figure("F1", "f1", every), _Figure("exact match", "exact_match", every)]
    return [
        _Figure("G-XLT F1", "f1", every),
        _Figure("XLT F1", "f1", own),
        _Figure("G-XLT exact match", "exact_match", every),
    ]


def _side(name: str, pairs: Sequence[Pair], scores: Sequence[PairScore]) -> _Side:
    return _Side(name, {kind: question_table(pairs, scores, kind) for kind in ("f1", "exact_match")})


def _seed_name(run: Run) -> str:
    return run.model_id if run.seed is None else f"seed {run.seed}"


def _family(name: str, figure: _Figure, sides: Sequence[tuple[_Side, _Side]], seed: int) -> list[Verdict]:
    return _corrected(name, [(figure, a, b) for a, b in sides], seed)


def _corrected(family: str, measured: Sequence[tuple[_Figure, _Side, _Side]], seed: int) -> list[Verdict]:
    tests = [_tested(figure, a, b, seed) for figure, a, b in measured]
    corrected = holm([test.p_value for *_, test in tests])
    return [
        Verdict(family, figure.name, a.name, b.name, *scores, interval, test, p_value)
        for (figure, a, b), (scores, interval, test), p_value in zip(measured, tests, corrected, strict=True)
    ]


def _tested(
    figure: _Figure, a: _Side, b: _Side, seed: int
) -> tuple[tuple[float, float], Interval, Significance]:
    first, second = (side.tables[figure.statistic][:, figure.columns] for side in (a, b))
    asked = ~np.isnan(first).all(axis=1)
    shares = question_shares(first[asked]), question_shares(second[asked])
    test = randomisation_test(*shares, seed=seed)
    means = float(shares[0].mean()), float(shares[1].mean())
    return means, bootstrap(shares[0] - shares[1], seed=seed), test


def question_shares(table: Floats) -> Floats:
    """What each question (row) contributes to the mean over the columns of the columns' means, times the rows.

    So the mean of what is returned is that mean: a pair (column) with few questions counts as much as any other.
    """
    counts = (~np.isnan(table)).sum(axis=0)
    weighed = np.where(np.isnan(table), 0.0, table) / counts
    shares: Floats = weighed.sum(axis=1) / table.shape[1] * len(table)
    return shares
