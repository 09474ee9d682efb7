"""Vectors of questions: what they are made of, and the reader as it was before its training."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from model.errors import ReaderUnusableError
from model.fingerprints import fingerprint
from model.job import run
from model.network import Reader, new_reader, open_reader
from model.questions import untrained, vectors_file, vectors_of
from model.spec import Preset, QuestionVector, TrainSpec, VectorSpec
from model.training import train
from storage.errors import InputError, UsageError

Row = dict[str, Any]

QUESTIONS = ["Who lives in Rome?", "What does Ada like?", "Who?", "Who lives in Rome?"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, toy_rows: list[Row]) -> Path:
    from storage.silver import SILVER_SCHEMA

    place = tmp_path_factory.mktemp("questions")
    pq.write_table(pa.Table.from_pylist(toy_rows, schema=SILVER_SCHEMA), place / "rows.parquet")
    spec = TrainSpec(
        system="zs",
        files=(str(place / "rows.parquet"),),
        output=str(place / "reader"),
        preset=Preset.TINY,
        seed=3,
        epochs=2,
        device="cpu",
    )
    train(spec)
    return place / "reader"


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    keys = [f"en/{place}" for place in range(len(QUESTIONS))]
    pq.write_table(pa.table({"key": keys, "question": QUESTIONS}), tmp_path / "questions.parquet")
    return tmp_path / "questions.parquet"


def vectors(
    reader: Reader, questions: list[str], kind: QuestionVector, **options: int
) -> np.ndarray[Any, Any]:
    lengths = {"max_length": 384, "max_batch_tokens": 16384} | options
    return vectors_of(reader, questions, kind=kind, device="cpu", **lengths)


def test_a_vector_is_that_of_the_question_alone(folder: Path) -> None:
    """Against the network itself, fed by the tokenizer's own encoding of the question and an empty context."""
    reader = open_reader(folder)
    pair = reader.tokenizer.backend_tokenizer.encode(QUESTIONS[0], "")
    inputs = {"input_ids": torch.tensor([pair.ids]), "token_type_ids": torch.tensor([pair.type_ids])}
    with torch.inference_mode():
        hidden = reader.network.eval()(**inputs, output_hidden_states=True).hidden_states[-1][0]
    # [CLS] question [SEP] [SEP]
    expected = {
        QuestionVector.CLS: hidden[0],
        QuestionVector.AVERAGE: hidden[1:-2].mean(dim=0),
        QuestionVector.CLS_SEP: torch.cat([hidden[0], hidden[-2]]),
    }
    for kind, vector in expected.items():
        found = vectors(reader, QUESTIONS, kind)
        assert found.dtype == np.float32
        assert np.allclose(found[0], vector.numpy(), atol=1e-5)
        assert np.allclose(found[0], found[3], atol=1e-6)


def test_what_else_is_in_a_batch_changes_nothing(folder: Path) -> None:
    reader = open_reader(folder)
    together = vectors(reader, QUESTIONS, QuestionVector.AVERAGE)
    alone = vectors(reader, QUESTIONS, QuestionVector.AVERAGE, max_batch_tokens=1)
    assert np.allclose(together, alone, atol=1e-5)


def test_a_tiny_reader_before_its_training_is_the_one_that_it_began_with(
    folder: Path, toy_rows: list[Row]
) -> None:
    # A vocabulary is learnt from each distinct text once.
    texts = list(dict.fromkeys(row[name] for name in ("question", "context") for row in toy_rows))
    torch.manual_seed(3)
    spec = TrainSpec(system="zs", files=("-",), output="-", preset=Preset.TINY, seed=3)
    began = new_reader(spec, texts).network.state_dict()
    again = untrained(folder).network.state_dict()
    assert began.keys() == again.keys()
    assert all(torch.equal(weights, again[name]) for name, weights in began.items())
    after = open_reader(folder).network.state_dict()
    assert not all(torch.equal(weights, after[name]) for name, weights in began.items())


def test_an_encoder_known_by_its_content_is_needed_in_its_place(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "reader"
    other.mkdir()
    for file in folder.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    record = json.loads((other / "training.json").read_bytes())
    record["spec"] |= {"preset": "base", "encoder": fingerprint(folder)}
    (other / "training.json").write_text(json.dumps(record))
    for place in ("", str(tmp_path)):
        with pytest.raises((ReaderUnusableError, InputError)):
            untrained(other, place)
    began = untrained(other, str(folder)).network.state_dict()
    assert torch.equal(began["qa_outputs.bias"], open_reader(folder).network.state_dict()["qa_outputs.bias"])


@pytest.mark.parametrize("record", [None, "{", "[]", '{"spec": {"job": "train"}}', '{"epochs": 3}'])
def test_a_foreign_reader_does_not_say_what_it_was(folder: Path, tmp_path: Path, record: str | None) -> None:
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    if record is not None:
        (tmp_path / "training.json").write_text(record)
    with pytest.raises(ReaderUnusableError, match="does not say what it was before its training"):
        untrained(tmp_path)


@pytest.mark.parametrize("before", [False, True])
def test_the_job_writes_a_vector_for_each_key(
    folder: Path, asked: Path, tmp_path: Path, before: bool
) -> None:
    output = tmp_path / "vectors.parquet"
    spec = VectorSpec(
        model=str(folder), questions=str(asked), output=str(output), untrained=before, device="cpu"
    )
    done = run(spec, lambda _: None)
    table = pq.read_table(output)
    assert (done["job"], done["vectors"], done["width"]) == ("vectors", 4, 128)
    assert table["key"].to_pylist() == ["en/0", "en/1", "en/2", "en/3"]
    rows = np.array(table["vector"].to_pylist(), dtype=np.float32)
    reader = untrained(folder) if before else open_reader(folder)
    assert np.allclose(rows, vectors(reader, QUESTIONS, QuestionVector.AVERAGE), atol=1e-5)


@pytest.mark.parametrize(
    "columns", [{"key": ["a"]}, {"key": ["a"], "question": [None]}, {"key": ["a"], "question": [[1]]}]
)
def test_questions_that_cannot_be_read(folder: Path, tmp_path: Path, columns: dict[str, Any]) -> None:
    path = tmp_path / "q.parquet"
    pq.write_table(pa.table(columns), path)
    with pytest.raises(InputError, match=r"q\.parquet"):
        vectors_file(
            VectorSpec(model=str(folder), questions=str(path), output=str(tmp_path / "v"), device="cpu")
        )


def test_no_questions_no_vectors(folder: Path) -> None:
    assert vectors(open_reader(folder), [], QuestionVector.CLS).shape == (0, 128)


def test_a_vector_must_be_one_of_the_three() -> None:
    with pytest.raises(UsageError, match="must be one of cls, average, cls-sep"):
        VectorSpec(model="m", questions="q", output="o", question_vector=QuestionVector.UNSET)


def test_the_identity_says_what_the_vectors_are(write_rows: Callable[..., Path]) -> None:
    spec = VectorSpec(model="m", questions="q", output="o", threads=3)
    assert spec.identity() == VectorSpec(model="x", questions="y", output="z").identity()
    assert spec.identity() != VectorSpec(model="m", questions="q", output="o", untrained=True).identity()
    assert VectorSpec.from_json(spec.to_json()) == spec
