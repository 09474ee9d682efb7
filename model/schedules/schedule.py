"""What the training engine knows of a training algorithm: it learns from batches, and its state has names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

import torch

from model.batches import Batch

Losses = dict[str, torch.Tensor]
"""A step's figures, detached scalars that stay on the device.

`loss` is what the reader minimised, `qa` its part L_QA, `gradient_norm` the largest norm of the step's updates
before clipping; `adversarial`, `discriminator`, `discriminator_accuracy` (a share), `same_answer`, `similarity`
stand where the system has them.
Each that is no finite number means that the weights are ruined or about to be.
"""

Average = Callable[[Sequence[torch.Tensor], int], None]
"""`average(gradients, windows)`: several processes make one step.

It is given the gradients of the mean loss over this process's windows, and leaves in place those of the mean over
the windows of all processes.
"""


def alone(_gradients: Sequence[torch.Tensor], _windows: int) -> None:
    """The `Average` of a single process."""


class Learning(Protocol):
    """What a checkpoint holds of a training: modules and optimizers, by name."""

    def trainables(self) -> dict[str, torch.nn.Module]:
        """Every module that learns, by name: `reader`, and `discriminator` in AT."""
        ...

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimizers of the trainables, by the same names."""
        ...

    def schedulers(self) -> dict[str, torch.optim.lr_scheduler.LRScheduler]:
        """The schedulers of learning rates that are not constant, by the same names."""
        ...


class Schedule(Learning, Protocol):
    """A training algorithm at work on a reader. It owns the optimizers and the order of their updates."""

    def step(self, batches: Sequence[Batch]) -> Losses:
        """Learns once from the micro-batches of one step; each loss is the mean over all of their windows."""
        ...


def shares(batches: Sequence[Batch]) -> Iterator[tuple[Batch, float]]:
    """Each micro-batch with its share of the step's windows: means over micro-batches add up to the step's."""
    windows = sum(len(batch) for batch in batches)
    return ((batch, len(batch) / windows) for batch in batches)


class Tally:
    """Adds up a step's figures over its micro-batches."""

    def __init__(self) -> None:
        self._losses: Losses = {}

    def add(self, share: float, losses: Mapping[str, torch.Tensor]) -> None:
        """Takes in means over a micro-batch that has so large a share of the step's windows."""
        for name, loss in losses.items():
            part = loss.detach() * share
            self._losses[name] = self._losses[name] + part if name in self._losses else part

    def losses(self, *norms: torch.Tensor) -> Losses:
        """The step's figures, with the norms of its updates' gradients."""
        return {**self._losses, "gradient_norm": torch.stack(norms).max()}
