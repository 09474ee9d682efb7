"""The figures of each system over its seeds: scores, intervals, breakdowns, and what was odd about its predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

from tasks.scoring.benchmarks import Pair
from tasks.scoring.breakdown import Part, breakdowns
from tasks.scoring.error_analysis import Answers
from tasks.scoring.intervals import Spread, TransferIntervals, over_seeds, transfer_intervals
from tasks.scoring.predictions import Faults
from tasks.scoring.report.data import ReportData, Run
from tasks.scoring.score import PairScore, Score, Statistic
from tasks.scoring.tables import label
from tasks.scoring.transfer import PairFigures, Transfer, exact_match_by_pair, f1_by_pair, transfer

CONTEXTS = "context language"

SHOWN_BREAKDOWNS = ("question type", "answer length", "context length", CONTEXTS, "question language")
"""Language pairs have a table of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemFigures:
    """What a system reached, over its runs. `scores` are of each example the mean over the runs."""

    system: str
    runs: Sequence[Run]
    scores: Sequence[PairScore]
    f1: Transfer
    exact_match: Transfer
    f1_intervals: TransferIntervals
    exact_match_intervals: TransferIntervals
    f1_spread: Spread
    exact_match_spread: Spread
    xlt_spread: Spread | None
    breakdowns: Mapping[str, Sequence[Part]]

    @property
    def label(self) -> str:
        """The system as the paper writes it."""
        return label(self.system)

    @property
    def pair_figures(self) -> PairFigures:
        """The F1 of each (context language, question language)."""
        return f1_by_pair(self.scores)

    def to_json(self) -> dict[str, object]:
        """All of it, unrounded."""
        return {
            "system": self.system,
            "label": self.label,
            "f1": asdict(self.f1_spread),
            "exact_match": asdict(self.exact_match_spread),
            "xlt_f1": None if self.xlt_spread is None else asdict(self.xlt_spread),
            "f1_by_context": dict(self.f1.by_context),
            "exact_match_by_context": dict(self.exact_match.by_context),
            "intervals": {
                "f1": intervals_json(self.f1_intervals),
                "exact_match": intervals_json(self.exact_match_intervals),
            },
            "breakdowns": {name: [asdict(part) for part in parts] for name, parts in self.breakdowns.items()},
            "runs": [run_json(run) for run in self.runs],
        }


def system_figures(data: ReportData) -> list[SystemFigures]:
    """The figures of every system, in the order of the report."""
    return [_figures(name, runs, data) for name, runs in data.systems.items()]


def mean_scores(runs: Sequence[Sequence[PairScore]]) -> list[PairScore]:
    """The scores of several runs on the same pairs: of each example the mean, and what these means add up to."""
    return [_mean_pair(scores) for scores in zip(*runs, strict=True)]


def run_json(run: Run) -> dict[str, object]:
    """One reader's own figures."""
    scores = run.answers.scores
    f1, exact_match = transfer(f1_by_pair(scores)), transfer(exact_match_by_pair(scores))
    return {
        "model": run.model_id,
        "seed": run.seed,
        "snapshot": run.snapshot_id,
        "plumbing": run.plumbing,
        "f1": f1.overall,
        "exact_match": exact_match.overall,
        "xlt_f1": f1.xlt,
        "xlt_exact_match": exact_match.xlt,
        "f1_by_context": dict(f1.by_context),
        "pairs": [pair_json(score) for score in scores],
        "loss": [[step, loss] for step, loss in run.curve],
        "recipe": dict(run.recipe),
    }


def pair_json(score: PairScore) -> dict[str, object]:
    """The score of one pair with its languages."""
    languages = {"context_language": score.context_language, "question_language": score.question_language}
    return {**languages, **score.score.to_json()}


def intervals_json(found: TransferIntervals) -> dict[str, object]:
    """Intervals by name; a pair is named `context/question`."""
    return {
        "overall": asdict(found.overall),
        "xlt": None if found.xlt is None else asdict(found.xlt),
        "by_context": {code: asdict(interval) for code, interval in found.by_context.items()},
        "by_pair": {f"{c}/{q}": asdict(interval) for (c, q), interval in found.by_pair.items()},
    }


def prediction_faults(pairs: Sequence[Pair], answers: Answers) -> Faults:
    """What is odd about a reader's answers; questions are named by pair and id."""
    asked = [(pair.name, example.id) for pair in pairs for example in pair.examples]
    known = set(asked)
    return Faults(
        missing=tuple("/".join(key) for key in asked if key not in answers.texts),
        extra=tuple("/".join(key) for key in answers.texts if key not in known),
        empty=tuple(
            "/".join(key) for key in asked if key in answers.texts and not answers.texts[key].strip()
        ),
    )


def _figures(name: str, runs: Sequence[Run], data: ReportData) -> SystemFigures:
    each = [run.answers.scores for run in runs]
    scores = mean_scores(each)
    f1, exact_match = transfer(f1_by_pair(scores)), transfer(exact_match_by_pair(scores))
    of_runs = [transfer(f1_by_pair(one)) for one in each]
    xlt = [one.xlt for one in of_runs if one.xlt is not None]
    return SystemFigures(
        system=name,
        runs=runs,
        scores=scores,
        f1=f1,
        exact_match=exact_match,
        f1_intervals=transfer_intervals(data.pairs, scores, seed=data.seed),
        exact_match_intervals=transfer_intervals(data.pairs, scores, statistic="exact_match", seed=data.seed),
        f1_spread=over_seeds([one.overall for one in of_runs]),
        exact_match_spread=over_seeds([transfer(exact_match_by_pair(one)).overall for one in each]),
        xlt_spread=over_seeds(xlt) if xlt else None,
        breakdowns={
            name: parts for name, parts in breakdowns(data.pairs, scores).items() if name in SHOWN_BREAKDOWNS
        },
    )


def _mean_pair(scores: Sequence[PairScore]) -> PairScore:
    first = scores[0]
    if len(scores) == 1:
        return first
    statistics = [
        Statistic(
            fmean(s.exact_match for s in each), fmean(s.f1 for s in each), all(s.answered for s in each)
        )
        for each in zip(*(score.statistics for score in scores), strict=True)
    ]
    score = Score(
        fmean(s.score.exact_match for s in scores),
        fmean(s.score.f1 for s in scores),
        first.score.total,
        max(s.score.missing for s in scores),
        first.score.signature,
    )
    return PairScore(first.context_language, first.question_language, score, statistics)
