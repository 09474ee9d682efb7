"""Batches: complete, of like lengths, reproducible."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.batches import epoch_batches


@given(st.lists(st.integers(1, 384), min_size=1, max_size=300), st.integers(1, 40), st.integers(0, 9))
def test_an_epoch_holds_every_window_once(lengths: list[int], batch_size: int, seed: int) -> None:
    """Law: the batches of an epoch are a partition of the windows, and at most one is smaller."""
    batches = epoch_batches(np.array(lengths), batch_size, seed, 0)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert sum(len(batch) != batch_size for batch in batches) <= 1


def test_the_order_is_that_of_seed_and_epoch() -> None:
    lengths = np.arange(200) % 50

    def order(seed: int, epoch: int) -> list[int]:
        return [int(number) for batch in epoch_batches(lengths, 8, seed, epoch) for number in batch]

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(2, 0)
    assert order(1, 0) != order(1, 1)


def test_alike_lengths_stand_together() -> None:
    lengths = np.random.default_rng(0).integers(30, 384, 3000)
    batches = epoch_batches(lengths, 32, 0, 0)
    padded = sum(lengths[batch].max() * len(batch) for batch in batches)
    assert padded / lengths.sum() < 1.05
