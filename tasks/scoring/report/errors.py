"""The questions on which two systems part (Sec. 4.5), few enough for a page, from every pair of languages."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from tasks.scoring.error_analysis import Contrast, contrasts
from tasks.scoring.report.data import ReportData, Run
from tasks.scoring.tables import label

SHOWN = 240
"""About so many examples are shown on a page, over all orders of systems."""


@dataclass(frozen=True, slots=True)
class Parting:
    """Where `better` is right and `poorer` wrong: how often by pair of languages, and the clearest examples."""

    better: str
    poorer: str
    counts: dict[tuple[str, str], int]
    """By (context language, question language)."""
    shown: Sequence[Contrast]

    @property
    def total(self) -> int:
        """Over all pairs of languages."""
        return sum(self.counts.values())

    def to_json(self) -> dict[str, object]:
        """The counts, and the examples in full."""
        return {
            "better": self.better,
            "poorer": self.poorer,
            "total": self.total,
            "by_pair": {f"{context}/{question}": n for (context, question), n in self.counts.items()},
            "examples": [one.to_json() for one in self.shown],
        }


def partings(data: ReportData) -> list[Parting]:
    """Each further system beside the first, both ways round; of several seeds the first run speaks."""
    first, *others = (runs[0] for runs in data.systems.values())
    orders = [order for other in others for order in permutations((other, first))]
    return [_parting(data, better, poorer, SHOWN // len(orders)) for better, poorer in orders]


def from_every_pair(ranked: Sequence[Contrast], count: int) -> list[Contrast]:
    """Of ranked examples so many that the pairs of languages take turns, each with its best; the rank stays."""
    seen: Counter[tuple[str, str]] = Counter()
    turns = []
    for rank, one in enumerate(ranked):
        languages = (one.context_language, one.question_language)
        turns.append((seen[languages], rank))
        seen[languages] += 1
    return [ranked[rank] for rank in sorted(rank for _, rank in sorted(turns)[:count])]


def _parting(data: ReportData, better: Run, poorer: Run, count: int) -> Parting:
    ranked = contrasts(data.pairs, better.answers, poorer.answers, seed=data.seed)
    counts = Counter((one.context_language, one.question_language) for one in ranked)
    return Parting(
        label(better.system),
        label(poorer.system),
        dict(sorted(counts.items())),
        from_every_pair(ranked, max(1, count)),
    )
