"""The probe of language, from the discriminator that AT leaves beside its reader."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForQuestionAnswering

from model.checkpoints import Checkpoints
from model.errors import ReaderUnusableError
from model.network import open_reader
from model.probing import DISCRIMINATOR_NAME, Told, open_discriminator, probe
from model.spec import QuestionVector, TrainSpec
from model.texts import Texts
from model.training import train
from storage.errors import UsageError

Row = dict[str, Any]
Specify = Callable[..., TrainSpec]


@pytest.fixture
def specify(
    toy_rows: list[Row], make_row: Callable[..., Row], write_rows: Callable[..., Path], tmp_path: Path
) -> Specify:
    """AT on pretended Spanish, in which the discriminator learns and nothing is held against it."""
    spanish = [
        make_row(
            row["source_id"], "tq", "es-en", f"¿{row['question']}", row["context"], row["answers"]["text"][0]
        )
        for row in toy_rows
    ]
    files = [str(write_rows([*toy_rows, *spanish]))]

    def make(**changes: Any) -> TrainSpec:
        base = {
            "system": "at-en-all",
            "files": files,
            "output": str(tmp_path / "reader"),
            "preset": "tiny",
            # All in one batch: toy questions of one length are of one language.
            "batch_size": 32,
            "epochs": 30,
            "adversarial_weight": 0.0,
            "learning_rate": 1e-5,
            "discriminator_learning_rate": 3e-3,
            "log_interval": 1,
            "question_vector": "average",
        }
        return TrainSpec.from_json({**base, **changes})

    return make


def told_of(folder: Path, rows: list[Row], english: str = "en", other: str = "es") -> Told:
    """The toy questions, as they are and as pretended Spanish."""
    questions = [row["question"] for row in rows] + [f"¿{row['question']}" for row in rows]
    texts = Texts.of(questions, [row["context"] for row in rows] * 2)
    languages = [english] * len(rows) + [other] * len(rows)
    return probe(open_reader(folder), open_discriminator(folder), texts, languages)


def test_the_probe_is_repeated_from_what_lies_beside_the_reader(
    specify: Specify, toy_rows: list[Row]
) -> None:
    spec = specify()
    record = train(spec)
    folder = Path(spec.output)
    assert record.losses["discriminator_accuracy"][-1][1] == 1
    told = told_of(folder, toy_rows)
    assert told.accuracy == 100
    assert told.confusion > 0.5
    assert told_of(folder, toy_rows, english="es", other="en").accuracy == 0
    with pytest.raises(UsageError, match="Unknown language of the discriminator 'zh'; choose one of: en, es"):
        told_of(folder, toy_rows, other="zh")


def test_one_that_only_guesses_confuses_nothing(specify: Specify, toy_rows: list[Row]) -> None:
    """Limit case of Eq. 4: a last layer of zeros gives every language the same probability."""
    spec = specify(epochs=1)
    train(spec)
    folder = Path(spec.output)
    guessing = open_discriminator(folder)
    with torch.no_grad():
        for parameter in list(guessing.network.parameters())[-2:]:
            parameter.zero_()
    guessing.save(folder)
    told = told_of(folder, toy_rows)
    assert told.accuracy == 50
    assert told.confusion == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("vector", ["cls", "cls-sep"])
def test_it_says_what_it_was_shown_and_transformers_leaves_it_alone(specify: Specify, vector: str) -> None:
    spec = specify(epochs=1, question_vector=vector)
    train(spec)
    found = open_discriminator(Path(spec.output))
    assert (found.languages, found.vector) == (("en", "es"), QuestionVector(vector))
    _, loading = AutoModelForQuestionAnswering.from_pretrained(spec.output, output_loading_info=True)
    assert not any(loading.values())


def test_it_is_that_of_the_best_step(specify: Specify, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores are made to fall: the first look is the best, and both sides are those of its step."""
    scores = iter((3.0, 2.0, 1.0))
    monkeypatch.setattr("model.development.Development.score", lambda *_, **__: next(scores))
    kept: dict[str, torch.Tensor] = {}
    save = Checkpoints.save

    def saving(self: Checkpoints, step: int, schedule: Any, *rest: Any) -> None:
        for name, value in schedule.trainables()["discriminator"].state_dict().items():
            kept.setdefault(name, value.clone())
        save(self, step, schedule, *rest)

    monkeypatch.setattr(Checkpoints, "save", saving)
    spec = specify(epochs=3, dev=["toy"], dev_files=list(specify().files))
    assert train(spec).best_step == 1
    found = open_discriminator(Path(spec.output)).network.state_dict()
    assert all(torch.equal(found[name], kept[name]) for name in kept)


def test_a_reader_without_one_says_which_systems_have_one(toy_reader: Path) -> None:
    with pytest.raises(ReaderUnusableError, match=r"discriminator\.safetensors; train a system of AT"):
        open_discriminator(toy_reader)


def test_a_damaged_one_is_told(specify: Specify) -> None:
    spec = specify(epochs=1)
    train(spec)
    path = Path(spec.output) / DISCRIMINATOR_NAME
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ReaderUnusableError, match="cannot be read"):
        open_discriminator(Path(spec.output))
