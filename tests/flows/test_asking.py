"""`silverspan ask` on a reader's folder: answer, place, score, and the next best."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.cli import run
from model.spec import TrainSpec
from model.training import train
from storage.silver import SILVER_SCHEMA

Capture = pytest.CaptureFixture[str]
CONTEXT = "Ada lives in Oslo. Every morning Ada eats two plums at home."


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader that was hardly trained: what it answers does not matter, that it is a slice does."""
    folder = tmp_path_factory.mktemp("reader")
    row = {
        "id": "q1.en.en-en", "title": "", "context": CONTEXT, "question": "Where does Ada live?",
        "answers": {"text": ["Oslo"], "answer_start": [13]}, "source_id": "q1", "set": "en",
        "question_language": "en", "context_language": "en", "question_type": "where", "engine": "", "method": "",
        "confidence": 1.0,
    }  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row], schema=SILVER_SCHEMA), folder / "rows.parquet")
    spec = {"system": "zs", "files": [str(folder / "rows.parquet")], "output": str(folder / "reader")}
    train(TrainSpec.from_json({**spec, "preset": "tiny", "threads": 1}))
    return folder / "reader"


def ask(reader: Path, *more: str) -> int:
    return run(["ask", "--model", str(reader), "--question", "Where does Ada live?", *more])


def test_json_has_the_answer_and_the_next_best(reader: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "text.txt").write_text(CONTEXT, encoding="utf-8")
    assert ask(reader, "--context", str(tmp_path / "text.txt"), "--n-best", "3", "--json") == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(result["n_best"]) == 3
    assert {name: result[name] for name in ("answer", "answer_start", "score")} == result["n_best"][0]
    for found in result["n_best"]:
        assert CONTEXT[found["answer_start"] :].startswith(found["answer"])
    scores = [found["score"] for found in result["n_best"]]
    assert scores == sorted(scores, reverse=True)


def test_people_read_a_table_from_standard_input(
    reader: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(CONTEXT))
    assert ask(reader, "--context", "-", "--n-best", "2") == 0
    told = capsys.readouterr()
    answer, blank, head, first, second = told.out.splitlines()
    assert (blank, head.split()) == ("", ["offset", "score", "answer"])
    assert first.split(maxsplit=2)[2] == answer
    assert CONTEXT[int(second.split()[0]) :].startswith(second.split(maxsplit=2)[2])
    assert "Loading weights" not in told.err


def test_a_text_without_words_has_no_answer(
    reader: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(" \n"))
    assert ask(reader, "--context", "-") == 0
    assert capsys.readouterr().out.startswith("no answer: the text has no token")


@pytest.mark.parametrize("option", ["--n-best", "--max-answer-tokens"])
def test_numbers_that_find_nothing_are_bad_usage(reader: Path, option: str, capsys: Capture) -> None:
    assert ask(reader, "--context", "-", option, "0") == 2
    assert capsys.readouterr().err == f"{option} 0 would find nothing; give 1 or more.\n"


def test_a_text_that_is_not_there_is_named(reader: Path, capsys: Capture) -> None:
    assert ask(reader, "--context", "nowhere.txt") == 1
    assert "nowhere.txt: cannot be read as UTF-8 text" in capsys.readouterr().err
