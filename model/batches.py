"""Which windows stand together in a batch, and the batch as tensors."""

from dataclasses import dataclass

import numpy as np
import torch

from model.features import Windows
from model.texts import Ints

POOL_BATCHES = 50
"""Among so many batches' windows those of like length are put together: little padding, much chance."""

Tensors = dict[str, torch.Tensor]
"""What a network is given: input_ids, token_type_ids, attention_mask, each int64 (B, T)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """B windows of at most T tokens on a device.

    `positions` (B, 2) are the first and last
    token of the answer, inclusive; [CLS] twice where the window does not hold it.
    """

    inputs: Tensors
    positions: torch.Tensor


def epoch_batches(lengths: Ints, batch_size: int, seed: int, epoch: int) -> list[Ints]:
    """One epoch's batches as window numbers: every window once, alike lengths together, in random order.

    A pure function of its arguments, so that training can be resumed at any step. Only one batch may be
    smaller.
    """
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(len(lengths))
    pool = batch_size * POOL_BATCHES
    pools = [order[first : first + pool] for first in range(0, len(order), pool)]
    by_length = np.concatenate([part[np.argsort(lengths[part], kind="stable")] for part in pools])
    batches = [by_length[first : first + batch_size] for first in range(0, len(order), batch_size)]
    return [batches[number] for number in rng.permutation(len(batches))]


def collate(windows: Windows, positions: Ints, chosen: Ints, device: torch.device) -> Batch:
    """The batch of the chosen windows (B,); `positions` (W, 2) are those of all windows."""
    return Batch(to_tensors(windows.take(chosen), device), torch.from_numpy(positions[chosen]).to(device))


def to_tensors(windows: Windows, device: torch.device) -> Tensors:
    """These windows as one batch."""
    inputs = windows.assemble()
    named = {
        "input_ids": inputs.input_ids,
        "token_type_ids": inputs.token_type_ids,
        "attention_mask": inputs.attention_mask,
    }
    return {name: torch.from_numpy(array).long().to(device) for name, array in named.items()}
