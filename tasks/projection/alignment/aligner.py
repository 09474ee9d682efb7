"""A statistical word aligner: fitted on pairs of texts, kept as a table, used on those and other pairs."""

import hashlib
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.projection.alignment.bonds import bonds_of
from tasks.projection.alignment.corpus import corpus
from tasks.projection.alignment.model import Model, learn, link
from tasks.projection.alignment.tables import model_of, table_of
from tasks.projection.alignment.words import Words

Floats = npt.NDArray[np.float32]
Pair = tuple[str, str]

_MOST_CHARACTERS = 5_000_000
"""Of both sides of a sample: about what is fitted in a minute, and in two gigabytes."""
_AT_A_TIME = 64
"""Pairs that are aligned together: enough to share the work, few enough for a cache."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The words of a text and of its translation, and how likely each stands for each.

    Attributes:
        source: words of the text, S of them.
        target: words of the translation, T of them.
        forward: (S, T) float32, the posterior that a target word comes from a source word; columns sum to at most 1.
        backward: (S, T) float32, the same in the other direction; rows sum to at most 1.
        bonds: (T + 1,) float32, how closely each target word is bound to the one before it, in nats; empty where
            that is not known.
    """

    source: Words
    target: Words
    forward: Floats
    backward: Floats
    bonds: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def links(self) -> Floats:
        """(S, T) float32 in [0, 1]: the geometric mean of both directions."""
        found: Floats = np.sqrt(self.forward * self.backward)
        return found


@dataclass(frozen=True, slots=True)
class Aligner:
    """What was learnt of two languages; it knows no state but that, and aligns the same texts the same way."""

    source: str
    target: str
    model: Model

    def align(self, source_text: str, target_text: str) -> Alignment:
        """One pair; `align_many` takes less time for each of many."""
        return self.align_many([(source_text, target_text)])[0]

    def align_many(self, pairs: Sequence[Pair]) -> list[Alignment]:
        """Every pair of a text and its translation, in order."""
        parts = (pairs[start : start + _AT_A_TIME] for start in range(0, len(pairs), _AT_A_TIME))
        return [alignment for part in parts for alignment in self._aligned(part)]

    def to_table(self) -> pa.Table:
        """All that was learnt: the same bytes for the same pairs, on any machine of the same kind."""
        return table_of(self.model, self.source, self.target)

    @classmethod
    def from_table(cls, table: pa.Table) -> "Aligner":
        """The inverse of `to_table`.

        Raises:
            ValueError: the table is of another version.
        """
        model, source, target = model_of(table)
        return cls(source, target, model)

    def _aligned(self, pairs: Sequence[Pair]) -> list[Alignment]:
        data = corpus(pairs, self.source, self.target)
        found = [self._unlinked(one, other) for one, other in data.texts]
        if data.beads:
            links = link(self.model, data)
            for number, (pair, bead) in enumerate(data.beads):
                rows = slice(bead.source_start, bead.source_end)
                columns = slice(bead.target_start, bead.target_end)
                found[pair].forward[rows, columns] = data.cells.bead(number, links.forward)
                found[pair].backward[rows, columns] = data.cells.bead(number, links.backward)
        return found

    def _unlinked(self, one: Words, other: Words) -> Alignment:
        forward, backward = np.zeros((2, len(one), len(other)), np.float32)
        return Alignment(one, other, forward, backward, bonds_of(other, self.model.bonds))


def fit(pairs: Sequence[Pair], *, source: str, target: str, seed: int = 0, limit: int = 20_000) -> Aligner:
    """Learn from texts and their translations, and from nothing else.

    Args:
        pairs: (text, translation); paragraphs and questions alike.
        source: language of the texts.
        target: language of the translations.
        seed: of the sample.
        limit: how many of the pairs are used at most, and no more than some megabytes of text; which ones does not
            depend on their order.
    """
    return Aligner(source, target, learn(corpus(_sampled(pairs, limit, seed), source, target)))


def _sampled(pairs: Sequence[Pair], limit: int, seed: int) -> list[Pair]:
    """Sorted by a hash, so that the sums of floats that follow come out the same for the same set of pairs."""

    def place(pair: Pair) -> bytes:
        return hashlib.sha256(f"{seed}\0{pair[0]}\0{pair[1]}".encode("utf-8", "surrogatepass")).digest()

    drawn = heapq.nsmallest(limit, dict.fromkeys(pairs), key=place)
    sizes = accumulate(len(one) + len(other) for one, other in drawn)
    return [pair for pair, size in zip(drawn, sizes, strict=True) if size <= _MOST_CHARACTERS]
