"""The training rows of a system, read from the Parquet files of a snapshot.

Silver data repeats itself: T(Q) has every English context six times. Contexts and questions are therefore
kept as Arrow dictionaries, each distinct text once, and rows refer to them by number.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from model.systems import ENGLISH, System
from model.texts import Ints, Texts, distinct
from storage.errors import InputError, UsageError
from storage.silver import SILVER_SCHEMA

COLUMNS = (
    "id",
    "set",
    "question_language",
    "context_language",
    "question",
    "context",
    "answers",
    "source_id",
)


class Dropped(StrEnum):
    """Why a row of the files does not train; each is counted in training.json."""

    DUPLICATE = "duplicate-id"
    """The id stands in more than one of the files (English rows do where sets are combined)."""
    NO_ANSWER = "no-answer"
    """The row carries no answer."""
    NOT_AT_OFFSET = "answer-not-at-offset"
    """The context at `answer_start` is not the answer."""
    NO_TOKENS = "answer-without-tokens"
    """The answer is made of characters for which the tokenizer has no token."""
    NO_ENGLISH = "no-english-question"
    """The English question, with which the row would make a pair, does not train."""
    UNLIKE_ENGLISH = "unlike-english-question"
    """The context or the answer is not that of the English question, with which the row would make a pair."""


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """R rows in the order of their ids.

    `spans` (R, 2) are the answers' half-open code points; `languages_of` (R,) numbers the question's language
    among `question_languages`, `sources` (R,) the source id: equal for a question and its translations.
    """

    texts: Texts
    spans: Ints
    languages: tuple[str, ...]
    question_languages: tuple[str, ...]
    """English first: the classes of a discriminator."""
    languages_of: Ints
    sources: Ints
    parts: dict[str, int] = field(default_factory=dict)
    """Rows by `set.question_language-context_language`."""
    dropped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.spans)


def read_rows(files: Sequence[Path], system: System, languages: Sequence[str]) -> TrainingRows:
    """The rows of the files that the system trains on, with the named languages (none named: all).

    Rows come in the order of their ids, so that how a snapshot is cut into files does not matter.
    The first answer counts, as in SQuAD's training data, which has only one.

    Raises:
        InputError: a file cannot be read, or is not of silver rows, or nothing in the files is for the
            system.
        UsageError: a named language is not in the files.
    """
    table = _select(_open(files), system, languages)
    dropped: Counter[str] = Counter()
    table = _without_duplicates(table, dropped)
    table = _with_answer(table, dropped)
    if not table.num_rows:
        sets = ", ".join(system.sets)
        raise InputError(
            f"The files hold no rows for the system {system.name!r} (sets {sets}); build these first."
        )
    return _assemble(table, dropped)


def _open(files: Sequence[Path]) -> ds.Dataset:
    for path in files:
        if not path.is_file():
            raise InputError(f"The file {path} does not exist; build the snapshot or correct the path.")
    # Read as dictionaries: the memory is that of the distinct texts.
    columns = ["question", "context", "set", "question_language", "context_language"]
    layout = ds.ParquetFileFormat(read_options=ds.ParquetReadOptions(dictionary_columns=columns))
    for path in files:
        _check_columns(path)
    return ds.dataset([str(path) for path in files], format=layout)


def _check_columns(path: Path) -> None:
    try:
        found = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"The file {path} is no Parquet file; build the snapshot anew.") from error
    missing = sorted(set(COLUMNS) - set(found))
    if missing:
        valid = ", ".join(SILVER_SCHEMA.names)
        raise InputError(f"The file {path} lacks the columns {', '.join(missing)}; silver rows have {valid}.")


def _select(dataset: ds.Dataset, system: System, languages: Sequence[str]) -> pa.Table:
    condition = pc.field("set").cast(pa.string()).isin(list(system.sets))
    if languages:
        allowed = pa.array([ENGLISH, *languages])
        for column in ("question_language", "context_language"):
            condition = condition & pc.field(column).cast(pa.string()).isin(allowed)
    table = dataset.to_table(columns=list(COLUMNS), filter=condition)
    missing = sorted(set(languages) - set(_languages(table)))
    if missing:
        raise UsageError.unknown(
            "language", ", ".join(missing), _languages(dataset.to_table(columns=list(COLUMNS[1:4])))
        )
    held = set(table["set"].unique().to_pylist())
    if lacking := [str(name) for name in system.sets if name not in held]:
        raise InputError(
            f"The data holds no row of the set {', '.join(lacking)}, which the system {system.name!r} trains on; "
            "give it a snapshot of that set or of T(ALL)."
        )
    return table


def _languages(table: pa.Table) -> list[str]:
    columns = (table["question_language"], table["context_language"])
    return sorted({str(name) for column in columns for name in column.unique().to_pylist()})


def _without_duplicates(table: pa.Table, dropped: Counter[str]) -> pa.Table:
    table = table.sort_by("id")
    ids = table["id"].combine_chunks()
    first = np.ones(len(ids), dtype=bool)
    if len(ids) > 1:
        first[1:] = pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)
    return _keep(table, first, Dropped.DUPLICATE, dropped)


def _with_answer(table: pa.Table, dropped: Counter[str]) -> pa.Table:
    texts = pc.struct_field(table["answers"], "text")
    table = _keep(
        table, pc.fill_null(pc.list_value_length(texts), 0).to_numpy() > 0, Dropped.NO_ANSWER, dropped
    )
    texts, starts = _first_answers(table)
    contexts = _texts(table["context"])
    found = (
        bool(text) and start >= 0 and context[start : start + len(text)] == text
        for text, start, context in zip(texts, starts, contexts, strict=True)
    )
    return _keep(table, np.fromiter(found, dtype=bool, count=table.num_rows), Dropped.NOT_AT_OFFSET, dropped)


def _first_answers(table: pa.Table) -> tuple[list[str], list[int]]:
    answers = table["answers"]
    texts = pc.list_element(pc.struct_field(answers, "text"), 0).to_pylist()
    starts = pc.list_element(pc.struct_field(answers, "answer_start"), 0).to_pylist()
    return texts, starts


def _keep(table: pa.Table, keep: npt.NDArray[np.bool_], reason: Dropped, dropped: Counter[str]) -> pa.Table:
    lost = int(len(keep) - keep.sum())
    if not lost:
        return table
    dropped[reason] += lost
    return table.filter(pa.array(keep))


def _assemble(table: pa.Table, dropped: Counter[str]) -> TrainingRows:
    texts, starts = _first_answers(table)
    begin = np.array(starts, dtype=np.int64)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    parts = list(zip(*(table[name].to_pylist() for name in COLUMNS[1:4]), strict=True))
    counts = Counter(f"{silver_set}.{question}-{context}" for silver_set, question, context in parts)
    asked = [question for _, question, _ in parts]
    classes = sorted(set(asked), key=lambda language: (language != ENGLISH, language))
    return TrainingRows(
        texts=Texts.of(_texts(table["question"]), _texts(table["context"])),
        spans=np.stack([begin, begin + lengths], axis=1),
        languages=tuple(_languages(table)),
        question_languages=tuple(classes),
        languages_of=np.array([classes.index(language) for language in asked], dtype=np.int64),
        sources=distinct(table["source_id"].to_pylist())[1],
        parts=dict(sorted(counts.items())),
        dropped=dropped,
    )


def _texts(column: "pa.ChunkedArray[Any]") -> Iterator[str]:
    """The texts of a dictionary column; equal ones of a chunk are one object."""
    chunk: Any
    for chunk in column.chunks:
        shared = chunk.dictionary.to_pylist()
        yield from (shared[index] for index in chunk.indices.to_pylist())
