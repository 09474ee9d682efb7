"""The figures of a method on the rows of a trial."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from storage.examples import Span
from tasks.projection.curves import PAPER_YIELD, YIELDS, Point, yield_curve
from tasks.projection.signals import overlap
from tasks.projection.trials.methods import Sightings
from tasks.projection.trials.rows import Row
from tasks.scoring.metrics import Metric, Tokens, token_f1, tokenizer

SHARES = tuple(sorted({*YIELDS, PAPER_YIELD, 0.995}))
"""The yields at which a curve is printed."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a method is worth; all but `kept` and `total` are means between 0 and 1.

    `f1` and `exact_match` (MLQA's, of the target language), `char_f1` and `exact_offsets` are over the kept rows;
    `regret` is what the kept and lost rows together score below the best span of the same translation; `split_f1` is
    over the rows whose tags came back in several pieces, lost ones counting 0. None: there are no such rows, or the
    human answer stands in another text.
    """

    total: int
    kept: int
    f1: float
    exact_match: float
    char_f1: float | None
    exact_offsets: float | None
    regret: float | None
    split_f1: float | None
    curve: list[Point]

    def to_json(self) -> dict[str, Any]:
        """As `silverspan project-eval` prints it; `yield` is the share that was kept."""
        fields = asdict(self)
        fields["curve"] = [{"yield": kept, "f1": f1} for kept, f1 in self.curve]
        return {"yield": self.kept / self.total if self.total else 0.0, **fields}


class Judge:
    """Scores spans against human answers, each text normalised once.

    Args:
        language: of the translations.
        same_context: whether the human answers stand in the very texts that are searched, so that offsets compare.
    """

    def __init__(self, language: str, *, same_context: bool) -> None:
        self.same_context = same_context
        self._tokenize = tokenizer(Metric.MLQA, language)
        self._tokens: dict[str, Tokens] = {}
        self._best: dict[tuple[str, str], float] = {}

    def f1(self, row: Row, span: Span) -> float:
        """The token F1 of a span of the row's translation, 0 to 1."""
        return token_f1(self.tokens(text_of(row, span)), self.tokens(row.gold.text))

    def exact_match(self, row: Row, span: Span) -> bool:
        """Whether the span has the tokens of the human answer."""
        return self.tokens(text_of(row, span)) == self.tokens(row.gold.text)

    def best(self, row: Row) -> float:
        """The best F1 of any run of tokens of the row's translation: what no projection can exceed."""
        if row.case is None:
            return 0.0
        key = row.case.text, row.gold.text
        if key not in self._best:
            self._best[key] = self._searched(*key)
        return self._best[key]

    def tokens(self, text: str) -> Tokens:
        """The normalised tokens of a text."""
        if text not in self._tokens:
            self._tokens[text] = self._tokenize(text)
        return self._tokens[text]

    def _searched(self, text: str, gold: str) -> float:
        wanted, tokens = self.tokens(gold), self.tokens(text)
        best = 0.0
        for start, first in enumerate(tokens):
            for end in range(start + 1, len(tokens) + 1 if first in wanted else 0):
                # Were every token of the answer among so many, they would still score no more than this.
                if 2 * len(wanted) / (end - start + len(wanted)) <= best:
                    break
                best = max(best, token_f1(tokens[start:end], wanted))
        return best


def figures(rows: Sequence[Row], found: Sightings, judge: Judge, *, regret: bool = True) -> Figures:
    """The figures of one method.

    Args:
        rows: of the trial.
        found: what the method sees, row by row.
        judge: of the target language.
        regret: whether the best span of every translation is to be searched for (some seconds).
    """
    kept = [(row, seen) for row, seen in zip(rows, found, strict=True) if seen]
    f1 = [judge.f1(row, seen.span) for row, seen in kept]
    score = dict(zip((row.id for row, _ in kept), f1, strict=True))
    overlaps = [overlap(seen.span, row.gold.span) for row, seen in kept] if judge.same_context else None
    split = [score.get(row.id, 0.0) for row in rows if row.case and len(row.case.pieces) > 1]
    return Figures(
        total=len(rows),
        kept=len(kept),
        f1=_mean(f1) or 0.0,
        exact_match=_mean([float(judge.exact_match(row, seen.span)) for row, seen in kept]) or 0.0,
        char_f1=None if overlaps is None else _mean(overlaps),
        exact_offsets=None if overlaps is None else _mean([float(part == 1.0) for part in overlaps]),
        regret=_mean([judge.best(row) - score.get(row.id, 0.0) for row in rows]) if regret else None,
        split_f1=_mean(split),
        curve=yield_curve([seen.score for _, seen in kept], f1, total=len(rows), shares=SHARES),
    )


def text_of(row: Row, span: Span) -> str:
    """What stands at a span of the row's translation."""
    return row.case.text[span.start : span.end] if row.case else ""


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
