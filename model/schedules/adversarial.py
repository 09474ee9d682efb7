"""AT: the reader against a discriminator of languages (Sec. 3.2, Algorithm 1)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from model.batches import Batch
from model.network import Reader
from model.objectives.adversarial import confusion_loss, discriminator_loss
from model.objectives.extraction import span_loss
from model.pooling import question_vectors
from model.schedules.schedule import Losses, Tally, shares
from model.schedules.updates import Gradients, Update
from model.spec import QuestionVector


@dataclass(frozen=True, slots=True)
class Adversaries:
    """The two sides of AT, each with its optimizer, and how L_adv is weighed. The discriminator's rate is constant."""

    reader: Reader
    discriminator: torch.nn.Module
    reader_update: Update
    discriminator_update: Update
    rates: torch.optim.lr_scheduler.LRScheduler
    vector: QuestionVector
    weight: float

    def reader_losses(self, batch: Batch) -> tuple[Losses, torch.Tensor]:
        """One forward pass: L_QA + weight * L_adv and its parts, and the questions' vectors (B, width)."""
        encoded = self.reader.encode(batch.inputs)
        vectors = question_vectors(encoded.hidden, batch.questions, self.vector, batch.cls)
        gold = batch.positions[:, 0], batch.positions[:, 1]
        qa = span_loss(encoded.start_logits, encoded.end_logits, *gold)
        adversarial = confusion_loss(self.discriminator(vectors))
        return {"loss": qa + self.weight * adversarial, "qa": qa, "adversarial": adversarial}, vectors

    def language_losses(self, vectors: torch.Tensor, batch: Batch) -> Losses:
        """L_D of vectors that are detached here, so no gradient of it reaches the reader; and the share of hits."""
        logits = self.discriminator(vectors.detach())
        hits = (logits.argmax(-1) == batch.languages).float().mean()
        loss = discriminator_loss(logits, batch.languages)
        return {"discriminator": loss, "discriminator_accuracy": hits}

    def trainables(self) -> dict[str, torch.nn.Module]:
        """Both sides."""
        return {"reader": self.reader.network, "discriminator": self.discriminator}

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """One for each side."""
        return {
            "reader": self.reader_update.optimizer,
            "discriminator": self.discriminator_update.optimizer,
        }

    def schedulers(self) -> dict[str, torch.optim.lr_scheduler.LRScheduler]:
        """The reader's alone."""
        return {"reader": self.rates}


class FaithfulAdversarial(Adversaries):
    """Algorithm 1 as printed: the reader moves, then the discriminator, on what the moved reader makes of the batch."""

    def step(self, batches: Sequence[Batch]) -> Losses:
        """Two updates."""
        tally = Tally()
        norms = self._move_reader(batches, tally), self._move_discriminator(batches, tally)
        self.rates.step()
        return tally.losses(*norms)

    def _move_reader(self, batches: Sequence[Batch], tally: Tally) -> torch.Tensor:
        """Lines 4-6: on L_QA + L_adv, the discriminator's parameters fixed."""
        gradients: Gradients | None = None
        for batch, share in shares(batches):
            losses, _ = self.reader_losses(batch)
            gradients = self.reader_update.gradients(share * losses["loss"], gradients)
            tally.add(share, losses)
        return self.reader_update.apply(gradients or [], sum(map(len, batches)))

    def _move_discriminator(self, batches: Sequence[Batch], tally: Tally) -> torch.Tensor:
        """Lines 7 and 8: on L_D, the reader's parameters fixed."""
        gradients: Gradients | None = None
        for batch, share in shares(batches):
            with torch.no_grad():
                hidden = self.reader.encode(batch.inputs).hidden
            vectors = question_vectors(hidden, batch.questions, self.vector, batch.cls)
            losses = self.language_losses(vectors, batch)
            gradients = self.discriminator_update.gradients(share * losses["discriminator"], gradients)
            tally.add(share, losses)
        return self.discriminator_update.apply(gradients or [], sum(map(len, batches)))


class JointAdversarial(Adversaries):
    """One forward pass: both sides move at once, each on its own losses of it.

    Taking each loss's gradient for its own side alone is what keeps it from being a plain sum, which would train the
    discriminator towards chance and the reader to reveal the language.
    """

    def step(self, batches: Sequence[Batch]) -> Losses:
        """Two updates from one forward pass."""
        tally = Tally()
        reader_side: Gradients | None = None
        other_side: Gradients | None = None
        for batch, share in shares(batches):
            losses, vectors = self.reader_losses(batch)
            language = self.language_losses(vectors, batch)
            reader_side = self.reader_update.gradients(share * losses["loss"], reader_side)
            other_side = self.discriminator_update.gradients(share * language["discriminator"], other_side)
            tally.add(share, {**losses, **language})
        windows = sum(map(len, batches))
        reader_norm = self.reader_update.apply(reader_side or [], windows)
        other_norm = self.discriminator_update.apply(other_side or [], windows)
        self.rates.step()
        return tally.losses(reader_norm, other_norm)
