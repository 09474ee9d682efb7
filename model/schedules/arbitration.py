"""LAF: English arbitrates between the languages (Sec. 3.3, Algorithm 2).

A batch of P pairs is one of 2P windows, the English questions first, each on the same stretch of context as its
translation (`model.pairs`). All updates of a step share one AdamW and its state, which the paper leaves open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from model.batches import Batch
from model.network import Reader
from model.objectives.arbitration import question_similarity_loss, same_answer_labels, same_answer_loss
from model.objectives.extraction import span_loss
from model.pooling import question_vectors
from model.schedules.schedule import Losses, Tally, shares
from model.schedules.updates import Gradients, Update
from model.spec import QuestionVector

Logits = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the losses; L_QA on English has weight 1. A loss of weight 0 is not computed."""

    translation: float = 1.0
    same_answer: float = 1.0
    similarity: float = 1.0


@dataclass(frozen=True, slots=True)
class Arbitration:
    """A reader, its optimizer, and the three losses of a batch of pairs."""

    reader: Reader
    update: Update
    rates: torch.optim.lr_scheduler.LRScheduler
    vector: QuestionVector
    weights: Weights
    answer_updates: int = 1
    """On L_QA, of each batch."""
    shifted: bool = True
    """False breaks L_PSA: its labels are then positions in the English sequence (`model.ablations`)."""

    def answer_loss(self, logits: Logits, batch: Batch) -> torch.Tensor:
        """Line 6: L_QA on English + L_QA on the translations, each a mean over P."""
        pairs = len(batch) // 2
        english, translated = (
            span_loss(logits[0][half], logits[1][half], batch.positions[half, 0], batch.positions[half, 1])
            for half in (slice(pairs), slice(pairs, None))
        )
        return english + self.weights.translation * translated

    def same_answer(self, logits: Logits, batch: Batch) -> torch.Tensor:
        """Lines 7 and 8: L_PSA, the translations against what the reader says to the English questions."""
        pairs = len(batch) // 2
        start, end = logits
        english_contexts, contexts = batch.contexts.split(pairs)
        if not self.shifted:
            return self.weights.same_answer * self._unshifted(logits, english_contexts, contexts, batch.cls)
        labels = same_answer_labels(start[:pairs], end[:pairs], english_contexts, contexts, batch.cls)
        return self.weights.same_answer * same_answer_loss(start[pairs:], end[pairs:], labels)

    def _unshifted(
        self, logits: Logits, english: torch.Tensor, contexts: torch.Tensor, cls: int
    ) -> torch.Tensor:
        """L_PSA with labels that do not regard the lengths of the two questions."""
        pairs = len(contexts)
        start, end = logits
        labels = same_answer_labels(start[:pairs], end[:pairs], english, english, cls)
        # Within the other context: elsewhere the loss would be infinite and end the training at once.
        inside = labels.clamp(contexts[:, :1], contexts[:, 1:] - 1)
        return same_answer_loss(start[pairs:], end[pairs:], torch.where(labels == cls, labels, inside))

    def similarity(self, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Lines 9 to 11: L_QS."""
        vectors = question_vectors(hidden, batch.questions, self.vector, batch.cls)
        return self.weights.similarity * question_similarity_loss(*vectors.split(len(batch) // 2))

    def trainables(self) -> dict[str, torch.nn.Module]:
        """The reader."""
        return {"reader": self.reader.network}

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """The reader's."""
        return {"reader": self.update.optimizer}

    def schedulers(self) -> dict[str, torch.optim.lr_scheduler.LRScheduler]:
        """The reader's."""
        return {"reader": self.rates}


class FaithfulArbitration(Arbitration):
    """Algorithm 2 as printed: three updates, the first two from the same forward pass, the third from a new one."""

    def step(self, batches: Sequence[Batch]) -> Losses:
        """Up to three updates."""
        tally = Tally()
        norms = self._answer_alike(batches, tally)
        norms += [self._answer_again(batches) for _ in range(self.answer_updates - 1)]
        if self.weights.similarity:
            norms.append(self._draw_together(batches, tally))
        self.rates.step()
        return tally.losses(*norms)

    def _answer_alike(self, batches: Sequence[Batch], tally: Tally) -> list[torch.Tensor]:
        """Lines 4 to 8. Both gradients are of the reader before it moves, as its predictions are."""
        gold: Gradients | None = None
        alike: Gradients | None = None
        for batch, share in shares(batches):
            logits = self.reader.answer_logits(batch.inputs)
            losses = {"qa": self.answer_loss(logits, batch)}
            if self.weights.same_answer:
                losses["same_answer"] = self.same_answer(logits, batch)
            both = "same_answer" in losses
            gold = self.update.gradients(share * losses["qa"], gold, keep_graph=both)
            if both:
                alike = self.update.gradients(share * losses["same_answer"], alike)
            tally.add(share, {**losses, "loss": torch.stack(list(losses.values())).sum()})
        windows = sum(map(len, batches))
        return [self.update.apply(found, windows) for found in (gold, alike) if found is not None]

    def _answer_again(self, batches: Sequence[Batch]) -> torch.Tensor:
        """Line 6 once more, on what the moved reader makes of the batch."""
        gradients: Gradients | None = None
        for batch, share in shares(batches):
            loss = self.answer_loss(self.reader.answer_logits(batch.inputs), batch)
            gradients = self.update.gradients(share * loss, gradients)
        return self.update.apply(gradients or [], sum(map(len, batches)))

    def _draw_together(self, batches: Sequence[Batch], tally: Tally) -> torch.Tensor:
        """Lines 9 to 11."""
        gradients: Gradients | None = None
        for batch, share in shares(batches):
            loss = self.similarity(self.reader.encode(batch.inputs).hidden, batch)
            gradients = self.update.gradients(share * loss, gradients)
            tally.add(share, {"similarity": loss, "loss": loss})
        return self.update.apply(gradients or [], sum(map(len, batches)))


class JointArbitration(Arbitration):
    """One forward pass of both questions, one update on the sum of the losses."""

    def step(self, batches: Sequence[Batch]) -> Losses:
        """One update."""
        tally, gradients = Tally(), None
        for batch, share in shares(batches):
            losses = self._losses(batch)
            gradients = self.update.gradients(share * losses["loss"], gradients)
            tally.add(share, losses)
        norm = self.update.apply(gradients or [], sum(map(len, batches)))
        self.rates.step()
        return tally.losses(norm)

    def _losses(self, batch: Batch) -> Losses:
        encoded = self.reader.encode(batch.inputs)
        logits = encoded.start_logits, encoded.end_logits
        losses = {"qa": self.answer_loss(logits, batch)}
        if self.weights.same_answer:
            losses["same_answer"] = self.same_answer(logits, batch)
        if self.weights.similarity:
            losses["similarity"] = self.similarity(encoded.hidden, batch)
        return {**losses, "loss": torch.stack(list(losses.values())).sum()}
