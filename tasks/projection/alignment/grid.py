"""Sentence pairs as flat arrays: every word of the source beside every word of the target of the same bead."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.projection.alignment.hmm import Sentences

Places = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_CELLS = 400_000
"""Of a padded batch: what still fits into a processor's cache does not wait for memory."""


@dataclass(frozen=True, slots=True)
class Grid:
    """B beads of S[b] source and T[b] target words: their N = sum of S[b] * T[b] cells, row by row.

    Attributes:
        heights: (B,) source words.
        widths: (B,) target words.
        offsets: (B + 1,) where the cells of each bead begin.
        rows: (N,) the number of each cell's source word, counted through all beads.
        columns: (N,) the same of its target word.
    """

    heights: Places
    widths: Places
    offsets: Places
    rows: npt.NDArray[np.int32]
    columns: npt.NDArray[np.int32]

    @property
    def row_starts(self) -> Places:
        """(B + 1,) the number of each bead's first source word."""
        return np.concatenate([[0], np.cumsum(self.heights)])

    @property
    def column_starts(self) -> Places:
        """(B + 1,) the number of each bead's first target word."""
        return np.concatenate([[0], np.cumsum(self.widths)])

    def row_sums(self, values: Floats) -> npt.NDArray[np.float64]:
        """Sums of the cells of each source word."""
        return np.bincount(self.rows, values, int(self.heights.sum())).astype(np.float64)

    def column_sums(self, values: Floats) -> npt.NDArray[np.float64]:
        """Sums of the cells of each target word."""
        return np.bincount(self.columns, values, int(self.widths.sum())).astype(np.float64)

    def bead(self, number: int, values: Floats) -> Floats:
        """(S, T) the cells of one bead."""
        part = values[self.offsets[number] : self.offsets[number + 1]]
        return part.reshape(self.heights[number], self.widths[number])


def grid(shapes: Sequence[tuple[int, int]]) -> Grid:
    """The grid of beads of so many source and target words."""
    heights, widths = np.array(shapes, dtype=np.int64).reshape(-1, 2).T
    cells = heights * widths
    offsets = np.concatenate([[0], np.cumsum(cells)])
    bead = np.repeat(np.arange(len(cells)), cells)
    place = np.arange(offsets[-1]) - offsets[bead]
    width = widths[bead]
    rows = place // width + (np.cumsum(heights) - heights)[bead]
    columns = place % width + (np.cumsum(widths) - widths)[bead]
    return Grid(heights, widths, offsets, rows.astype(np.int32), columns.astype(np.int32))


def distances(cells: Grid) -> Floats:
    """(N,) how far each cell is from the diagonal of its bead, both sides counted from 0 to 1."""
    bead = np.repeat(np.arange(len(cells.heights)), np.diff(cells.offsets))
    down = (cells.rows - cells.row_starts[bead] + 0.5) / cells.heights[bead]
    along = (cells.columns - cells.column_starts[bead] + 0.5) / cells.widths[bead]
    return np.abs(down - along).astype(np.float32)


def batches(cells: Grid) -> Iterator[Places]:
    """The beads in batches of about equal size, so that padding costs little."""
    order = np.lexsort((cells.heights, cells.widths))
    first = 0
    while first < len(order):
        size = np.maximum.accumulate(cells.heights[order[first:]])
        size = size * cells.widths[order[first:]] * np.arange(1, len(size) + 1)
        last = first + max(1, int(np.searchsorted(size, _CELLS, side="right")))
        yield order[first:last]
        first = last


def seen_from_target(cells: Grid, beads: Places, ratios: Floats) -> Sentences:
    """Target words observed, source words as states; `ratios` (N,) are to the chance of coming from nowhere."""
    return _padded([cells.bead(bead, ratios).T for bead in beads])


def seen_from_source(cells: Grid, beads: Places, ratios: Floats) -> Sentences:
    """Source words observed, target words as states."""
    return _padded([cells.bead(bead, ratios) for bead in beads])


def _padded(emissions: Sequence[Floats]) -> Sentences:
    lengths, states = np.array([emission.shape for emission in emissions], dtype=np.int64).T
    emission = np.zeros((lengths.max(), len(emissions), states.max()), np.float32)
    loose = np.ones(emission.shape[:2], np.float32)
    for number, ratios in enumerate(emissions):
        # The factor of each word's own that the model leaves open: no product gets too large for float32.
        scale = np.maximum(ratios.max(axis=1), 1)
        emission[: len(ratios), number, : ratios.shape[1]] = ratios / scale[:, None]
        loose[: len(ratios), number] = 1 / scale
    return Sentences(emission, loose, states, lengths)
