"""A cue that needs no counts: do two words sound alike, or is one of them a sign and the other a word?

How much each degree of likeness says is learnt with the lexicon: a lot between two alphabets, and hardly anything
between English and Chinese, where only numbers and Latin names sound.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tasks.projection.alignment.forms import skeleton
from tasks.projection.alignment.grid import Floats, Grid
from tasks.projection.alignment.lexicon import Ints

Classes = npt.NDArray[np.uint8]

_LEVELS = np.array([0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.98], dtype=np.float32)
_LONGEST = 5
CLASSES = (_LONGEST + 1) * (len(_LEVELS) + 1)
"""Of likeness: by the length of the shorter skeleton (5 and more are one), and by cosine."""

_FIRST_GAINS = (
    3
    * np.outer(np.minimum(np.arange(_LONGEST + 1), 3) / 3, np.arange(len(_LEVELS) + 1) / len(_LEVELS)).ravel()
)
"""What is believed before any text is seen: the more alike, and the longer, the likelier a link."""
_WORTH = 5.0
"""How many links that belief is worth."""

_DIMENSIONS = 512
_AT_A_TIME = 1 << 15
"""Cells that are compared together: what they need fits into a cache."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """How W words sound.

    Attributes:
        bits: (W, 8) uint64, the set of each word's places in a hashed space of 512; none without sound.
        counts: (W,) how many places that are.
        lengths: (W,) of the skeletons.
    """

    bits: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.float32]
    lengths: npt.NDArray[np.int64]


def sounds(words: Sequence[str]) -> Sounds:
    """The sounds of normal words: which bigrams and trigrams their skeletons have, in a hashed space."""
    bones = [skeleton(word) for word in words]
    places = [_places(each) for each in bones]
    flags = np.zeros((len(words), _DIMENSIONS), np.bool_)
    filled = np.repeat(np.arange(len(words)), [len(each) for each in places])
    flags[filled, np.array([place for each in places for place in each], dtype=np.int64)] = True
    bits = np.packbits(flags, axis=1).view(np.uint64)
    lengths = np.array([len(each) for each in bones], dtype=np.int64)
    return Sounds(bits, flags.sum(axis=1, dtype=np.float32), lengths)


def likeness(cells: Grid, source: Sounds, target: Sounds, s: Ints, t: Ints) -> Classes:
    """(N,) the class of every cell.

    What two words share is counted in whole numbers, so that it is the same in whatever company they are; and without
    a product of matrices, whose threads wait for one another on a busy machine.

    Args:
        cells: of the beads.
        source: the distinct source words.
        target: the distinct target words.
        s: (sum of S,) which of them each source word is.
        t: (sum of T,) the same for the target.
    """
    classes = np.empty(cells.offsets[-1], np.uint8)
    for start in range(0, len(classes), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        ours, theirs = s[cells.rows[part]], t[cells.columns[part]]
        shared = np.bitwise_count(source.bits[ours] & target.bits[theirs]).sum(axis=1, dtype=np.float32)
        cosines = shared / np.sqrt(np.maximum(source.counts[ours] * target.counts[theirs], 1))
        shorter = np.minimum(source.lengths[ours], target.lengths[theirs])
        classes[part] = np.minimum(shorter, _LONGEST) * (len(_LEVELS) + 1) + np.digitize(cosines, _LEVELS)
    return classes


def gains(classes: Classes, links: Floats, chance: Floats) -> Floats:
    """(CLASSES,) log of how much more often linked cells are of each class than cells at large.

    Args:
        classes: (N,) of all cells.
        links: (N,) how likely each cell is a link.
        chance: (N,) how likely it would be if nothing were known.
    """
    linked, at_large = np.bincount(classes, links, CLASSES), np.bincount(classes, chance, CLASSES)
    believed = np.exp(_FIRST_GAINS) / np.exp(_FIRST_GAINS).sum()
    linked = (linked + _WORTH * believed) / (linked.sum() + _WORTH)
    at_large = (at_large + _WORTH / CLASSES) / (at_large.sum() + _WORTH)
    found: Floats = np.log(linked / at_large).astype(np.float32)
    return found


@lru_cache(maxsize=1 << 16)
def _places(bones: str) -> tuple[int, ...]:
    if not bones:
        return ()
    edged = f"^{bones}$"
    grams = {edged[i : i + n] for n in (2, 3) for i in range(len(edged) - n + 1)}
    return tuple(sorted(zlib.crc32(gram.encode()) % _DIMENSIONS for gram in grams))
