"""What is known about words: how often each was linked with each, in several views of their forms.

Every view (the whole word, its first five, four and three letters) has its own expected counts. A pair's likelihood
ratio in a view is that of a Dirichlet prior around the word's overall share: 1 where nothing is known of either, far
from 1 only with evidence. The views are experts whose ratios are multiplied (Hinton 2002, "Products of Experts"), each
under a weight below one, for they share their evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.projection.alignment.forms import stems
from tasks.projection.alignment.slots import Slots

Ints = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

WEIGHT = 0.3
"""Of each view's log ratio. Tuned, as all else in this room, on the articles of even index of XQuAD."""
PRIOR = 1.0
"""How many links the prior is worth."""
NEGLIGIBLE = 0.5
"""A count is not kept that moves no ratio by more than this share."""


@dataclass(frozen=True, slots=True)
class Side:
    """The units of one side of a view.

    Attributes:
        units: sorted.
        shares: (U,) of all words of this side in the data.
        masses: (U,) expected links, summed over all partners.
    """

    units: tuple[str, ...]
    shares: Floats
    masses: Floats


@dataclass(frozen=True, slots=True)
class View:
    """One view: K pairs of units, `keys` (K,) ascending = source * number of target units + target; their `counts`."""

    source: Side
    target: Side
    keys: Keys
    counts: Floats

    def log_ratios(self) -> tuple[Floats, Floats]:
        """(K,) each: log of t(target | source) / share of target, and the same in the other direction."""
        s, t = np.divmod(self.keys, max(len(self.target.units), 1))
        forward = (self.counts / self.target.shares[t] + PRIOR) / (self.source.masses[s] + PRIOR)
        backward = (self.counts / self.source.shares[s] + PRIOR) / (self.target.masses[t] + PRIOR)
        return np.log(forward), np.log(backward)


def kept(view: View) -> View:
    """The view without the counts that hardly matter."""
    s, t = np.divmod(view.keys, max(len(view.target.units), 1))
    rarer = np.minimum(view.source.shares[s], view.target.shares[t])
    matters = view.counts > NEGLIGIBLE * PRIOR * rarer
    return View(view.source, view.target, view.keys[matters], view.counts[matters])


class Lexicon:
    """Views made ready for looking up pairs of words."""

    def __init__(self, views: Sequence[View]) -> None:
        self.views = tuple(views)
        self._ready = [_Ready(view) for view in views]

    def log_ratios(
        self, source: Sequence[str], target: Sequence[str], s: Ints, t: Ints
    ) -> tuple[Floats, Floats]:
        """(P,) each: the weighted log ratios of pairs of words in both directions, summed over the views.

        Args:
            source: distinct normal words; those never seen before are about as likely as any.
            target: the same of the other side.
            s: (P,) which source word.
            t: (P,) which target word.
        """
        forward, backward = np.zeros(len(s), np.float32), np.zeros(len(s), np.float32)
        ours, theirs = [stems(word) for word in source], [stems(word) for word in target]
        for level, ready in enumerate(self._ready):
            one = ready.source_numbers([word[level] for word in ours])[s]
            other = ready.target_numbers([word[level] for word in theirs])[t]
            ready.add(one, other, forward, backward)
        return forward, backward


class _Ready:
    """A view with its units' numbers; the number after the last stands for units that are not known."""

    def __init__(self, view: View) -> None:
        self._slots = Slots(view.keys)
        self.width = max(len(view.target.units), 1)
        self._source = {unit: number for number, unit in enumerate(view.source.units)}
        self._target = {unit: number for number, unit in enumerate(view.target.units)}
        forward, backward = view.log_ratios()
        self.forward, self.backward = np.append(WEIGHT * forward, _ZERO), np.append(WEIGHT * backward, _ZERO)
        self.unlinked_source, self.unlinked_target = _unlinked(view.source), _unlinked(view.target)

    def source_numbers(self, units: Sequence[str]) -> Keys:
        return np.array([self._source.get(unit, len(self._source)) for unit in units], dtype=np.int64)

    def target_numbers(self, units: Sequence[str]) -> Keys:
        return np.array([self._target.get(unit, len(self._target)) for unit in units], dtype=np.int64)

    def add(self, s: Keys, t: Keys, forward: Floats, backward: Floats) -> None:
        place = self._slots.find(s * self.width + t)
        unlinked = (place == len(self.forward) - 1) | (t == len(self._target))
        forward += np.where(unlinked, self.unlinked_source[s], self.forward[place])
        backward += np.where(unlinked, self.unlinked_target[t], self.backward[place])


_ZERO = np.float32(0)


def _unlinked(side: Side) -> Floats:
    """(U + 1,) weighted log ratios of a unit with one that it was never linked with; 0 for an unknown unit."""
    return np.append(WEIGHT * np.log(np.float32(PRIOR) / (side.masses + np.float32(PRIOR))), _ZERO)
