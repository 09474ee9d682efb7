"""May a challenger take the champion's place? Not if it is significantly worse on the same benchmark.

The test is Fisher's randomisation test on F1, the questions of a benchmark dealt out with all their translations
together (`tasks.scoring.significance`). It says *worse* only where chance hardly explains the difference: on a small
benchmark it rarely does, so what is let through there has merely not been shown to be worse.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from tasks.scoring.benchmarks import Pair
from tasks.scoring.metrics import Metric
from tasks.scoring.score import PairScore, overall_signature
from tasks.scoring.significance import PERMUTATIONS, Significance, randomisation_test

LEVEL = 0.05
"""The p-value below which a difference is taken to be none of chance."""


class Promotion(StrEnum):
    """Who decides whether a challenger becomes champion."""

    NEVER = "never"
    """A person has said no: the challenger is measured, and the champion stays."""
    IF_NOT_WORSE = "if-not-worse"
    """The test does."""
    ALWAYS = "always"
    """A person has said yes, whatever the test says."""
    ASK = "ask"
    """A person is asked when the test is known; without an answer the champion stays."""


@dataclass(frozen=True, slots=True)
class Duel:
    """Both readers on the same questions: F1 in percent, and the test of challenger minus champion."""

    challenger_f1: float
    champion_f1: float
    test: Significance
    signature: str

    def worse(self, level: float = LEVEL) -> bool:
        """Whether the challenger is significantly worse."""
        return self.test.difference < 0 and self.test.p_value < level

    def sentence(self, level: float = LEVEL) -> str:
        """What the test says, for people."""
        word = "significantly worse" if self.worse(level) else "not significantly worse"
        points, p_value = 100.0 * self.test.difference, self.test.p_value
        return f"The challenger is {word}: {points:+.2f} points of F1, p = {p_value:.4f}."

    def to_json(self) -> dict[str, Any]:
        """As a plain JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the challenger becomes champion, and why, in one sentence."""

    promoted: bool
    why: str


ALREADY = Decision(False, "The challenger is the champion already.")


def duel(
    pairs: Sequence[Pair], challenger: Sequence[PairScore], champion: Sequence[PairScore], metric: Metric
) -> Duel:
    """The test of two readers on the questions of a benchmark, given their scores of its pairs.

    A question is one unit with all its translations: they share an id.
    """
    ids = [example.id for pair in pairs for example in pair.examples]
    numbers = {example_id: number for number, example_id in enumerate(dict.fromkeys(ids))}
    sides = [
        np.array([one.f1 for score in scores for one in score.statistics])
        for scores in (challenger, champion)
    ]
    test = randomisation_test(*sides, groups=[numbers[example_id] for example_id in ids])
    signature = (
        f"{overall_signature(challenger, metric)}|test:fisher|permutations:{PERMUTATIONS}|seed:{test.seed}"
    )
    return Duel(100.0 * float(sides[0].mean()), 100.0 * float(sides[1].mean()), test, signature)


def decide(
    promotion: Promotion, found: Duel | None, level: float = LEVEL, answer: bool | None = None
) -> Decision:
    """Whether the challenger becomes champion.

    Args:
        promotion: who decides.
        found: the duel; None where there is no champion yet.
        level: below which p-value it counts as worse.
        answer: what the person said who was asked (None: nothing).
    """
    if promotion is Promotion.NEVER:
        return Decision(False, "A person keeps the champion (promote: never).")
    if promotion is Promotion.ALWAYS:
        return Decision(True, "A person wants the challenger (promote: always).")
    if promotion is Promotion.ASK:
        return _answered(answer)
    if found is None:
        return Decision(True, "There was no champion.")
    return Decision(not found.worse(level), found.sentence(level))


def _answered(answer: bool | None) -> Decision:
    if answer is None:
        return Decision(False, "Nobody answered in time, so the champion stays.")
    return Decision(answer, f"The person who was asked said {'yes' if answer else 'no'}.")
