"""The same `Alignment` from a multilingual encoder: where its weights are at hand, no pairs of texts are needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tasks.projection.alignment.aligner import Alignment, Pair
from tasks.projection.alignment.words import Words, words

Floats = npt.NDArray[np.float32]
Ranges = npt.NDArray[np.int32]


class Encoder(Protocol):
    """What `model.align.Encoder` does; this room knows no torch."""

    def links(
        self, source: str, source_words: Ranges, target: str, target_words: Ranges
    ) -> tuple[Floats, Floats]:
        """(S, T) each: which source words a target word is linked with, and the reverse."""
        ...


@dataclass(frozen=True, slots=True)
class NeuralAligner:
    """Aligns as `tasks.projection.alignment.aligner.Aligner` does."""

    encoder: Encoder
    source: str = ""
    target: str = ""

    def align(self, source_text: str, target_text: str) -> Alignment:
        """One pair of a text and its translation."""
        one, other = words(source_text, self.source), words(target_text, self.target)
        return Alignment(one, other, *self.encoder.links(one.text, _ranges(one), other.text, _ranges(other)))

    def align_many(self, pairs: Sequence[Pair]) -> list[Alignment]:
        """Every pair, in order."""
        return [self.align(*pair) for pair in pairs]


def _ranges(text: Words) -> Ranges:
    return np.stack([text.starts, text.ends], axis=1)
