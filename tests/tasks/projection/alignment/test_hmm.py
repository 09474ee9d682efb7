"""Forward-backward against the sum over all alignments, one by one."""

import itertools

import numpy as np
import pytest

from tasks.projection.alignment.grid import grid, seen_from_source, seen_from_target
from tasks.projection.alignment.hmm import NOWHERE, REACH, first_jumps, posteriors


def by_enumeration(ratios: np.ndarray, jumps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S, T) posteriors and expected jumps; a word from nowhere keeps the state before it."""
    states, length = ratios.shape
    joint, total, jumped = np.zeros(ratios.shape), 0.0, np.zeros(2 * REACH + 1)
    for start in range(states):
        for path in itertools.product(range(states + 1), repeat=length):
            chance, before, links, moves = 1 / states, start, [], []
            for word, state in enumerate(path):
                if state == states:
                    chance *= NOWHERE
                    continue
                if word:
                    reach = [jumps[other - before + REACH] for other in range(states)]
                    chance *= (1 - NOWHERE) * reach[state] / sum(reach) * ratios[state, word]
                    moves.append(state - before + REACH)
                else:
                    # The first word has no jump: it comes from the state that is drawn for it.
                    chance *= (1 - NOWHERE) * ratios[state, word] * (state == start)
                before = state
                links.append((state, word))
            total += chance
            for link in links:
                joint[link] += chance
            for move in moves:
                jumped[move] += chance
    return joint / total, jumped / total


@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (1, 4), (3, 4)])
def test_posteriors_are_the_sum_over_all_alignments(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    shapes = [shape, (2, 2)]
    cells = grid(shapes)
    ratios = rng.exponential(3, int(cells.offsets[-1])).astype(np.float32)
    jumps = first_jumps()
    found, counts = posteriors(seen_from_target(cells, np.array([0, 1]), ratios), jumps)
    expected = [by_enumeration(cells.bead(bead, ratios), jumps) for bead in (0, 1)]
    for bead, (height, width) in enumerate(shapes):
        np.testing.assert_allclose(found[:width, bead, :height].T, expected[bead][0], rtol=2e-4, atol=1e-6)
        assert not found[width:, bead].any()
        assert not found[:, bead, height:].any()
    np.testing.assert_allclose(counts, expected[0][1] + expected[1][1], rtol=2e-4, atol=1e-6)


def test_the_other_direction_is_the_same_with_sides_exchanged() -> None:
    ratios = np.random.default_rng(4).exponential(3, 12).astype(np.float32)
    one, _ = posteriors(seen_from_source(grid([(3, 4)]), np.array([0]), ratios), first_jumps())
    flipped = ratios.reshape(3, 4).T.ravel()
    other, _ = posteriors(seen_from_target(grid([(4, 3)]), np.array([0]), flipped), first_jumps())
    np.testing.assert_array_equal(one, other)


def test_extreme_ratios_neither_overflow_nor_vanish() -> None:
    ratios = np.exp(np.random.default_rng(5).uniform(-30, 30, 60 * 80)).astype(np.float32)
    found, counts = posteriors(seen_from_target(grid([(60, 80)]), np.array([0]), ratios), first_jumps())
    assert np.isfinite(found).all()
    assert np.isfinite(counts).all()
    assert (found.sum(axis=2) <= 1 + 1e-3).all()
