"""Whole numbers found among millions of others, many at a time: a hash table of NumPy arrays.

Three times as fast as `numpy.searchsorted`, which is what aligning would otherwise spend half of its time in. Open
addressing with linear probing and multiplicative hashing (Knuth, The Art of Computer Programming, Vol. 3, Sec. 6.4).
"""

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FREE = -1


class Slots:
    """Where each of K distinct keys stands."""

    def __init__(self, keys: Keys) -> None:
        self._keys = np.append(keys, -1)
        bits = max(3, (4 * len(keys)).bit_length())
        self._shift, self._last = np.uint64(64 - bits), (1 << bits) - 1
        self._slots = np.full(1 << bits, _FREE, np.int32)
        waiting = np.arange(len(keys), dtype=np.int32)
        slot = self._first(keys)
        while len(waiting):
            free = self._slots[slot] == _FREE
            self._slots[slot[free]] = waiting[free]
            lost = self._slots[slot] != waiting
            waiting, slot = waiting[lost], (slot[lost] + 1) & self._last

    def find(self, sought: Keys) -> Places:
        """The place of each number (0 or greater) among the keys; K where it is none of them.

        >>> Slots(np.array([7, 3])).find(np.array([3, 5, 7])).tolist()
        [1, 2, 0]
        """
        slot = self._first(sought)
        found = self._slots[slot].astype(np.int64)
        # A free slot holds -1, and the last of the keys, -1 too, is never sought: it ends the search.
        left = np.flatnonzero((self._keys[found] != sought) & (found != _FREE))
        while len(left):
            slot[left] = (slot[left] + 1) & self._last
            found[left] = self._slots[slot[left]]
            left = left[(self._keys[found[left]] != sought[left]) & (found[left] != _FREE)]
        found[found == _FREE] = len(self._keys) - 1
        return found

    def _first(self, keys: Keys) -> Places:
        return (keys.astype(np.uint64) * _GOLDEN >> self._shift).astype(np.int64)
