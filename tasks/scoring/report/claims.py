"""What became of a plan's claims: each row against the one that it is said to be better than, and against its controls.

A claim is tested on the seeds that both rows have. The p-value is Fisher's, of each question the mean over the seeds:
it asks whether other questions would have told the same of these readers. What seeds do is seen beside it, in the
difference of each seed and in an interval for which questions and seeds are drawn. All tests of a plan, controls
included, are one family (Holm).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import fmean, stdev

import numpy as np
import numpy.typing as npt

from tasks.scoring.benchmarks import Pair
from tasks.scoring.inquiry import Claim
from tasks.scoring.intervals import Floats, Interval, crossed_bootstrap, question_table
from tasks.scoring.measures import Measure
from tasks.scoring.report.data import ReportData, Run
from tasks.scoring.report.verdicts import LEVEL, question_shares
from tasks.scoring.significance import Significance, holm, randomisation_test


class Finding(StrEnum):
    """What is to be said of a claim."""

    HOLDS = "holds"
    """The difference is significant, and each seed shows it."""
    OPPOSITE = "opposite"
    """The other row is better, significantly and with each seed."""
    UNCERTAIN = "uncertain"
    """Significant over the questions, but not with each seed."""
    NOT_SHOWN = "not-shown"
    """Chance could have done it."""
    NOT_TESTED = "not-tested"
    """The two rows have no seed in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One row against another, in percent and points; `by_seed` are the differences of the seeds that both have."""

    better: str
    than: str
    scores: tuple[float, float]
    by_seed: Mapping[str, float]
    interval: Interval
    """Of the difference, over questions and seeds."""
    test: Significance
    corrected: float
    """The p-value, corrected for all tests of the plan."""

    @property
    def difference(self) -> float:
        """The first less the second, in points."""
        return self.scores[0] - self.scores[1]

    @property
    def deviation(self) -> float | None:
        """Of the differences over the seeds (n - 1)."""
        return stdev(self.by_seed.values()) if len(self.by_seed) > 1 else None

    @property
    def finding(self) -> Finding:
        """What is to be said of the claim that the first is better."""
        if self.corrected >= LEVEL:
            return Finding.NOT_SHOWN
        if len({(one > 0) - (one < 0) for one in self.by_seed.values()}) > 1:
            return Finding.UNCERTAIN
        return Finding.HOLDS if self.difference > 0 else Finding.OPPOSITE

    def to_json(self) -> dict[str, object]:
        """The figures, unrounded."""
        return {
            "better": self.better,
            "than": self.than,
            "scores": list(self.scores),
            "difference": self.difference,
            "by_seed": dict(self.by_seed),
            "deviation": self.deviation,
            "interval": asdict(self.interval),
            "p_value": self.test.p_value,
            "p_holm": self.corrected,
            "exact": self.test.exact,
            "finding": str(self.finding),
        }


@dataclass(frozen=True, slots=True)
class ClaimFound:
    """A claim, and its row against each of the rows that it is held against; None where there is nothing to compare."""

    claim: Claim
    against: tuple[Held | None, ...]

    @property
    def main(self) -> Held | None:
        """Against the row that the claim names."""
        return self.against[0]

    @property
    def controls(self) -> tuple[Held | None, ...]:
        """Against the controls."""
        return self.against[1:]

    @property
    def finding(self) -> Finding:
        """What is to be said of the claim, its controls left out."""
        return self.main.finding if self.main else Finding.NOT_TESTED

    @property
    def withstands(self) -> bool:
        """Whether the claim holds, and against every control as well."""
        return all(one is not None and one.finding is Finding.HOLDS for one in self.against)

    def to_json(self) -> dict[str, object]:
        """The claim, what is to be said of it, and all figures."""
        return {
            **asdict(self.claim),
            "finding": str(self.finding),
            "withstands": self.withstands,
            "against": [one.to_json() if one else None for one in self.against],
        }


def claims_found(data: ReportData, claims: Sequence[Claim]) -> list[ClaimFound]:
    """Every claim tested; equal comparisons of several claims are one test of the family."""
    wanted = [(claim.better, other, claim.figure) for claim in claims for other in claim.others()]
    tested = {one: found for one in dict.fromkeys(wanted) if (found := _tested(data, *one))}
    corrected = holm([test.p_value for *_, test in tested.values()])
    held = {
        key: Held(
            better=key[0],
            than=key[1],
            scores=scores,
            by_seed=by_seed,
            interval=interval,
            test=test,
            corrected=p,
        )
        for (key, (scores, by_seed, interval, test)), p in zip(tested.items(), corrected, strict=True)
    }
    return [
        ClaimFound(claim, tuple(held.get((claim.better, other, claim.figure)) for other in claim.others()))
        for claim in claims
    ]


_Tested = tuple[tuple[float, float], dict[str, float], Interval, Significance]


def _tested(data: ReportData, better: str, than: str, figure: Measure) -> _Tested | None:
    first, second = (_by_seed(data.systems.get(name, ())) for name in (better, than))
    seeds = [seed for seed in first if seed in second]
    if not seeds or not _columns(data.pairs, figure).any():
        return None
    shares = [
        np.array([_shares(data.pairs, side[seed], figure) for seed in seeds]) for side in (first, second)
    ]
    differences = shares[0] - shares[1]
    means = [side.mean(axis=0) for side in shares]
    return (
        (float(means[0].mean()), float(means[1].mean())),
        {seed: fmean(row) for seed, row in zip(seeds, differences.tolist(), strict=True)},
        crossed_bootstrap(differences, seed=data.seed),
        randomisation_test(means[0], means[1], seed=data.seed),
    )


def _by_seed(runs: Sequence[Run]) -> dict[str, Run]:
    """The runs of one row; those that do not know their seed are numbered."""
    return {
        str(run.seed) if run.seed is not None else f"no. {place}": run for place, run in enumerate(runs, 1)
    }


def _shares(pairs: Sequence[Pair], run: Run, figure: Measure) -> Floats:
    """What each question contributes to a figure in percent: their mean is the figure."""
    table = question_table(pairs, run.answers.scores)[:, _columns(pairs, figure)]
    return question_shares(table[~np.isnan(table).all(axis=1)])


def _columns(pairs: Sequence[Pair], figure: Measure) -> npt.NDArray[np.bool_]:
    """Which pairs the figure is a mean over."""
    whole = figure is Measure.G_XLT
    return np.array([whole or pair.context_language == pair.question_language for pair in pairs])
