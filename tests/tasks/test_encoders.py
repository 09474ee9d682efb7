"""The encoder of a neural aligner: known by its files, and checked before it is used."""

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from model.errors import ReaderUnusableError
from model.vocabulary import train_tokenizer
from storage.errors import EngineError, InputError
from tasks.encoders import Encoder, neural_aligner


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder with random weights, as transformers saves it."""
    path = tmp_path_factory.mktemp("encoder")
    saved(path, seed=1)
    return path


def saved(path: Path, seed: int) -> None:
    tokenizer = train_tokenizer(["the dog sees a cat at home", "el perro ve un gato en casa"] * 3)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(path)
    tokenizer.save_pretrained(path)


def test_it_aligns_as_the_other_aligner_does(folder: Path) -> None:
    found = Encoder.of(str(folder))
    aligner = neural_aligner(str(folder), found.identity, "es")
    (alignment,) = aligner.align_many([("the dog", "the dog sees")])
    assert alignment.links.shape == (2, 3)
    assert alignment.links.argmax(axis=1).tolist() == [0, 1]


def test_the_same_files_elsewhere_are_the_same_encoder(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert Encoder.of(str(folder)).identity == Encoder.of(str(tmp_path)).identity
    saved(tmp_path, seed=2)
    assert Encoder.of(str(folder)).identity != Encoder.of(str(tmp_path)).identity


def test_an_encoder_that_changed_meanwhile_is_not_used(folder: Path) -> None:
    with pytest.raises(InputError, match="has changed"):
        neural_aligner(str(folder), {"encoder": "sha256:another"}, "es")


def test_what_is_no_encoder_is_told_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no model"):
        Encoder.of(str(tmp_path / "not there"))
    with pytest.raises(InputError, match="safetensors"):
        Encoder.of(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(ReaderUnusableError):
        neural_aligner(str(tmp_path), Encoder.of(str(tmp_path)).identity, "es")
