"""Which items stand together in an update, how an update is cut to fit into memory, and a batch as tensors.

An item is what an update counts: one window, or (LAF) the pair of an English window and its translation.
An update is `batch_size` items over all processes together, so neither the number of processes nor the memory
of a device changes what is learnt: each process takes its share of the items and runs it in as many
micro-batches as its token budget asks for, whose gradients are added up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from model.features import Windows
from model.texts import Ints
from model.tokens import Ints32
from storage.errors import InputError

POOL_UPDATES = 50
"""Among so many updates' items those of like length are put together: little padding, much chance."""

Tensors = dict[str, torch.Tensor]
"""What a network is given: input_ids, token_type_ids, attention_mask, each int64 (B, T)."""


@dataclass(frozen=True, slots=True)
class Features:
    """The labelled windows of N items: `group` windows in a row each (2 where items are pairs), W = N * group.

    `positions` (W, 2) are the answer's first and last token, or [CLS] twice; `languages` (W,) the class of the
    question's language.
    """

    windows: Windows
    positions: Ints
    languages: Ints
    group: int = 1

    def __len__(self) -> int:
        return len(self.windows) // self.group

    @property
    def lengths(self) -> Ints:
        """(N,) tokens of the longest window of each item: to so many it is padded at least."""
        return np.asarray(self.windows.lengths.reshape(-1, self.group).max(axis=1, initial=0))

    def members(self, items: Ints) -> Ints:
        """The windows of these items (P,): of pairs first all English ones, then all translations."""
        return (items[None, :] * self.group + np.arange(self.group)[:, None]).ravel()


@dataclass(frozen=True, slots=True)
class Batch:
    """B windows of at most T tokens on a device; all fields but `inputs` are int64.

    Of P pairs, windows 0 to P - 1 are the English ones and P to 2P - 1 their translations, in the same order.
    """

    inputs: Tensors
    positions: torch.Tensor
    """(B, 2) first and last token of the answer, inclusive; [CLS] twice where the window does not hold it."""
    questions: torch.Tensor
    """(B, 2) the question's tokens, half-open; no special token is among them."""
    contexts: torch.Tensor
    """(B, 2) the context's tokens, half-open."""
    languages: torch.Tensor
    """(B,) class of the question's language."""
    cls: int
    """The position of [CLS]."""

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which items each update learns from, over all epochs: a pure function of its fields.

    So a training can be resumed at any step, on any number of processes, without a sampler's state.
    """

    lengths: Ints
    batch_size: int
    seed: int
    epochs: int
    processes: int = 1
    exactly: int = 0
    """So many updates, in as many passes as they take; 0: those of `epochs` passes."""

    def __post_init__(self) -> None:
        if len(self.lengths) < self.processes:
            raise InputError(
                f"There are {len(self.lengths)} items to learn from for {self.processes} processes; use fewer."
            )
        if self.batch_size < self.processes:
            raise InputError(
                f"A batch of {self.batch_size} cannot be shared by {self.processes} processes; use fewer."
            )

    @property
    def steps_per_epoch(self) -> int:
        """Updates in a pass over the data; the last one may be smaller, but each process has a share in it."""
        full, rest = divmod(len(self.lengths), self.batch_size)
        return max(1, full + (rest >= self.processes))

    @property
    def steps(self) -> int:
        """Updates in the whole training."""
        return self.exactly or self.epochs * self.steps_per_epoch

    def updates(self, first: int = 0) -> Iterator[Ints]:
        """The items of update number `first` and of all that follow it."""
        for epoch in range(first // self.steps_per_epoch, -(-self.steps // self.steps_per_epoch)):
            begun = epoch * self.steps_per_epoch
            yield from self._epoch(epoch)[max(0, first - begun) : self.steps - begun]

    def _epoch(self, epoch: int) -> list[Ints]:
        """Every item once, alike lengths together, in random order."""
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(len(self.lengths))
        pool = self.batch_size * POOL_UPDATES
        pools = [order[first : first + pool] for first in range(0, len(order), pool)]
        by_length = np.concatenate([part[np.argsort(self.lengths[part], kind="stable")] for part in pools])
        cuts = np.arange(1, self.steps_per_epoch) * self.batch_size
        updates = np.split(by_length, cuts)
        return [updates[number] for number in rng.permutation(len(updates))]


def micro_batches(
    items: Ints, lengths: Ints, *, max_tokens: int, group: int = 1, process: int = 0, processes: int = 1
) -> list[Ints]:
    """One process's share of an update's items, cut so that each part pads to at most `max_tokens` tokens.

    An item that alone is longer is a part of its own.

    >>> [part.tolist() for part in micro_batches(np.arange(4), np.array([9, 3, 4, 5]), max_tokens=10)]
    [[0], [3, 2], [1]]
    """
    longest_first = items[np.argsort(-lengths[items], kind="stable")]
    share = longest_first[process::processes]
    parts = []
    while len(share):
        count = max(1, max_tokens // (group * int(lengths[share[0]])))
        parts.append(share[:count])
        share = share[count:]
    return parts


def collate(features: Features, items: Ints, device: torch.device) -> Batch:
    """The batch of the chosen items (P,), its windows in the order of `Features.members`."""
    chosen = features.members(items)
    windows = features.windows.take(chosen)
    return Batch(
        inputs=to_tensors(windows, device),
        positions=on_device(features.positions[chosen], device),
        questions=on_device(windows.question_spans, device),
        contexts=on_device(windows.context_spans, device),
        languages=on_device(features.languages[chosen], device),
        cls=windows.layout.cls,
    )


def to_tensors(windows: Windows, device: torch.device) -> Tensors:
    """These windows as one batch."""
    inputs = windows.assemble()
    return {
        "input_ids": on_device(inputs.input_ids, device),
        "token_type_ids": on_device(inputs.token_type_ids, device),
        "attention_mask": on_device(inputs.attention_mask, device),
    }


def on_device(array: Ints | Ints32, device: torch.device) -> torch.Tensor:
    """The array as int64 on the device; a GPU is not waited for."""
    tensor = torch.from_numpy(np.ascontiguousarray(array, dtype=np.int64))
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
