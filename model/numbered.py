"""Silver rows as numbers: files are read batch by batch, and of their texts only the distinct ones are kept.

Answers are looked for in their contexts while both are at hand; what stays of an answer is its place.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from model.texts import Ints, Numbering, by_appearance

NUMBERED = ("question", "context", "set", "question_language", "context_language", "source_id")
"""The columns of texts that repeat themselves; read them as dictionaries."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """R rows: a table of numbers, and what those of the columns `NUMBERED` stand for.

    The table has `id` (string), `NUMBERED` (int64: places in `names[column]`, no name twice), `start` and `end`
    (int64: the answer's half-open code points), `answered` and `at_offset` (bool: whether there is an answer, and
    whether it stands at `start` of the context).
    """

    table: pa.Table
    names: dict[str, list[str]]

    def distinct(self, column: str) -> tuple[list[str], Ints]:
        """What the rows have in the column, by first appearance, and each row's number among it, (R,)."""
        return by_appearance(self.names[column], self.table[column].to_numpy())

    def values(self, column: str) -> set[str]:
        """What the rows have in the column."""
        names = self.names[column]
        return {names[number] for number in self.table[column].unique().to_pylist()}


def read_numbered(batches: Iterable[pa.RecordBatch]) -> Numbered:
    """The rows of batches of `id`, `answers` and, as dictionaries, `NUMBERED`."""
    numberings: defaultdict[str, Numbering] = defaultdict(Numbering)
    # The dictionary of a batch without rows still holds texts: those of rows that were left out.
    found = [_numbers(batch, numberings) for batch in batches if batch.num_rows]
    table = pa.Table.from_batches(found, _SCHEMA)
    return Numbered(table, {column: numberings[column].texts for column in NUMBERED})


_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        *((column, pa.int64()) for column in (*NUMBERED, "start", "end")),
        ("answered", pa.bool_()),
        ("at_offset", pa.bool_()),
    ]
)


def _numbers(batch: pa.RecordBatch, numberings: dict[str, Numbering]) -> pa.RecordBatch:
    columns: dict[str, Any] = {"id": batch["id"]}
    for column in NUMBERED:
        numbers = numberings[column].of(batch[column].dictionary.to_pylist())
        columns[column] = numbers[batch[column].indices.to_numpy()]
    answered = _answered(batch["answers"])
    spans = np.zeros((batch.num_rows, 2), dtype=np.int64)
    at_offset = np.zeros(batch.num_rows, dtype=bool)
    spans[answered], at_offset[answered] = _places(batch.filter(pa.array(answered)))
    columns |= {"start": spans[:, 0], "end": spans[:, 1], "answered": answered, "at_offset": at_offset}
    return pa.record_batch(columns, schema=_SCHEMA)


def _answered(answers: Any) -> npt.NDArray[np.bool_]:
    counts = pc.list_value_length(pc.struct_field(answers, "text"))
    return np.asarray(pc.fill_null(counts, 0).to_numpy() > 0)


def _places(batch: pa.RecordBatch) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Where the first answers are said to be, (n, 2), and whether they are there, (n,)."""
    firsts = (
        pc.list_element(pc.struct_field(batch["answers"], name), 0) for name in ("text", "answer_start")
    )
    texts, starts = (
        pc.fill_null(first, none).to_pylist() for first, none in zip(firsts, ("", -1), strict=True)
    )
    ends = [start + len(text) for start, text in zip(starts, texts, strict=True)]
    shared, of = batch["context"].dictionary.to_pylist(), batch["context"].indices.to_pylist()
    found = [
        bool(text) and start >= 0 and shared[number][start:end] == text
        for text, start, end, number in zip(texts, starts, ends, of, strict=True)
    ]
    return np.array([starts, ends], dtype=np.int64).T, np.array(found, dtype=bool)
