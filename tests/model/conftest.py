"""Silver rows by hand, a toy world that a tiny reader can learn, and the real data where it is present."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from model.spec import TrainSpec
from model.training import train
from storage.silver import SILVER_SCHEMA, SilverSet, row_id

SHARED = Path(__file__).parents[3] / "shared" / "data"

Row = dict[str, Any]
MakeRow = Callable[..., Row]
WriteRows = Callable[[Sequence[Row], str], Path]


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Small matrices: more threads only wait for one another."""
    torch.set_num_threads(1)


def _row(
    source_id: str = "q1",
    silver_set: str = "en",
    languages: str = "en-en",
    question: str = "Who?",
    context: str = "Ada wrote it.",
    answer: str = "Ada",
    start: int | None = None,
) -> Row:
    question_language, context_language = languages.split("-")
    where = context.index(answer) if start is None else start
    return {
        "id": row_id(source_id, SilverSet(silver_set), question_language, context_language),
        "title": "a title",
        "context": context,
        "question": question,
        "answers": {"text": [answer], "answer_start": [where]},
        "source_id": source_id,
        "set": silver_set,
        "question_language": question_language,
        "context_language": context_language,
        "question_type": "who",
        "engine": "",
        "method": "",
        "confidence": 1.0,
    }


@pytest.fixture(scope="session")
def make_row() -> MakeRow:
    return _row


@pytest.fixture
def write_rows(tmp_path: Path) -> WriteRows:
    def write(rows: Sequence[Row], name: str = "part-0.parquet") -> Path:
        path = tmp_path / name
        pq.write_table(pa.Table.from_pylist(list(rows), schema=SILVER_SCHEMA), path)
        return path

    return write


NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana")
CITIES = ("Oslo", "Rome", "Lima", "Cairo", "Delhi", "Paris", "Quito", "Tokyo")
FRUITS = ("plums", "figs", "dates", "pears", "limes", "kiwis", "grapes", "melons")


def _toy_rows() -> list[Row]:
    """Sixteen questions on eight contexts of which each holds both answers."""
    rows = []
    for number, (name, city, fruit) in enumerate(zip(NAMES, CITIES, FRUITS, strict=True)):
        context = f"{name} lives in {city}. Every morning {name} eats two {fruit} at home."
        rows.append(_row(f"city-{number}", question=f"Where does {name} live?", context=context, answer=city))
        rows.append(_row(f"food-{number}", question=f"What does {name} eat?", context=context, answer=fruit))
    return rows


@pytest.fixture(scope="session")
def toy_rows() -> list[Row]:
    return _toy_rows()


@pytest.fixture(scope="session")
def toy_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny reader that has learnt the toy rows by heart."""
    folder = tmp_path_factory.mktemp("toy")
    pq.write_table(pa.Table.from_pylist(_toy_rows(), schema=SILVER_SCHEMA), folder / "rows.parquet")
    spec = TrainSpec.from_json(
        {
            "system": "zs",
            "files": [str(folder / "rows.parquet")],
            "output": str(folder / "reader"),
            "preset": "tiny",
            "epochs": 100,
            "batch_size": 16,
        }
    )
    train(spec)
    return folder / "reader"


@pytest.fixture(scope="session")
def xquad() -> Callable[[str], list[Row]]:
    """`xquad("zh")`: rows of that language; skips the test where the data is absent."""

    def read(language: str) -> list[Row]:
        path = SHARED / "xquad" / f"xquad.{language}.json"
        if not path.is_file():
            pytest.skip("XQuAD is not here: it is not part of the repository")
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        return [
            _row(
                qa["id"],
                languages=f"{language}-{language}",
                question=qa["question"],
                context=paragraph["context"],
                answer=qa["answers"][0]["text"],
                start=qa["answers"][0]["answer_start"],
            )
            for article in articles
            for paragraph in article["paragraphs"]
            for qa in paragraph["qas"]
        ]

    return read


@pytest.fixture(scope="session")
def mbert_vocabulary() -> Path:
    path = SHARED / "mbert" / "vocab.txt"
    if not path.is_file():
        pytest.skip("the vocabulary of bert-base-multilingual-cased is not here")
    return path
