"""Answers: exact slices, in order, over any number of windows, to and from Parquet."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from model.answers import PREDICTION_SCHEMA, Question
from model.errors import ReaderUnusableError
from model.prediction import ask, predict, predict_file
from model.progress import Progress, Stage
from model.spec import PredictSpec
from storage.errors import InputError

Row = dict[str, Any]
CONTEXT = "Ada lives in Oslo. Every morning Ada eats two plums at home."


def test_ask_answers_one_question(toy_reader: Path) -> None:
    prediction = ask(toy_reader, "Where does Ada live?", CONTEXT)
    assert (prediction.text, prediction.answer_start) == ("Oslo", 13)
    assert len(prediction.n_best) == 5
    assert prediction.n_best[0].text == "Oslo"
    assert prediction.n_best[0].score == prediction.score


def test_every_candidate_is_a_slice_and_no_two_are_the_same(toy_reader: Path) -> None:
    contexts = [CONTEXT, "巴黎 😀 e\u0301 Oslo\tOslo", "في باريس Oslo", "x" * 300, CONTEXT * 30]
    questions = [Question(str(number), "Where does Ada live?", text) for number, text in enumerate(contexts)]
    for question, prediction in zip(questions, predict(toy_reader, questions, n_best=9), strict=True):
        assert prediction.key == question.key
        scores = [candidate.score for candidate in prediction.n_best]
        assert scores == sorted(scores, reverse=True)
        spans = [(c.answer_start, c.answer_start + len(c.text)) for c in prediction.n_best]
        assert len(set(spans)) == len(spans) > 0
        for (start, end), candidate in zip(spans, prediction.n_best, strict=True):
            assert candidate.text == question.context[start:end] != ""


def test_batches_and_windows_do_not_change_answers(toy_reader: Path, toy_rows: list[Row]) -> None:
    questions = [Question(row["id"], row["question"], row["context"]) for row in toy_rows]
    questions.append(Question("long", "Where does Ada live?", "Nothing here. " * 200 + CONTEXT))
    one = predict(toy_reader, questions, max_batch_tokens=1)
    many = predict(toy_reader, questions, max_batch_tokens=700)
    assert [(p.key, p.text, p.answer_start) for p in one] == [(p.key, p.text, p.answer_start) for p in many]
    assert [p.score for p in one] == pytest.approx([p.score for p in many], abs=1e-4)


def test_the_best_answer_is_that_of_all_spans_by_plain_transformers(toy_reader: Path) -> None:
    """One window, no code of ours: the best start + end among the context's tokens."""
    question = "What does Cleo eat?"
    network = AutoModelForQuestionAnswering.from_pretrained(toy_reader).eval()
    tokenizer = AutoTokenizer.from_pretrained(toy_reader)
    encoded = tokenizer(question, CONTEXT, return_offsets_mapping=True)
    tensors = {name: torch.tensor([encoded[name]]) for name in tokenizer.model_input_names}
    with torch.inference_mode():
        output = network(**tensors)
    start, end = output.start_logits[0].numpy(), output.end_logits[0].numpy()
    own = [place for place, owner in enumerate(encoded.sequence_ids(0)) if owner == 1]
    score, i, j = max((start[i] + end[j], i, j) for i in own for j in own if 0 <= j - i < 3)
    prediction = ask(toy_reader, question, CONTEXT, max_answer_tokens=3)
    assert prediction.score == pytest.approx(score, abs=1e-4)
    assert prediction.text == CONTEXT[encoded["offset_mapping"][i][0] : encoded["offset_mapping"][j][1]]


def test_a_context_without_tokens_has_no_answer(toy_reader: Path) -> None:
    empty, full = predict(toy_reader, [Question("e", "Where?", " "), Question("f", "Where?", CONTEXT)])
    assert (empty.text, empty.answer_start, empty.score, empty.n_best) == ("", 0, 0.0, ())
    assert full.text


def test_no_questions_have_no_answers(toy_reader: Path) -> None:
    assert predict(toy_reader, []) == []


def test_progress_counts_windows(toy_reader: Path) -> None:
    events: list[Progress] = []
    predict(
        toy_reader,
        [Question(str(n), "Who?", CONTEXT) for n in range(5)],
        max_batch_tokens=60,
        on_progress=events.append,
    )
    assert [(e.done, e.total) for e in events if e.stage is Stage.PREDICT] == [(2, 5), (4, 5), (5, 5)]


@pytest.fixture
def specify(toy_reader: Path, tmp_path: Path) -> Callable[[pa.Table], PredictSpec]:
    def make(table: pa.Table) -> PredictSpec:
        pq.write_table(table, tmp_path / "questions.parquet")
        paths = {
            "questions": str(tmp_path / "questions.parquet"),
            "output": str(tmp_path / "out" / "answers.parquet"),
        }
        return PredictSpec.from_json({"model": str(toy_reader), **paths, "n_best": 2})

    return make


def test_the_job_reads_and_writes_parquet(specify: Callable[[pa.Table], PredictSpec]) -> None:
    questions = {"key": ["b", "a"], "question": ["Where does Ada live?", "?"], "context": [CONTEXT, " "]}
    spec = specify(pa.table({**questions, "more": [1, 2]}))
    assert predict_file(spec)["predictions"] == 2
    table = pq.read_table(spec.output)
    assert table.schema.equals(PREDICTION_SCHEMA)
    first, second = table.to_pylist()
    assert (first["key"], first["prediction_text"], first["answer_start"]) == ("b", "Oslo", 13)
    assert first["n_best"][0] == {"text": "Oslo", "answer_start": 13, "score": first["score"]}
    assert len(first["n_best"]) == 2
    assert (second["key"], second["prediction_text"], second["n_best"]) == ("a", "", [])
    assert np.isfinite(second["score"])
    assert [path.name for path in Path(spec.output).parent.iterdir()] == ["answers.parquet"]


def test_questions_that_cannot_be_read_are_named(specify: Callable[[pa.Table], PredictSpec]) -> None:
    lacking = specify(pa.table({"key": ["a"], "question": ["?"]}))
    with pytest.raises(InputError, match=r"questions\.parquet cannot be read"):
        predict_file(lacking)
    hollow = specify(pa.table({"key": ["a"], "question": [None], "context": ["x"]}))
    with pytest.raises(InputError, match=r"questions\.parquet have empty cells"):
        predict_file(hollow)
    Path(lacking.questions).write_text("no parquet")
    with pytest.raises(InputError, match=r"questions\.parquet cannot be read"):
        predict_file(lacking)


def test_a_folder_that_is_no_reader_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReaderUnusableError, match="holds no model"):
        ask(tmp_path, "Where?", CONTEXT)
