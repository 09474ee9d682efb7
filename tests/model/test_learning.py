"""A tiny reader really learns."""

import json
from pathlib import Path
from typing import Any

from model.answers import Question
from model.prediction import predict

Row = dict[str, Any]


def test_sixteen_examples_are_learnt_by_heart(toy_reader: Path, toy_rows: list[Row]) -> None:
    questions = [Question(row["id"], row["question"], row["context"]) for row in toy_rows]
    predictions = predict(toy_reader, questions)
    assert [p.text for p in predictions] == [row["answers"]["text"][0] for row in toy_rows]
    assert [p.answer_start for p in predictions] == [row["answers"]["answer_start"][0] for row in toy_rows]


def test_the_loss_falls(toy_reader: Path) -> None:
    curve = json.loads((toy_reader / "training.json").read_text())["curve"]
    assert curve[0][1] > 2
    assert curve[-1][1] < 0.1
