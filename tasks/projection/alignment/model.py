"""The model of word alignment: what it knows, how it aligns, and how it learns that from pairs of texts alone.

Expectation maximisation from nothing: first without order but near the diagonal (IBM Model 1 with the prior of Dyer,
Chahuneau and Smith 2013, "A Simple, Fast, and Effective Reparameterization of IBM Model 2"), then as a hidden Markov
model. Both directions are trained together: the links that they agree on teach both (Liang, Taskar and Klein 2006,
"Alignment by Agreement"), here by the geometric mean of their posteriors.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tasks.projection.alignment.bonds import bonds
from tasks.projection.alignment.corpus import Corpus
from tasks.projection.alignment.forms import STEMS, stems
from tasks.projection.alignment.grid import (
    Floats,
    Grid,
    batches,
    distances,
    seen_from_source,
    seen_from_target,
)
from tasks.projection.alignment.hmm import NOWHERE, first_jumps, posteriors
from tasks.projection.alignment.lexicon import WEIGHT, Lexicon, Side, View, kept
from tasks.projection.alignment.sounds import CLASSES, gains, likeness, sounds

_UNORDERED_ROUNDS = 5
_ORDERED_ROUNDS = 2
_STEEPNESS = 4.0
"""Of the prior around the diagonal; it is lambda in Dyer et al., Eq. 1."""
_JUMPS_WORTH = 300.0
"""How many jumps the first guess of their shares is worth."""
_LARGEST = 30.0
"""Log ratio; nothing is more certain, and float32 holds it."""


@dataclass(frozen=True, slots=True)
class Model:
    """Everything learnt.

    Attributes:
        lexicon: the views of words.
        sound_gains: (CLASSES,) log ratios of the classes of likeness.
        forward_jumps: over source words, from target word to target word.
        backward_jumps: over target words, from source word to source word.
        bonds: of neighbouring target characters.
    """

    lexicon: Lexicon
    sound_gains: Floats
    forward_jumps: Floats
    backward_jumps: Floats
    bonds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Posteriors:
    """(N,) of all cells: that the target word comes from the source word, and the reverse."""

    forward: Floats
    backward: Floats

    @property
    def agreed(self) -> Floats:
        """Their geometric mean."""
        found: Floats = np.sqrt(self.forward * self.backward)
        return found


def link(model: Model, data: Corpus) -> Posteriors:
    """The links of texts that need not have been learnt from."""
    s, t = data.s[data.cells.rows], data.t[data.cells.columns]
    ratios = model.lexicon.log_ratios(data.source, data.target, s, t)
    classes = likeness(data.cells, sounds(data.source), sounds(data.target), data.s, data.t)
    return _ordered(data.cells, *_lifted(ratios, model.sound_gains[classes]), model, counted=False)[0]


def learn(data: Corpus) -> Model:
    """The model of the very texts given."""
    counting = _Counting(data)
    jumps = first_jumps()
    cells = data.cells
    near = np.exp(-_STEEPNESS * distances(cells))
    found = _unordered(cells, near, np.float32(1), np.float32(1))
    for _ in range(_UNORDERED_ROUNDS - 1):
        found = _unordered(cells, near, *counting.ratios(found.agreed))
    model = Model(
        Lexicon(()), np.zeros(CLASSES, np.float32), jumps, jumps, bonds(target for _, target in data.texts)
    )
    for _ in range(_ORDERED_ROUNDS):
        ratios = counting.ratios(found.agreed)
        found, (forward, backward) = _ordered(cells, *ratios, model, counted=True)
        model = replace(model, forward_jumps=_shares(forward), backward_jumps=_shares(backward))
    views, gained = counting.views(found.agreed)
    return replace(model, lexicon=Lexicon([kept(view) for view in views]), sound_gains=gained)


class _Counting:
    """The distinct pairs of words and of their units among all cells: found once, counted in every round."""

    def __init__(self, data: Corpus) -> None:
        width = max(len(data.target), 1)
        keys = data.s[data.cells.rows].astype(np.int64) * width + data.t[data.cells.columns]
        pairs, self._pair_of_cell = _unique(keys)
        self._pairs = len(pairs)
        s, t = np.divmod(pairs, width)
        ours, theirs = [stems(word) for word in data.source], [stems(word) for word in data.target]
        self._levels = [
            _Level(
                _units([word[level] for word in ours], data.s),
                _units([word[level] for word in theirs], data.t),
                s,
                t,
            )
            for level in range(len(STEMS))
        ]
        self._classes = likeness(data.cells, sounds(data.source), sounds(data.target), data.s, data.t)
        self._chance = _chance(data.cells)

    def views(self, links: Floats) -> tuple[list[View], Floats]:
        """What links of these weights say of words and of sounds."""
        counts = np.bincount(self._pair_of_cell, links, self._pairs).astype(np.float64)
        return [level.view(counts) for level in self._levels], gains(self._classes, links, self._chance)

    def ratios(self, links: Floats) -> tuple[Floats, Floats]:
        """(N,) each: how much likelier than chance every cell is, in both directions."""
        views, gained = self.views(links)
        forward, backward = np.zeros((2, self._pairs), np.float32)
        for level, view in zip(self._levels, views, strict=True):
            one, other = view.log_ratios()
            forward += WEIGHT * one[level.place]
            backward += WEIGHT * other[level.place]
        lift = gained[self._classes]
        return _lifted((forward[self._pair_of_cell], backward[self._pair_of_cell]), lift)


class _Level:
    """One view's pairs of units: `place` (P,) says which of them each pair of words is."""

    def __init__(
        self, source: "_Units", target: "_Units", s: npt.NDArray[np.int64], t: npt.NDArray[np.int64]
    ) -> None:
        self._source, self._target = source, target
        width = max(len(target.units), 1)
        self._keys, self.place = _unique(source.numbers[s] * width + target.numbers[t])
        self._s, self._t = np.divmod(self._keys, width)

    def view(self, counts: npt.NDArray[np.float64]) -> View:
        """The view with the expected counts (P,) of the pairs of words."""
        found = np.bincount(self.place, counts, len(self._keys)).astype(np.float32)
        return View(self._source.side(self._s, found), self._target.side(self._t, found), self._keys, found)


