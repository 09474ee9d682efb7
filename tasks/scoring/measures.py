"""What a reader of a grid is measured by, beside its answers: what its losses optimise, and what its inside tells.

A training that is broken may answer as well as a sound one (G-XLT hardly sees language-adversarial training at all):
it is seen by what its objective moves. Every measure has a name for plans, words for people, and the smallest
difference that says anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LAST_STEPS = 50
"""A loss at the end of a training is its mean over so many steps, each a batch: one of them says little."""

Curve = Sequence[tuple[int, float]]
"""(step, mean since the point before)."""


class Measure(StrEnum):
    """What is measured, as plans name it."""

    G_XLT = "g-xlt"
    XLT = "xlt"
    AGREEMENT = "agreement"
    RETRIEVAL = "retrieval"
    ANGLE = "angle"
    PROBE = "probe"
    CONFUSION = "confusion"
    CONFUSION_PEAK = "confusion-peak"
    DISCRIMINATOR = "discriminator"
    SAME_ANSWER = "same-answer"
    SIMILARITY = "similarity"
    ROWS = "rows"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class About:
    """What people are told of a measure; `resolution` is the smallest difference that tells two readers apart."""

    title: str
    meaning: str
    resolution: float
    decimals: int = 1


F1_POINTS = 2.0
"""Two seeds of one system often lie a point apart."""

ABOUT: dict[Measure, About] = {
    Measure.G_XLT: About(
        "G-XLT F1, %", "answers, the mean over all pairs of question and context language", F1_POINTS
    ),
    Measure.XLT: About("XLT F1, %", "answers with question and context in one language", F1_POINTS),
    Measure.AGREEMENT: About(
        "agreement, %", "how often a translated question gets the answer that its English one gets", F1_POINTS
    ),
    Measure.RETRIEVAL: About(
        "retrieval, %", "how often the nearest question of another language is the translation", 2.0
    ),
    Measure.ANGLE: About(
        "angle, degrees",
        "between the vectors of a question and of its translation, from their mean cosine",
        1.0,
    ),
    Measure.PROBE: About(
        "probe, %", "how often a linear probe reads the language from a question's vector", 5.0
    ),
    Measure.CONFUSION: About(
        "KL of the discriminator, nats",
        "L_adv (Eq. 4) over the last 50 batches: 0 where the discriminator can but guess the language",
        0.05,
        3,
    ),
    Measure.CONFUSION_PEAK: About(
        "highest KL of the discriminator, nats",
        "the highest point of L_adv: a reader that reveals the language drives it up, until the discriminator gives up",
        0.1,
        3,
    ),
    Measure.DISCRIMINATOR: About(
        "discriminator right, %", "how often it told the language, over the last 50 batches", 5.0
    ),
    Measure.SAME_ANSWER: About("L_PSA, nats", "Eq. 5 over the last 50 batches, times its weight", 0.05, 3),
    Measure.SIMILARITY: About("L_QS", "Eq. 6 over the last 50 batches, times its weight", 0.02, 3),
    Measure.ROWS: About("rows", "rows of training data that trained", 1.0, 0),
    Measure.STEPS: About(
        "batches", "batches of the training; some systems make several updates on each", 1.0, 0
    ),
}

CURVES = {
    "adversarial": (Measure.CONFUSION, 1.0),
    "discriminator_accuracy": (Measure.DISCRIMINATOR, 100.0),
    "same_answer": (Measure.SAME_ANSWER, 1.0),
    "similarity": (Measure.SIMILARITY, 1.0),
}
"""Which of a training's curves is which measure, and by what it is multiplied."""


@dataclass(frozen=True, slots=True)
class Training:
    """What a training tells of itself that its reader is measured by."""

    rows: int
    steps: int
    seconds: float
    losses: Mapping[str, Curve]

    def measures(self) -> dict[Measure, float]:
        """The curves at the end, and how much was trained."""
        found = {
            measure: factor * at_the_end(self.losses[name])
            for name, (measure, factor) in CURVES.items()
            if self.losses.get(name)
        }
        if confusion := self.losses.get("adversarial"):
            found[Measure.CONFUSION_PEAK] = max(value for _, value in confusion)
        return {**found, Measure.ROWS: float(self.rows), Measure.STEPS: float(self.steps)}


def at_the_end(curve: Curve, steps: int = LAST_STEPS) -> float:
    """The mean over the last steps of a curve whose points are means since the point before.

    A point of which only a part belongs to the last steps counts by that part, as if it had been even throughout.

    >>> at_the_end([(50, 9.0), (75, 1.0), (100, 2.0)])
    1.5
    """
    end = curve[-1][0]
    weighed = total = 0.0
    before = 0
    for step, value in curve:
        share = max(0, step - max(before, end - steps))
        weighed, total, before = weighed + share * value, total + share, step
    return weighed / total
