"""Questions put to a reader and what it answers, as values and as Parquet files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from model.errors import first_line
from storage.errors import InputError

QUESTION_SCHEMA = pa.schema([pa.field(name, pa.string()) for name in ("key", "question", "context")])

_CANDIDATE = pa.struct([("text", pa.string()), ("answer_start", pa.int32()), ("score", pa.float32())])

_COLUMNS: dict[str, pa.DataType] = {
    "key": pa.string(),
    "prediction_text": pa.string(),
    "answer_start": pa.int32(),
    "score": pa.float32(),
    "n_best": pa.list_(_CANDIDATE),
}

PREDICTION_SCHEMA = pa.schema(_COLUMNS)


@dataclass(frozen=True, slots=True)
class Question:
    """A question on a context; `key` is the caller's and comes back with the prediction."""

    key: str
    question: str
    context: str


class Candidate(NamedTuple):
    """A span of the context: `context[answer_start:answer_start + len(text)] == text`.

    `score` is start logit plus end logit: comparable among the candidates of one question only.
    """

    text: str
    answer_start: int
    score: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The best few answers to a question, best first, as columns: few objects, however many candidates.

    A text without any token has no answer: its columns are empty, its `text` is, and stands at 0.
    """

    key: str
    texts: tuple[str, ...]
    answer_starts: tuple[int, ...]
    scores: tuple[float, ...]

    @property
    def text(self) -> str:
        """The best answer."""
        return self.texts[0] if self.texts else ""

    @property
    def answer_start(self) -> int:
        """The code point at which it begins."""
        return self.answer_starts[0] if self.texts else 0

    @property
    def score(self) -> float:
        """Its score."""
        return self.scores[0] if self.texts else 0.0

    @property
    def n_best(self) -> tuple[Candidate, ...]:
        """All of them, one by one."""
        return tuple(map(Candidate, self.texts, self.answer_starts, self.scores))


def read_questions(path: Path) -> list[Question]:
    """The questions of a Parquet file with the string columns key, question, context.

    Raises `InputError` where the file cannot be read, lacks a column or holds a null.
    """
    try:
        table = pq.read_table(path, columns=QUESTION_SCHEMA.names).cast(QUESTION_SCHEMA)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"The questions in {path} cannot be read ({first_line(error)}); write them anew."
        ) from error
    if any(column.null_count for column in table.columns):
        raise InputError(
            f"The questions in {path} have empty cells; fill key, question and context in every row."
        )
    columns = (table[name].to_pylist() for name in QUESTION_SCHEMA.names)
    return [Question(*row) for row in zip(*columns, strict=True)]


def write_predictions(path: Path, predictions: Sequence[Prediction]) -> None:
    """Writes `PREDICTION_SCHEMA` in the given order; the file appears whole or not at all."""
    rows = [
        {
            "key": p.key,
            "prediction_text": p.text,
            "answer_start": p.answer_start,
            "score": p.score,
            "n_best": [{"text": c.text, "answer_start": c.answer_start, "score": c.score} for c in p.n_best],
        }
        for p in predictions
    ]
    aside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=PREDICTION_SCHEMA), aside)
        aside.replace(path)
    except OSError as error:
        raise InputError(
            f"The predictions cannot be written to {path} ({error.strerror}); choose another."
        ) from error
