"""Pre-training itself: recurring spans are selected, and a little masked language modelling is done.

Recurring-span selection (Ram et al. 2021, https://arxiv.org/abs/2101.00438): a statement whose value is masked is put
before a text that tells it; the heads find the value there. It is monolingual: nothing in a document tells that two
words of two languages mean the same.
"""

import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import BertForQuestionAnswering

from model.checkpoints import Checkpoints
from model.distribution import open_processes
from model.errors import DivergedError
from model.network import Reader
from model.objectives.extraction import span_loss
from model.pretraining.corpus import Documents, read_documents, read_vocabulary, word_tokenizer
from model.pretraining.network import make_network
from model.pretraining.spec import PretrainSpec
from model.progress import OnProgress, Progress, Stage, ignore
from model.schedules.updates import MAX_GRADIENT_NORM
from model.training import empty_folder
from model.vocabulary import SPECIALS

MASK = SPECIALS.index("[MASK]")
LOWEST = torch.finfo(torch.float32).min
MASKED, SHOWN_AS_MASK = 0.15, 0.85
"""Of the tokens so many are to be guessed; so many of these are masked, the others stay as they are."""
WARMUP_STEPS, LEAST = 100, 0.05
"""The learning rate rises over so many steps, then falls in a line, never below this share of its height."""
BETAS = (0.9, 0.98)
PROGRESS_STEPS = 25


def make_word_head(embeddings: torch.nn.Embedding) -> torch.nn.Sequential:
    """Which word is masked, BERT's head: (N, H) hidden vectors -> (N, V) logits, tied to the embeddings."""
    words, hidden = embeddings.weight.shape
    decoder = torch.nn.Linear(hidden, words)
    torch.nn.init.zeros_(decoder.bias)
    decoder.weight = embeddings.weight
    dense, norm = torch.nn.Linear(hidden, hidden), torch.nn.LayerNorm(hidden)
    return torch.nn.Sequential(dense, torch.nn.GELU(), norm, decoder)


@dataclass(frozen=True, slots=True)
class Pretraining:
    """A network, the head that guesses words, and their optimizer: what a checkpoint holds."""

    network: BertForQuestionAnswering
    words: torch.nn.Sequential
    optimizer: torch.optim.Optimizer
    rates: torch.optim.lr_scheduler.LRScheduler
    masked_weight: float

    def trainables(self) -> dict[str, torch.nn.Module]:
        """Both networks."""
        return {"reader": self.network, "words": self.words}

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """The one."""
        return {"reader": self.optimizer}

    def schedulers(self) -> dict[str, torch.optim.lr_scheduler.LRScheduler]:
        """The one."""
        return {"reader": self.rates}

    def step(self, documents: Documents) -> float:
        """One update; the loss.

        Raises:
            DivergedError: it is no number.
        """
        loss = self.loss(documents)
        value = float(loss.item())
        if not math.isfinite(value):
            raise DivergedError(
                "The loss of pre-training is no number; lower the learning rate or change the seed."
            )
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.optimizer.param_groups[0]["params"], MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.rates.step()
        return value

    def loss(self, documents: Documents) -> torch.Tensor:
        """The loss of selected spans and, weighed, that of masked words."""
        value = within(documents.told, documents.ids.shape[1])
        guessed = (value | by_chance(documents.ids, MASKED)) & (documents.ids >= len(SPECIALS))
        shown = documents.ids.masked_fill(value | (guessed & by_chance(documents.ids, SHOWN_AS_MASK)), MASK)
        inputs = {"input_ids": shown, "token_type_ids": documents.types}
        output = self.network.bert(**inputs, attention_mask=(shown != 0).long()).last_hidden_state
        masked = torch.nn.functional.cross_entropy(self.words(output[guessed]), documents.ids[guessed])
        return self._span_loss(output, documents) + self.masked_weight * masked

    def _span_loss(self, output: torch.Tensor, documents: Documents) -> torch.Tensor:
        telling = documents.told[:, 0] > 0
        outside = (documents.types == 0) | (documents.ids == 0)
        logits = self.network.qa_outputs(output).masked_fill(outside[..., None], LOWEST)[telling]
        gold = documents.found[telling]
        return span_loss(logits[..., 0], logits[..., 1], gold[:, 0], gold[:, 1])


