"""Trainings that are broken on purpose: twins of the sound ones, by which one sees what a report can tell."""

from enum import StrEnum

from model.systems import Objective


class Ablation(StrEnum):
    """What is wrong with a training. A loss that is off needs none of these: its weight is 0."""

    NONE = ""
    ANSWERS_SHIFTED = "answers-shifted"
    """L_QA's gold answers stand one token further on than they do."""
    ADVERSARIAL_FLIPPED = "adversarial-flipped"
    """The reader maximises L_adv: it reveals the language."""
    SAME_ANSWER_FLIPPED = "same-answer-flipped"
    """The reader maximises L_PSA."""
    SIMILARITY_FLIPPED = "similarity-flipped"
    """The reader maximises L_QS."""
    LABELS_UNSHIFTED = "labels-unshifted"
    """L_PSA's labels are positions in the English sequence, whatever the lengths of the two questions."""


_SAME_ANSWER = (Ablation.SAME_ANSWER_FLIPPED, Ablation.LABELS_UNSHIFTED)

ABLATIONS_OF: dict[Objective, tuple[Ablation, ...]] = {
    Objective.EXTRACTION: (Ablation.ANSWERS_SHIFTED,),
    Objective.ADVERSARIAL: (Ablation.ADVERSARIAL_FLIPPED,),
    Objective.SAME_ANSWER: _SAME_ANSWER,
    Objective.SAME_ANSWER_SIMILARITY: (*_SAME_ANSWER, Ablation.SIMILARITY_FLIPPED),
}
"""Those that an objective can have."""


def sign(ablation: Ablation, flipped: Ablation) -> int:
    """-1 where this is the ablation, else 1: what the weight of a loss is multiplied by."""
    return -1 if ablation is flipped else 1
