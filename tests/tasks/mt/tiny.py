"""Tiny models with random weights, made here: what the libraries' real classes load in tests.

Where a test must know what comes out, a model is made to repeat its source: a network of torch by a hook on its real
forward pass, one of CTranslate2 by a prefix that its real decoder is held to.
"""

import json
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from tasks.mt.local import CTranslate2Model, TorchModel, open_ctranslate2, open_transformers
from tasks.mt.neural import NeuralEngine

Pieces = tuple[Path, list[tuple[str, float]]]
"""The file of a SentencePiece model, and its pieces with their scores."""

SIZES: dict[str, Any] = {
    "d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "init_std": 0.3,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32,
}  # fmt: skip


def save(model: Any, tokenizer: Any, folder: Path) -> Path:
    """Written as hubs hold it, with the defaults that would cut or end answers if they were obeyed."""
    model.generation_config.update(max_length=20, num_beams=3, forced_eos_token_id=model.config.eos_token_id)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def pieces_of(corpus: Sequence[str], folder: Path) -> Pieces:
    """A tiny SentencePiece model of some lines."""
    spm = pytest.importorskip("sentencepiece")
    (folder / "corpus.txt").write_text("\n".join(corpus))
    spm.SentencePieceTrainer.train(
        input=str(folder / "corpus.txt"), model_prefix=str(folder / "tiny"), vocab_size=200,
        hard_vocab_limit=False, character_coverage=1.0, minloglevel=2,
    )  # fmt: skip
    model = spm.SentencePieceProcessor(model_file=str(folder / "tiny.model"))
    special = ("<s>", "</s>", "<unk>")
    found = [(model.id_to_piece(i), float(model.get_score(i))) for i in range(len(model))]
    return folder / "tiny.model", [(piece, score) for piece, score in found if piece not in special]


def marian(
    pieces: Pieces, folder: Path, codes: Sequence[str] = (), end_bias: float | None = None, **languages: str
) -> Path:
    """A Marian model; `codes` are those of its target languages, if it has several."""
    words = [
        "</s>",
        "<unk>",
        *(f">>{code}<<" for code in codes),
        *(piece for piece, _ in pieces[1]),
        "<pad>",
    ]
    with tempfile.TemporaryDirectory() as made:
        vocabulary = Path(made) / "v.json"
        vocabulary.write_text(json.dumps({word: i for i, word in enumerate(words)}))
        sides = [Path(made) / f"{side}.spm" for side in ("source", "target")]
        for side in sides:
            shutil.copy(pieces[0], side)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tokenizer = transformers.MarianTokenizer(
                *map(str, sides), str(vocabulary), model_max_length=96, **languages
            )
        pad = len(words) - 1
        config = transformers.MarianConfig(
            vocab_size=len(words), pad_token_id=pad, decoder_start_token_id=pad, eos_token_id=0,
            max_position_embeddings=96, tie_word_embeddings=end_bias is None, **SIZES,
        )  # fmt: skip
        torch.manual_seed(8)
        model = transformers.MarianMTModel(config)
        if end_bias is not None:
            model.final_logits_bias[0, 0] = end_bias
        return save(model, tokenizer, folder)


def converted(folder: Path, output: Path) -> Path:
    """A model in the format of CTranslate2."""
    converters = pytest.importorskip("ctranslate2.converters")
    files = [
        path.name for path in folder.iterdir() if "token" in path.name or path.suffix in (".spm", ".model")
    ]
    files += [path.name for path in folder.glob("vocab.json")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        converters.TransformersConverter(str(folder), copy_files=files).convert(str(output))
    return output


def scripted(network: Any, how: str, head: int = 0) -> list[Any]:
    """Makes a network `echo` its source, or follow its weights with an `ending` after as many tokens.

    `head` tokens stand before the text in a source and not in its answer. Returns the handles that undo it.
    """
    source: dict[str, torch.Tensor] = {}

    def before(_module: Any, _args: Any, kwargs: dict[str, Any]) -> None:
        source["ids"] = kwargs["input_ids"]

    def after(_module: Any, _args: Any, kwargs: dict[str, Any], output: Any) -> Any:
        place = kwargs["past_key_values"].get_seq_length() - 1 + head
        output.logits = _script(output.logits, source["ids"], place, network.config.eos_token_id, how)
        return output

    return [
        network.get_encoder().register_forward_pre_hook(before, with_kwargs=True),
        network.register_forward_hook(after, with_kwargs=True),
    ]


def _script(logits: torch.Tensor, ids: torch.Tensor, place: int, end: int, how: str) -> torch.Tensor:
    """Logits of the next token with the end where the source has it, and for `echo` with the source's tokens before."""
    ids = ids.repeat_interleave(len(logits) // len(ids), dim=0)
    for row, tokens in enumerate(ids.tolist()):
        last = tokens.index(end)
        logits[row, -1, end] = -1e4
        if place >= last:
            logits[row, -1, end] = 1e4
        elif how == "echo":
            logits[row, -1, tokens[place]] = 1e4
    return logits


class HeldToItsSource:
    """A translator of CTranslate2 whose answers begin with their source; the model's bias ends them there."""

    def __init__(self, translator: Any) -> None:
        self.translator = translator

    def translate_batch(self, rows: Sequence[Sequence[str]], target_prefix: None, **options: Any) -> Any:
        return self.translator.translate_batch(rows, target_prefix=[row[:-1] for row in rows], **options)


def echoing_transformers(model: Path) -> NeuralEngine:
    """An engine that gives back what it is sent, through the classes of transformers."""
    engine = open_transformers(f"{model}?beams=1")
    opened, *_ = engine._open("en", "es")
    assert isinstance(opened, TorchModel)
    scripted(opened._network, "echo")
    return engine


def echoing_ctranslate2(model: Path) -> NeuralEngine:
    """An engine that gives back what it is sent, through the classes of CTranslate2; the model must always end."""
    engine = open_ctranslate2(f"{model}?beams=1")
    opened, *_ = engine._open("en", "es")
    assert isinstance(opened, CTranslate2Model)
    opened.__dict__["_translator"] = HeldToItsSource(opened._translator)
    return engine
