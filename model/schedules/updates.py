"""One optimizer step: gradients of a loss for one set of parameters, clipping, AdamW."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from model.schedules.schedule import Average, alone

MAX_GRADIENT_NORM = 1.0
"""HuggingFace's and BERT's common value; the paper states none."""

Gradients = list[torch.Tensor | None]
"""Of each parameter in turn; None where the loss does not depend on it."""


@dataclass(frozen=True, slots=True)
class Update:
    """AdamW over one set of parameters.

    Gradients are values, and taken for these parameters alone. So a loss that runs through two networks moves only
    the one that it is meant for, and two losses of one forward pass can be applied one after the other.
    """

    parameters: list[torch.Tensor]
    optimizer: torch.optim.Optimizer
    average: Average = alone

    def gradients(
        self, loss: torch.Tensor, so_far: Gradients | None = None, *, keep_graph: bool = False
    ) -> Gradients:
        """The gradients of the loss, added to those so far; `keep_graph` leaves room for another loss."""
        found = torch.autograd.grad(loss, self.parameters, retain_graph=keep_graph, allow_unused=True)
        if so_far is None:
            return list(found)
        return [
            new if old is None else old if new is None else old + new
            for old, new in zip(so_far, found, strict=True)
        ]

    def apply(self, gradients: Gradients, windows: int) -> torch.Tensor:
        """Moves the parameters once, against gradients of a mean over so many windows; returns their norm.

        A parameter without a gradient stays as it is, as in torch: no decay, no momentum.
        """
        present = [gradient for gradient in gradients if gradient is not None]
        self.average(present, windows)
        norm: torch.Tensor = torch.nn.utils.get_total_norm(present)
        _attach(self.parameters, gradients)
        torch.nn.utils.clip_grads_with_norm_(self.parameters, MAX_GRADIENT_NORM, norm)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return norm


def make_update(
    parameters: Iterable[torch.Tensor], learning_rate: float, weight_decay: float, average: Average = alone
) -> Update:
    """Fused AdamW, which on the CPU and on CUDA is one pass over each parameter."""
    listed = list(parameters)
    optimizer = torch.optim.AdamW(listed, lr=learning_rate, weight_decay=weight_decay, fused=True)
    return Update(listed, optimizer, average)


def rate_schedule(
    optimizer: torch.optim.Optimizer, steps: int, warmup_ratio: float
) -> torch.optim.lr_scheduler.LambdaLR:
    """The rate rises linearly for `warmup_ratio` of the steps and then falls linearly to zero.

    It advances once a step, however many updates the step makes.
    """
    warmup = round(steps * warmup_ratio)
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step, steps, warmup))


def rate_factor(step: int, steps: int, warmup: int) -> float:
    """The share of the learning rate that holds for step number `step`, counted from 0.

    >>> [rate_factor(step, 6, 2) for step in range(6)]
    [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    if step < warmup:
        return (step + 1) / warmup
    return (steps - step) / max(1, steps - warmup)


def _attach(parameters: Sequence[torch.Tensor], gradients: Gradients) -> None:
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
