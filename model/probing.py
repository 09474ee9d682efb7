"""The probe of language: how far a discriminator can tell a question's language from a reader's vector of it.

AT's discriminator is kept beside its reader, so that the probe can be repeated on any questions. Plain transformers
leaves its file alone.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model, save_model

from model.batches import Features, collate, micro_batches
from model.discriminator import HIDDEN_FACTOR, make_discriminator
from model.errors import ReaderUnusableError, first_line
from model.features import make_windows
from model.network import Reader
from model.objectives.adversarial import confusion_loss
from model.pooling import question_vectors
from model.progress import ignore
from model.spec import MAX_BATCH_TOKENS, QuestionVector
from model.texts import Ints, Texts
from storage.errors import UsageError

DISCRIMINATOR_NAME = "discriminator.safetensors"

_LAST = "4.weight"
"""Of `make_discriminator`'s last layer: (K, 4H)."""


@dataclass(frozen=True, slots=True)
class Discriminator:
    """A discriminator, the languages that its K classes stand for, and what it is shown of a question."""

    network: torch.nn.Module
    languages: tuple[str, ...]
    vector: QuestionVector

    def save(self, folder: Path) -> None:
        """Writes it beside a reader."""
        about = {"languages": json.dumps(self.languages), "question_vector": str(self.vector)}
        save_model(self.network, str(folder / DISCRIMINATOR_NAME), metadata=about)
        # Written for its owner alone, as transformers' weights are; it is to be read by others too.
        (folder / DISCRIMINATOR_NAME).chmod(0o644)


@dataclass(frozen=True, slots=True)
class Told:
    """What a probe found: `accuracy` in percent, `confusion` the mean of Eq. 4 in nats (0: it can but guess)."""

    accuracy: float
    confusion: float


def open_discriminator(folder: Path) -> Discriminator:
    """The discriminator beside a reader.

    Raises:
        ReaderUnusableError: there is none, which is so of all systems but AT, or it is damaged.
    """
    path = folder / DISCRIMINATOR_NAME
    if not path.is_file():
        raise ReaderUnusableError(
            f"The folder {folder} holds no {DISCRIMINATOR_NAME}; train a system of AT, which leaves one."
        )
    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata()
            classes, inner = file.get_slice(_LAST).get_shape()
            width = file.get_slice("0.weight").get_shape()[1]
        network = make_discriminator(width, inner // HIDDEN_FACTOR, classes)
        load_model(network, path)
        languages, vector = json.loads(about["languages"]), QuestionVector(about["question_vector"])
    except (SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise ReaderUnusableError(
            f"{path} cannot be read ({first_line(error)}); train the reader anew."
        ) from error
    return Discriminator(network.eval(), tuple(languages), vector)


def probe(
    reader: Reader,
    discriminator: Discriminator,
    texts: Texts,
    languages: Sequence[str],
    *,
    max_length: int = 384,
    doc_stride: int = 128,
    max_batch_tokens: int = MAX_BATCH_TOKENS,
) -> Told:
    """What the discriminator makes of questions, as means over their windows.

    Reader and discriminator lie on one device.

    Args:
        reader: whose vectors are probed.
        discriminator: that of the same reader, or another that was trained on its vectors.
        texts: the questions (R) on their contexts.
        languages: (R) those that the questions are in.
        max_length, doc_stride: tokens, as in training.
        max_batch_tokens: of one forward pass.

    Raises:
        UsageError: the discriminator does not know one of the languages.
    """
    for language in languages:
        if language not in discriminator.languages:
            raise UsageError.unknown("language of the discriminator", language, discriminator.languages)
    windows = make_windows(
        reader.tokenizer, texts, max_length=max_length, doc_stride=doc_stride, on_progress=ignore
    )
    classes = np.array([discriminator.languages.index(language) for language in languages], dtype=np.int64)
    features = Features(windows, windows.question_spans, classes[windows.row])
    items = np.arange(len(features))
    reader.network.eval()
    hits = confusion = 0.0
    for part in micro_batches(items, features.lengths, max_tokens=max_batch_tokens):
        logits, right = _judged(reader, discriminator, features, part)
        hits += float((logits.argmax(-1) == right).sum())
        confusion += len(part) * float(confusion_loss(logits))
    return Told(100 * hits / len(items), confusion / len(items))


def _judged(
    reader: Reader, discriminator: Discriminator, features: Features, part: Ints
) -> tuple[torch.Tensor, torch.Tensor]:
    """Language logits (B, K) and the right classes (B,)."""
    batch = collate(features, part, next(reader.network.parameters()).device)
    with torch.inference_mode():
        hidden = reader.encode(batch.inputs).hidden
        vectors = question_vectors(hidden, batch.questions, discriminator.vector, batch.cls)
        return discriminator.network(vectors), batch.languages
