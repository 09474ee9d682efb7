"""Pairs of texts as beads of normal words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.projection.alignment.beads import Bead, beads
from tasks.projection.alignment.forms import normal
from tasks.projection.alignment.grid import Grid, grid
from tasks.projection.alignment.lexicon import Ints
from tasks.projection.alignment.words import Words, words

_RARE = 3
"""A word that both texts have equally often, and no more often than this, ties their sentences together."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pairs of texts, their beads, and the words of all beads one after the other.

    Attributes:
        texts: the words of each pair.
        beads: (number of the pair, bead).
        source: the distinct normal source words, sorted.
        target: the distinct normal target words, sorted.
        s: (sum of S,) which of them each source word is.
        t: (sum of T,) the same for the target.
        cells: all cells of all beads.
    """

    texts: tuple[tuple[Words, Words], ...]
    beads: tuple[tuple[int, Bead], ...]
    source: tuple[str, ...]
    target: tuple[str, ...]
    s: Ints
    t: Ints
    cells: Grid


def corpus(pairs: Sequence[tuple[str, str]], source: str, target: str) -> Corpus:
    """Cut pairs of texts into words and beads."""
    texts = tuple((words(one, source), words(other, target)) for one, other in pairs)
    ours: list[str] = []
    theirs: list[str] = []
    found: list[tuple[int, Bead]] = []
    for number, (one, other) in enumerate(texts):
        normals = [normal(form) for form in one.forms], [normal(form) for form in other.forms]
        for bead in beads(one, other, _same(*normals)):
            found.append((number, bead))
            ours += normals[0][bead.source_start : bead.source_end]
            theirs += normals[1][bead.target_start : bead.target_end]
    shapes = [(b.source_end - b.source_start, b.target_end - b.target_start) for _, b in found]
    distinct = tuple(sorted(set(ours))), tuple(sorted(set(theirs)))
    return Corpus(
        texts,
        tuple(found),
        *distinct,
        _numbered(ours, distinct[0]),
        _numbered(theirs, distinct[1]),
        grid(shapes),
    )


def _numbered(tokens: Iterable[str], distinct: Sequence[str]) -> Ints:
    number = {word: place for place, word in enumerate(distinct)}
    return np.array([number[token] for token in tokens], dtype=np.int32)


def _same(source: Sequence[str], target: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the words that both have, the first with the first, if they are rare and no mere signs."""
    ours, theirs = _places(source), _places(target)
    return [
        pair
        for word, places in ours.items()
        if word in theirs and len(places) == len(theirs[word]) <= _RARE and (len(word) > 2 or word.isdigit())
        for pair in zip(places, theirs[word], strict=True)
    ]


def _places(tokens: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, token in enumerate(tokens):
        found.setdefault(token, []).append(place)
    return found