def within(ranges: torch.Tensor, length: int) -> torch.Tensor:
    """Which of `length` positions are in the inclusive ranges (B, 2), (B, length); (0, 0) is no range."""
    position = torch.arange(length, device=ranges.device)
    return (ranges[:, :1] <= position) & (position <= ranges[:, 1:]) & (ranges[:, :1] > 0)


def by_chance(like: torch.Tensor, share: float) -> torch.Tensor:
    """True at a share of the places, drawn anew each time."""
    return torch.rand(like.shape, device=like.device) < share


def pretrain(spec: PretrainSpec, on_progress: OnProgress = ignore) -> dict[str, Any]:
    """Pre-trains what the spec says into its output folder, which is filled by one rename.

    The same spec on the same CPU with the same number of threads gives the same weights, also where it was killed and
    begun again. Returns the figures of the job's `done` event. Seeds torch's global generator.

    Raises:
        UsageError: the output folder is not empty, or the device does not exist.
        InputError: the corpus or the vocabulary cannot be used.
        JobError: the loss diverged, or the checkpoints are another pre-training's.
    """
    began = time.perf_counter()
    output = empty_folder(Path(spec.output))
    processes, device = open_processes(spec.device)
    torch.manual_seed(spec.seed)
    words = read_vocabulary(Path(spec.vocabulary))
    tokenizer = word_tokenizer(words)
    documents = read_documents(Path(spec.corpus), tokenizer)
    training = make_pretraining(spec, list(words.values()), device)
    folder = Path(spec.checkpoints or f"{spec.output.rstrip('/')}.checkpoints")
    checkpoints = Checkpoints(folder, spec.identity(), processes)
    loss = fit(training, documents, spec, checkpoints, device, on_progress)
    aside = output.with_name(f".aside-{output.name}")
    shutil.rmtree(aside, ignore_errors=True)
    Reader(training.network, tokenizer).save(aside)
    output.rmdir()
    aside.rename(output)
    checkpoints.remove()
    return {"steps": spec.steps, "loss": loss, "seconds": round(time.perf_counter() - began, 3)}


def make_pretraining(spec: PretrainSpec, concepts: Sequence[int], device: torch.device) -> Pretraining:
    """The pre-training at its beginning, on the device."""
    network = make_network(concepts, spec.alignment).to(device).train()
    words = make_word_head(network.bert.embeddings.word_embeddings).to(device)
    # The embeddings belong to both.
    parameters = list(dict.fromkeys([*network.parameters(), *words.parameters()]))
    optimizer = torch.optim.AdamW(
        parameters, spec.learning_rate, betas=BETAS, weight_decay=spec.weight_decay, fused=True
    )
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step, spec.steps))
    return Pretraining(network, words, optimizer, rates, spec.masked_weight)


def rate_factor(step: int, steps: int) -> float:
    """The share of the learning rate that holds for step number `step`, counted from 0.

    >>> [round(rate_factor(step, 400), 3) for step in (0, 99, 200, 399)]
    [0.01, 0.752, 0.5, 0.05]
    """
    return min(1.0, (step + 1) / WARMUP_STEPS) * max(LEAST, 1 - step / steps)


def fit(
    training: Pretraining,
    documents: Documents,
    spec: PretrainSpec,
    checkpoints: Checkpoints,
    device: torch.device,
    on_progress: OnProgress,
) -> float:
    """Trains to the end, from the last checkpoint if there is one; the last loss."""
    state = checkpoints.restore(training, device) or {"step": 0, "loss": math.nan}
    loss = float(state["loss"])
    for step in range(int(state["step"]) + 1, spec.steps + 1):
        batch = documents.take(torch.randint(0, len(documents), (spec.batch_size,)))
        loss = training.step(batch.to(device))
        if step % PROGRESS_STEPS == 0 or step == spec.steps:
            on_progress(Progress(Stage.TRAIN, step, spec.steps, loss=loss))
        if step % spec.checkpoint_interval == 0 and step < spec.steps:
            checkpoints.save(step, training, device, {"loss": loss})
    return loss
