"""Two systems on the same questions: whose figures are higher, by how much, and whether chance could have done it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from tasks.scoring.intervals import LEVEL, SAMPLES, Interval, bootstrap
from tasks.scoring.metrics import Metric
from tasks.scoring.score import Score, Statistic, aggregate, signature
from tasks.scoring.significance import PERMUTATIONS, Significance, randomisation_test


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of both systems, in percent, and of a minus b the bootstrap interval and Fisher's test."""

    a: float
    b: float
    interval: Interval
    test: Significance

    @property
    def difference(self) -> float:
        """a minus b, in points."""
        return self.a - self.b

    def sentence(self, name: str) -> str:
        """The difference in one line, for people."""
        bounds = f"{self.interval.level:.0%} interval {self.interval.low:+.2f} to {self.interval.high:+.2f}"
        p_value = f"p = {self.test.p_value:.4f}" if self.test.p_value >= 0.0001 else "p < 0.0001"
        return f"{name}: a {self.a:.2f}, b {self.b:.2f}, a - b {self.difference:+.2f} ({bounds}), {p_value}"

    def to_json(self) -> dict[str, object]:
        """The figures, unrounded; `exact` tells that every permutation was counted."""
        return {
            "a": self.a,
            "b": self.b,
            "difference": self.difference,
            "interval": asdict(self.interval),
            "p_value": self.test.p_value,
            "exact": self.test.exact,
            "changed": self.test.changed,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both systems' scores, and what lies between them."""

    a: Score
    b: Score
    f1: Difference
    exact_match: Difference
    signature: str

    def to_json(self) -> dict[str, object]:
        """What `silverspan compare --json` ends with."""
        return {
            "f1": self.f1.to_json(),
            "exact_match": self.exact_match.to_json(),
            "total": self.a.total,
            "signature": self.signature,
        }


def compare(
    a: Sequence[Statistic],
    b: Sequence[Statistic],
    *,
    metric: Metric,
    language: str,
    permutations: int = PERMUTATIONS,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare two systems by their statistics of the same examples in the same order.

    F1 and exact match are tested each on its own; the two p-values are of one comparison and are not corrected.

    Raises:
        InputError: there are no examples.
    """
    scores = [aggregate(side, metric=metric, language=language) for side in (a, b)]
    differences = []
    for name in ("f1", "exact_match"):
        first, second = (np.array([getattr(one, name) for one in side]) for side in (a, b))
        differences.append(
            Difference(
                getattr(scores[0], name),
                getattr(scores[1], name),
                bootstrap(100.0 * (first - second), samples=samples, seed=seed),
                randomisation_test(first, second, permutations=permutations, seed=seed),
            )
        )
    text = f"{signature(metric, [language], len(a))}|{method(permutations, samples, seed)}"
    return Comparison(scores[0], scores[1], differences[0], differences[1], text)


def method(permutations: int = PERMUTATIONS, samples: int = SAMPLES, seed: int = 0) -> str:
    """The part of a signature that tells how p-values and intervals were made.

    >>> method()
    'test:fisher|permutations:10000|interval:bootstrap|level:0.95|samples:2000|seed:0'
    """
    test, interval = f"test:fisher|permutations:{permutations}", f"interval:bootstrap|level:{LEVEL}"
    return f"{test}|{interval}|samples:{samples}|seed:{seed}"
