"""Projected answers measured against the answers that people gave for the same questions in the target language."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.examples import Answer
from tasks.projection.signals import overlap
from tasks.scoring.metrics import Metric, exact_match, f1


@dataclass(frozen=True, slots=True)
class ProjectionScore:
    """Shares between 0 and 1; all but `kept_share` are means over the answers that were kept.

    `char_f1` and `exact_offsets` are None where the answers stand in different contexts (after machine translation).
    """

    total: int
    kept: int
    f1: float
    exact_match: float
    char_f1: float | None
    exact_offsets: float | None

    @property
    def kept_share(self) -> float:
        """The yield: kept of all."""
        return self.kept / self.total if self.total else 0.0

    def to_json(self) -> dict[str, float | int | None]:
        """As `silverspan project-eval` prints it; `yield` is `kept_share`."""
        return {
            "yield": self.kept_share,
            "f1": self.f1,
            "exact_match": self.exact_match,
            "char_f1": self.char_f1,
            "exact_offsets": self.exact_offsets,
            "total": self.total,
        }


def evaluate(
    projected: Sequence[Answer | None], gold: Sequence[Answer], language: str, *, same_context: bool
) -> ProjectionScore:
    """Compare projected answers with human ones, pairwise.

    Args:
        projected: the answers that a rule kept, None for those that it rejected.
        gold: the human answers to the same questions, in the same order.
        language: of both; the token F1 and exact match are MLQA's for it.
        same_context: whether both stand in the same text, so that offsets can be compared.

    Raises:
        ValueError: the two are not equally many.
    """
    pairs = [(ours, theirs) for ours, theirs in zip(projected, gold, strict=True) if ours is not None]
    overlaps = [overlap(ours.span, theirs.span) for ours, theirs in pairs] if same_context else None
    return ProjectionScore(
        total=len(gold),
        kept=len(pairs),
        f1=_mean([f1(ours.text, [theirs.text], Metric.MLQA, language) for ours, theirs in pairs]),
        exact_match=_mean(
            [exact_match(ours.text, [theirs.text], Metric.MLQA, language) for ours, theirs in pairs]
        ),
        char_f1=None if overlaps is None else _mean(overlaps),
        exact_offsets=None if overlaps is None else _mean([float(share == 1.0) for share in overlaps]),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
