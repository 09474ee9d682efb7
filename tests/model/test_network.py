"""Readers: what they give the loss, how they are opened, and that transformers alone can load them."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, BertConfig, BertModel

from model.errors import EncoderUnavailableError, ReaderUnusableError
from model.network import Reader, new_reader, open_reader
from model.objectives.extraction import span_loss
from model.spec import Precision, TrainSpec
from model.vocabulary import train_tokenizer

BASE = {"system": "zs", "files": ["rows.parquet"], "output": "out"}


def specify(encoder: Path) -> TrainSpec:
    return TrainSpec.from_json({**BASE, "encoder": "mine", "encoder_path": str(encoder)})


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BERT without span heads, as an encoder comes from the Hub."""
    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = train_tokenizer(["The tower stands in Paris.", "Where is the tower?"] * 3)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def inputs() -> dict[str, torch.Tensor]:
    ids = torch.tensor([[2, 7, 3, 9, 8, 3], [2, 7, 3, 9, 3, 0]])
    types = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0]])
    return {"input_ids": ids, "token_type_ids": types, "attention_mask": (ids != 0).long()}


def test_padding_changes_no_loss(encoder: Path, inputs: dict[str, torch.Tensor]) -> None:
    reader = new_reader(specify(encoder), [])
    reader.network.eval()
    gold = torch.tensor([3])
    short = {name: tensor[1:, :5] for name, tensor in inputs.items()}
    padded = {name: tensor[1:] for name, tensor in inputs.items()}
    losses = [span_loss(*reader.answer_logits(batch), gold, gold) for batch in (short, padded)]
    torch.testing.assert_close(losses[0], losses[1])


def test_half_precision_still_gives_float32_logits(encoder: Path, inputs: dict[str, torch.Tensor]) -> None:
    reader = new_reader(specify(encoder), [])
    reader.network.eval()
    half = Reader(reader.network, reader.tokenizer, Precision.BFLOAT16)
    full_start, _ = reader.answer_logits(inputs)
    half_start, _ = half.answer_logits(inputs)
    assert half_start.dtype == torch.float32
    assert not torch.equal(half_start, full_start)
    torch.testing.assert_close(half_start, full_start, atol=0.05, rtol=0.05)


def test_an_encoder_gets_new_heads_drawn_from_the_seed(encoder: Path) -> None:
    spec = specify(encoder)
    heads = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        reader = new_reader(spec, [])
        heads.append(reader.network.qa_outputs.weight.detach().clone())
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])
    assert reader.tokenizer.model_max_length == 64


def test_a_saved_reader_needs_nothing_of_ours(
    encoder: Path, tmp_path: Path, inputs: dict[str, torch.Tensor]
) -> None:
    reader = new_reader(specify(encoder), [])
    reader.save(tmp_path)
    reader.network.eval()
    network = AutoModelForQuestionAnswering.from_pretrained(tmp_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    assert tokenizer("Where?", "In Paris.") == reader.tokenizer("Where?", "In Paris.")
    assert torch.equal(network(**inputs).start_logits, reader.network(**inputs).start_logits)
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReaderUnusableError, match=r"config\.json is missing"):
        open_reader(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ReaderUnusableError, match="cannot be loaded"):
        open_reader(tmp_path)


def test_an_encoder_without_span_heads_is_no_reader(encoder: Path) -> None:
    with pytest.raises(ReaderUnusableError, match=r"lacks 2 weights \(qa_outputs\.bias"):
        open_reader(encoder)


def test_an_encoder_that_lacks_weights_of_its_own_is_refused(encoder: Path, tmp_path: Path) -> None:
    reader = new_reader(specify(encoder), [])
    reader.save(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["bert.embeddings.word_embeddings.weight"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ReaderUnusableError, match=r"lacks 1 weights \(bert\.embeddings"):
        new_reader(specify(tmp_path), [])


def test_damaged_weights_are_a_reader_that_cannot_be_used(encoder: Path, tmp_path: Path) -> None:
    new_reader(specify(encoder), []).save(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"\x00" * 100)
    with pytest.raises(ReaderUnusableError, match="cannot be loaded"):
        open_reader(tmp_path)


def test_an_encoder_that_is_not_to_be_had_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise OSError("We couldn't connect to the Hub.\nCheck your connection.")

    monkeypatch.setattr(AutoModelForQuestionAnswering, "from_pretrained", offline)
    with pytest.raises(EncoderUnavailableError, match=r"'no-such-encoder'.*connect to the Hub") as caught:
        new_reader(TrainSpec.from_json({**BASE, "encoder": "no-such-encoder"}), [])
    assert not caught.value.retryable
    assert "\n" not in str(caught.value)