@dataclass(frozen=True, slots=True)
class _Units:
    """One side's units in a view; `numbers` (words,) is each distinct word's, `shares` (U,) of all words."""

    units: tuple[str, ...]
    numbers: npt.NDArray[np.int64]
    shares: Floats

    def side(self, numbers: npt.NDArray[np.int64], counts: Floats) -> Side:
        return Side(self.units, self.shares, np.bincount(numbers, counts, len(self.units)).astype(np.float32))


def _units(of_words: list[str], tokens: npt.NDArray[np.int32]) -> _Units:
    units = tuple(sorted(set(of_words)))
    place = {unit: number for number, unit in enumerate(units)}
    numbers = np.array([place[unit] for unit in of_words], dtype=np.int64)
    shares = np.bincount(numbers[tokens], minlength=len(units)) / max(len(tokens), 1)
    return _Units(units, numbers, shares.astype(np.float32))


def _unordered(
    cells: Grid, near: Floats, forward: Floats | np.float32, backward: Floats | np.float32
) -> Posteriors:
    one, other = forward * near, backward * near
    one = one / (cells.column_sums(one) + NOWHERE)[cells.columns]
    other = other / (cells.row_sums(other) + NOWHERE)[cells.rows]
    return Posteriors(one.astype(np.float32), other.astype(np.float32))


def _ordered(
    cells: Grid, forward: Floats, backward: Floats, model: Model, *, counted: bool
) -> tuple[Posteriors, tuple[Floats, Floats]]:
    """Posteriors of both hidden Markov models, and the jumps expected in each."""
    found = Posteriors(np.empty_like(forward), np.empty_like(backward))
    jumps = np.zeros_like(model.forward_jumps), np.zeros_like(model.backward_jumps)
    for beads in batches(cells):
        one, jumped = posteriors(
            seen_from_target(cells, beads, forward), model.forward_jumps, counted=counted
        )
        jumps[0][:] += jumped
        other, jumped = posteriors(
            seen_from_source(cells, beads, backward), model.backward_jumps, counted=counted
        )
        jumps[1][:] += jumped
        for number, bead in enumerate(beads):
            height, width = cells.heights[bead], cells.widths[bead]
            cells.bead(bead, found.forward)[:] = one[:width, number, :height].T
            cells.bead(bead, found.backward)[:] = other[:height, number, :width]
    return found, jumps


def _lifted(ratios: tuple[Floats, Floats], lift: Floats) -> tuple[Floats, Floats]:
    one, other = (np.exp(np.clip(ratio + lift, -_LARGEST, _LARGEST)) for ratio in ratios)
    return one, other


def _shares(jumps: Floats) -> Floats:
    smoothed = jumps + _JUMPS_WORTH * first_jumps()
    found: Floats = (smoothed / smoothed.sum()).astype(np.float32)
    return found


def _chance(cells: Grid) -> Floats:
    """(N,) links if nothing were known: every word linked with all of the other side alike, both ways averaged."""
    height, width = cells.heights, cells.widths
    return np.repeat((1 / height + 1 / width) / 2, height * width).astype(np.float32)


def _unique(keys: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    distinct, place = np.unique(keys, return_inverse=True)
    return distinct, place.astype(np.int32)
