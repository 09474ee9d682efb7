"""ZS and T(...): L_QA alone."""

from collections.abc import Sequence

import torch

from model.batches import Batch
from model.network import Reader
from model.objectives.extraction import span_loss
from model.schedules.schedule import Losses, Tally, shares
from model.schedules.updates import Update


class Plain:
    """One forward pass, one update on Eq. 2.

    `shift` breaks it: gold answers are taken so many tokens further on, 1 at most (`model.ablations`).
    """

    def __init__(
        self,
        reader: Reader,
        update: Update,
        rates: torch.optim.lr_scheduler.LRScheduler,
        shift: int = 0,
    ) -> None:
        self._reader, self._update, self._rates = reader, update, rates
        self._shift = shift

    def step(self, batches: Sequence[Batch]) -> Losses:
        """One update."""
        tally, gradients = Tally(), None
        for batch, share in shares(batches):
            start_logits, end_logits = self._reader.answer_logits(batch.inputs)
            # A context has a special token after it, so one token on is within the window.
            answered = batch.positions != batch.cls
            starts, ends = (batch.positions + self._shift * answered).unbind(1)
            loss = span_loss(start_logits, end_logits, starts, ends)
            gradients = self._update.gradients(share * loss, gradients)
            tally.add(share, {"loss": loss, "qa": loss})
        norm = self._update.apply(gradients or [], sum(map(len, batches)))
        self._rates.step()
        return tally.losses(norm)

    def trainables(self) -> dict[str, torch.nn.Module]:
        """The reader."""
        return {"reader": self._reader.network}

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """The reader's."""
        return {"reader": self._update.optimizer}

    def schedulers(self) -> dict[str, torch.optim.lr_scheduler.LRScheduler]:
        """The reader's."""
        return {"reader": self._rates}
