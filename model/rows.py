"""The training rows of a system, read from the Parquet files of a snapshot.

Silver data repeats itself: T(Q) has every English context six times. Each distinct text is therefore kept once,
and rows refer to it by number.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from model.numbered import NUMBERED, Numbered, read_numbered
from model.systems import ENGLISH, System
from model.texts import Ints, Texts
from storage.errors import InputError, UsageError
from storage.silver import SILVER_SCHEMA

COLUMNS = ("id", "answers", *NUMBERED)
_LANGUAGES = ("question_language", "context_language")


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
    rows = _select(_open(files), system, languages)
    dropped: Counter[str] = Counter()
    rows = _without_duplicates(rows, dropped)
    rows = _keep(rows, rows.table["answered"].to_numpy(), Dropped.NO_ANSWER, dropped)
    rows = _keep(rows, rows.table["at_offset"].to_numpy(), Dropped.NOT_AT_OFFSET, dropped)
    if not rows.table.num_rows:
        sets = ", ".join(system.sets)
        raise InputError(
            f"The files hold no rows for the system {system.name!r} (sets {sets}); build these first."
        )
    training = _assemble(rows, dropped)
    # Arrow would keep this memory for more tables, and there are none to come.
    del rows
    pa.default_memory_pool().release_unused()
    return training


def _open(files: Sequence[Path]) -> ds.Dataset:
    for path in files:
        if not path.is_file():
            raise InputError(f"The file {path} does not exist; build the snapshot or correct the path.")
    layout = ds.ParquetFileFormat(read_options=ds.ParquetReadOptions(dictionary_columns=list(NUMBERED)))
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


def _select(dataset: ds.Dataset, system: System, languages: Sequence[str]) -> Numbered:
    condition = pc.field("set").cast(pa.string()).isin(list(system.sets))
    if languages:
        allowed = pa.array([ENGLISH, *languages])
        for column in _LANGUAGES:
            condition = condition & pc.field(column).cast(pa.string()).isin(allowed)
    # One file is read ahead, not Arrow's four: they come faster than they are numbered.
    batches = dataset.to_batches(columns=list(COLUMNS), filter=condition, fragment_readahead=1)
    rows = read_numbered(batches)
    if missing := sorted(set(languages) - set(_languages(rows))):
        table = dataset.to_table(columns=list(_LANGUAGES))
        held = {str(name) for column in table.columns for name in column.unique().to_pylist()}
        raise UsageError.unknown("language", ", ".join(missing), sorted(held))
    if lacking := [str(name) for name in system.sets if name not in rows.values("set")]:
        raise InputError(
            f"The data holds no row of the set {', '.join(lacking)}, which the system {system.name!r} trains on; "
            "give it a snapshot of that set or of T(ALL)."
        )
    return rows


def _languages(rows: Numbered) -> list[str]:
    return sorted(set.union(*map(rows.values, _LANGUAGES)))


def _without_duplicates(rows: Numbered, dropped: Counter[str]) -> Numbered:
    rows = replace(rows, table=rows.table.sort_by("id"))
    ids = rows.table["id"].combine_chunks()
    first = np.ones(len(ids), dtype=bool)
    if len(ids) > 1:
        first[1:] = pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)
    return _keep(replace(rows, table=rows.table.drop_columns("id")), first, Dropped.DUPLICATE, dropped)


def _keep(rows: Numbered, keep: npt.NDArray[np.bool_], reason: Dropped, dropped: Counter[str]) -> Numbered:
    lost = int(len(keep) - keep.sum())
    if not lost:
        return rows
    dropped[reason] += lost
    return replace(rows, table=rows.table.filter(pa.array(keep)))


def _assemble(rows: Numbered, dropped: Counter[str]) -> TrainingRows:
    questions, question_of = rows.distinct("question")
    contexts, context_of = rows.distinct("context")
    asked, language_of = rows.distinct("question_language")
    classes = sorted(asked, key=lambda language: (language != ENGLISH, language))
    return TrainingRows(
        texts=Texts(questions, contexts, question_of, context_of),
        spans=np.stack([rows.table[name].to_numpy() for name in ("start", "end")], axis=1),
        languages=tuple(_languages(rows)),
        question_languages=tuple(classes),
        languages_of=np.array([classes.index(language) for language in asked])[language_of],
        sources=rows.distinct("source_id")[1],
        parts=_parts(rows),
        dropped=dropped,
    )


def _parts(rows: Numbered) -> dict[str, int]:
    columns = ("set", *_LANGUAGES)
    found = rows.table.group_by(columns).aggregate([([], "count_all")]).to_pylist()
    named = [([rows.names[column][part[column]] for column in columns], part["count_all"]) for part in found]
    return dict(
        sorted((f"{silver_set}.{question}-{context}", n) for (silver_set, question, context), n in named)
    )
