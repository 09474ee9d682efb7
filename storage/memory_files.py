"""The translation memory as a Parquet file: to keep, to look at, to take to another database.

One row per text: its key, its translation, or else the reason why there is none and what came back instead. The rows
are streamed both ways, so that a memory of any size needs the room of a few thousand rows.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from storage.errors import InputError
from storage.memory import REFUSALS, TRANSLATIONS, TranslationMemory, digest_of
from storage.silver import Reason
from storage.store import ASIDE

Progress = Callable[[int, int | None], None]
"""Is told rows done, and all rows where they are known."""

ROWS = 5_000
"""Rows at once: some ten megabytes of contexts."""

KEY = ("generation", "source", "target", "text")

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in KEY),
        ("translation", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("answer", pa.string()),
        ("asks", pa.int32()),
    ]
)


def export_memory(memory: TranslationMemory, path: Path, on_progress: Progress | None = None) -> int:
    """Write all that a memory holds to a Parquet file, which appears whole or not at all; returns the rows."""
    total, done = memory.count(), 0
    aside = path.with_name(f"{ASIDE}{path.name}")
    try:
        with pq.ParquetWriter(aside, SCHEMA, compression="zstd") as writer:
            for rows in _rows(memory):
                writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
                done += len(rows)
                if on_progress is not None:
                    on_progress(done, max(total, done))
        aside.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another place.") from error
    finally:
        aside.unlink(missing_ok=True)
    return done


def import_memory(memory: TranslationMemory, path: Path, on_progress: Progress | None = None) -> int:
    """Add what a file holds to a memory; what it knows already stays as it is. Returns the rows of the file.

    Raises:
        InputError: the file cannot be read or was not written by `export_memory`; what was read before stays added.
    """
    done = 0
    try:
        with pq.ParquetFile(path) as file:
            if not set(SCHEMA.names) <= set(file.schema_arrow.names):
                raise _unfit(path)
            for batch in file.iter_batches(ROWS, columns=SCHEMA.names):
                _add(memory, batch.cast(SCHEMA).to_pylist())
                done += batch.num_rows
                if on_progress is not None:
                    on_progress(done, file.metadata.num_rows)
    except (OSError, pa.ArrowException, ValueError, TypeError, AttributeError) as error:
        raise _unfit(path) from error
    return done


def _rows(memory: TranslationMemory) -> Iterator[list[dict[str, Any]]]:
    for table in (TRANSLATIONS, REFUSALS):
        names = [name for name in SCHEMA.names if name in table.c]
        ordered = sa.select(*(table.c[name] for name in names)).order_by(*table.primary_key)
        for rows in memory.stream(ordered, ROWS):
            yield [dict(zip(names, row, strict=True)) for row in rows]


def _add(memory: TranslationMemory, rows: list[dict[str, Any]]) -> None:
    keyed = [{**row, "digest": digest_of(row["text"])} for row in rows]
    translated = [_only(row, TRANSLATIONS) for row in keyed if row["translation"] is not None]
    refused = [_only(row, REFUSALS) for row in keyed if row["translation"] is None and Reason(row["reason"])]
    memory.insert(translated, TRANSLATIONS)
    memory.insert(refused, REFUSALS)


def _only(row: dict[str, Any], table: sa.Table) -> dict[str, Any]:
    return {column.name: row[column.name] for column in table.c}


def _unfit(path: Path) -> InputError:
    return InputError(
        f"{path} is not an export of a translation memory; make one with `silverspan memory export`."
    )
