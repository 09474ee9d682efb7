"""How one batch changes a reader: one step per training algorithm.

The equations are in `model.objectives`; here is the order in which they are applied. A step may make several
updates (the paper's Algorithms 1 and 2 do), each through an `Update`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch

from model.batches import Batch
from model.network import Reader
from model.objectives.extraction import span_loss

MAX_GRADIENT_NORM = 1.0
"""HuggingFace's and BERT's common value; the paper states none."""

Step = Callable[[Batch], torch.Tensor]
"""Learns from a batch and returns its loss, a detached scalar that stays on the device."""


@dataclass(frozen=True, slots=True)
class Update:
    """One optimizer step from a loss: backward, clip, AdamW, schedule."""

    parameters: list[torch.Tensor]
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler

    def __call__(self, loss: torch.Tensor) -> None:
        """Moves the parameters once against the gradient of the loss."""
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.schedule.step()


def make_update(
    parameters: Iterable[torch.Tensor],
    *,
    learning_rate: float,
    weight_decay: float,
    steps: int,
    warmup_ratio: float,
) -> Update:
    """AdamW whose rate rises linearly for `warmup_ratio` of the steps and then falls linearly to zero."""
    listed = list(parameters)
    optimizer = torch.optim.AdamW(listed, lr=learning_rate, weight_decay=weight_decay, fused=True)
    warmup = round(steps * warmup_ratio)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step, steps, warmup))
    return Update(listed, optimizer, schedule)


def rate_factor(step: int, steps: int, warmup: int) -> float:
    """The share of the learning rate that holds for step number `step`, counted from 0.

    >>> [rate_factor(step, 6, 2) for step in range(6)]
    [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    if step < warmup:
        return (step + 1) / warmup
    return (steps - step) / max(1, steps - warmup)


def extraction_step(reader: Reader, update: Update) -> Step:
    """L_QA alone (Eq. 2): one forward pass, one update."""

    def step(batch: Batch) -> torch.Tensor:
        start_logits, end_logits = reader.answer_logits(batch.inputs)
        loss = span_loss(start_logits, end_logits, batch.positions[:, 0], batch.positions[:, 1])
        update(loss)
        return loss.detach()

    return step


STEPS: dict[str, Callable[[Reader, Update], Step]] = {"extraction": extraction_step}
"""The algorithm of each objective that a system may name."""
