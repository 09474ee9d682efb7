"""What a pre-training is told."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from model.fields import OPERATIONAL, Spec, check

PRETRAINING_LOGIC = 1
"""Raised whenever the same spec would give another encoder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainSpec(Spec):
    """One encoder of a made-up world, pre-trained on texts of each of its languages, never on two at once."""

    job: ClassVar[str] = "pretrain"
    logic: ClassVar[int] = PRETRAINING_LOGIC

    world: str
    """What names the content of the corpus and of the vocabulary."""
    corpus: str = field(metadata=OPERATIONAL)
    """Parquet with the columns of `model.pretraining.corpus`."""
    vocabulary: str = field(metadata=OPERATIONAL)
    """JSON: pairs of a word and the number of its concept, -1 for words that all languages share."""
    output: str = field(metadata=OPERATIONAL)
    """A folder that is new or empty."""
    seed: int = 0
    alignment: float = 0.3
    """rho: the share of the variance of a word's first vector that is its concept's, the same in all languages."""
    steps: int = 500
    batch_size: int = 48
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    masked_weight: float = 0.05
    """Of masked language modelling, beside the selection of recurring spans."""
    checkpoints: str = field(default="", metadata=OPERATIONAL)
    """A folder for checkpoints, from which a retry goes on; by default `<output>.checkpoints`."""
    checkpoint_interval: int = field(default=100, metadata=OPERATIONAL)
    """Steps between two checkpoints."""
    device: str = field(default="auto", metadata=OPERATIONAL)
    threads: int = field(default=1, metadata=OPERATIONAL)

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "checkpoint_interval"):
            check(name, getattr(self, name) >= 1, "must be at least 1")
        for name in ("seed", "threads"):
            check(name, 0 <= getattr(self, name) < 2**63, "must not be negative")
        check("alignment", 0 <= self.alignment <= 1, "must be between 0 and 1")
        check("learning_rate", 0 < self.learning_rate < math.inf, "must be a positive number")
        for name in ("weight_decay", "masked_weight"):
            check(name, 0 <= getattr(self, name) < math.inf, "must not be negative")
