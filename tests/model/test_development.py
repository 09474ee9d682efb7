"""Choosing the best step: the score of answers, and the questions that it is made of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.development import read_development, span_f1
from model.network import open_reader
from model.progress import ignore
from model.spec import TrainSpec
from storage.errors import InputError

Row = dict[str, Any]
SPANS = st.tuples(st.integers(0, 20), st.integers(1, 9)).map(lambda pair: (pair[0], sum(pair)))


@given(SPANS, SPANS)
def test_span_f1_is_the_f1_of_sets_of_places(found: tuple[int, int], gold: tuple[int, int]) -> None:
    """Law: 2 |A & B| / (|A| + |B|)."""
    places, other = set(range(*found)), set(range(*gold))
    assert span_f1(found, gold) == pytest.approx(2 * len(places & other) / (len(places) + len(other)))


def score(reader: Path, files: list[Path], processes: int = 1) -> float:
    spec = TrainSpec.from_json(
        {
            "system": "zs",
            "files": ["-"],
            "output": "-",
            "preset": "tiny",
            "dev_files": [str(file) for file in files],
        }
    )
    opened = open_reader(reader)
    development = read_development(spec, opened, ignore)
    assert development is not None
    device = torch.device("cpu")
    return development.score(opened, device, ignore, process=0, processes=processes)


def test_a_reader_that_knows_all_answers_scores_a_hundred(
    toy_reader: Path, toy_rows: list[Row], write_rows: Callable[..., Path]
) -> None:
    assert (
        score(toy_reader, [write_rows(toy_rows[:8], "a.parquet"), write_rows(toy_rows[8:], "b.parquet")])
        == 100
    )


def test_the_best_of_several_answers_counts(toy_reader: Path, toy_rows: list[Row], tmp_path: Path) -> None:
    row = toy_rows[0]
    whole = {
        "text": ["lives", row["answers"]["text"][0]],
        "answer_start": [4, row["answers"]["answer_start"][0]],
    }
    wrong = {"text": ["lives"], "answer_start": [4]}
    rows = [
        {"question": row["question"], "context": row["context"], "answers": answers}
        for answers in (whole, wrong)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "dev.parquet")
    assert score(toy_reader, [tmp_path / "dev.parquet"]) == 50


def test_without_files_there_is_nothing_to_choose_by(toy_reader: Path) -> None:
    spec = TrainSpec.from_json({"system": "zs", "files": ["-"], "output": "-", "preset": "tiny"})
    assert read_development(spec, open_reader(toy_reader), ignore) is None


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pa.table({"question": ["?"]}), "cannot be read"),
        (
            pa.table({"question": ["?"], "context": ["c"], "answers": [{"text": [], "answer_start": []}]}),
            "without an answer",
        ),
    ],
)
def test_questions_that_cannot_be_used_are_named(
    toy_reader: Path, tmp_path: Path, table: pa.Table, said: str
) -> None:
    pq.write_table(table, tmp_path / "dev.parquet")
    with pytest.raises(InputError, match=rf"dev\.parquet.*{said}"):
        score(toy_reader, [tmp_path / "dev.parquet"])
