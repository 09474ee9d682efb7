"""The network: an encoder with two linear heads for start and end (Sec. 2), as plain transformers knows it.

A reader's folder is what `save_pretrained` writes; `AutoModelForQuestionAnswering` loads it without any
code of ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, BertConfig, BertForQuestionAnswering

from model.batches import Tensors
from model.errors import EncoderUnavailableError, ReaderUnusableError, first_line
from model.spec import Precision, Preset, TrainSpec
from model.vocabulary import MAX_TOKENS, train_tokenizer

_LOADING_FAULTS = (OSError, ValueError, KeyError, SafetensorError)
"""What transformers raises for a model that is not there, or is damaged, or is none."""


class Encoded(NamedTuple):
    """What a reader makes of a batch: start and end logits (B, T), final hidden vectors (B, T, H); all float32."""

    start_logits: torch.Tensor
    end_logits: torch.Tensor
    hidden: torch.Tensor


@dataclass(frozen=True, slots=True)
class Reader:
    """A network with span heads, and the tokenizer that belongs to it."""

    network: torch.nn.Module
    tokenizer: Any
    precision: Precision = Precision.FLOAT32

    def answer_logits(self, inputs: Tensors) -> tuple[torch.Tensor, torch.Tensor]:
        """Start and end logits (B, T), float32; padding holds the lowest float.

        The softmax of Eq. 2 is over tokens: what else is in a batch must not change a window's loss.
        """
        output, padding = self._forward(inputs)
        return _mask(output.start_logits, padding), _mask(output.end_logits, padding)

    def encode(self, inputs: Tensors) -> Encoded:
        """The logits of `answer_logits` and the encoder's last layer, of one forward pass."""
        output, padding = self._forward(inputs, output_hidden_states=True)
        start, end = (_mask(logits, padding) for logits in (output.start_logits, output.end_logits))
        return Encoded(start, end, output.hidden_states[-1].float())

    @property
    def hidden_size(self) -> int:
        """H, the width of the encoder's layers."""
        return int(self.network.config.hidden_size)

    def _forward(self, inputs: Tensors, **wanted: bool) -> tuple[Any, torch.Tensor]:
        """The network's output, and which positions are padding."""
        # Not every network knows token types; its tokenizer says so.
        known = {name: tensor for name, tensor in inputs.items() if name in self.tokenizer.model_input_names}
        padding = inputs["attention_mask"] == 0
        half = self.precision is Precision.BFLOAT16
        with torch.autocast(padding.device.type, torch.bfloat16, enabled=half):
            return self.network(**known, **wanted), padding

    def save(self, folder: Path) -> None:
        """Writes network (safetensors) and tokenizer for plain transformers."""
        self.network.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        # The weights are written for their owner alone; a reader is to be read by others too.
        for path in folder.glob("*.safetensors"):
            path.chmod((folder / "config.json").stat().st_mode)


def _mask(logits: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
    return logits.float().masked_fill(padding, torch.finfo(torch.float32).min)


def new_reader(spec: TrainSpec, texts: Sequence[str]) -> Reader:
    """The reader with which a training begins; the tiny preset learns its vocabulary from `texts`.

    New weights are drawn from torch's global generator, which the caller seeds.

    Raises:
        EncoderUnavailableError: the encoder is not to be had from the Hub.
        ReaderUnusableError: the encoder's folder cannot be used.
    """
    if spec.preset is Preset.TINY:
        return _tiny(texts)
    source = spec.encoder_path or spec.encoder
    if Path(source).is_dir():
        return _open(Path(source), heads=False)
    try:
        reader, missing = _load(source, spec.encoder_revision)
    except _LOADING_FAULTS as error:
        raise EncoderUnavailableError(
            f"The encoder {source!r} could not be loaded ({first_line(error)});"
            " check its name and the network, or give a folder that holds it."
        ) from error
    return _checked(reader, missing, source, heads=False)


def open_reader(folder: Path) -> Reader:
    """The trained reader of a folder; raises `ReaderUnusableError` where there is none, or only an encoder."""
    return _open(folder, heads=True)


def _open(folder: Path, *, heads: bool) -> Reader:
    if not (folder / "config.json").is_file():
        raise ReaderUnusableError(
            f"The folder {folder} holds no model (config.json is missing); check the path."
        )
    try:
        reader, missing = _load(str(folder), "main")
    except _LOADING_FAULTS as error:
        raise ReaderUnusableError(
            f"The model in {folder} cannot be loaded ({first_line(error)}); train or copy it anew."
        ) from error
    return _checked(reader, missing, str(folder), heads=heads)


def _load(source: str, revision: str) -> tuple[Reader, set[str]]:
    """The reader, and the names of its weights that were not there and are random now."""
    # Safetensors only: other weight files can run code when they are read.
    network, loading = AutoModelForQuestionAnswering.from_pretrained(
        source, revision=revision, use_safetensors=True, dtype=torch.float32, output_loading_info=True
    )
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
    positions = getattr(network.config, "max_position_embeddings", MAX_TOKENS)
    # A tokenizer saved without its limit reports an astronomic one.
    tokenizer.model_max_length = min(tokenizer.model_max_length, positions)
    return Reader(network, tokenizer), set(loading["missing_keys"])


def _checked(reader: Reader, missing: set[str], source: str, *, heads: bool) -> Reader:
    """The reader, unless weights are random that must not be: an encoder may lack its span heads only."""
    encoder = f"{reader.network.base_model_prefix}."
    lacking = sorted(name for name in missing if heads or name.startswith(encoder))
    if lacking:
        raise ReaderUnusableError(
            f"The model in {source} lacks {len(lacking)} weights ({lacking[0]}, ...); give one that has them."
        )
    return reader


def _tiny(texts: Sequence[str]) -> Reader:
    tokenizer = train_tokenizer(texts)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=512,
        max_position_embeddings=MAX_TOKENS,
        # Its few rows are seen a few times at most: it cannot over-learn before it learns.
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Reader(BertForQuestionAnswering(config), tokenizer)
