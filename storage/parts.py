"""Parts: immutable Parquet files named by the SHA-256 of their bytes, the pieces that snapshots share."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from storage.errors import StoreError
from storage.store import Store

FOLDER = "parts"

GROUP_ROWS = 10_000
"""Rows of a row group: some ten megabytes of contexts, were each written out, for a reader that takes one by one."""

LEVEL = 6
"""Of zstd: a sixth smaller than at the level that Arrow takes, for a second more of a hundred thousand rows."""

RECURRING = frozenset(
    {
        "title",
        "context",
        "set",
        "question_language",
        "context_language",
        "question_type",
        "engine",
        "method",
        "confidence",
        "reason",
        "detail",
    }
)
"""Columns whose values stand there many times: each is stored once, in a dictionary. Of others it would be a waste."""

DICTIONARY_BYTES = 32 << 20
"""The largest dictionary of a row group's column: room for all its contexts, so that each is stored but once."""


@dataclass(frozen=True, slots=True)
class Part:
    """A reference to one Parquet file: small enough for a Prefect result, exact enough to check the bytes."""

    sha256: str
    rows: int
    bytes: int

    @property
    def name(self) -> str:
        """Its path in the store."""
        return f"{FOLDER}/{self.sha256}.parquet"

    def to_json(self) -> dict[str, Any]:
        """As a plain JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(**value)


def write_part(store: Store, table: pa.Table) -> Part:
    """Keep a table; an equal one that is already there is not written again."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=[name for name in table.column_names if name in RECURRING],
        dictionary_pagesize_limit=DICTIONARY_BYTES,
        row_group_size=GROUP_ROWS,
    )
    content = sink.getvalue().to_pybytes()
    part = Part(hashlib.sha256(content).hexdigest(), table.num_rows, len(content))
    if part_intact(store, part):
        store.touch(part.name)
    else:
        store.write(part.name, content)
    return part


def part_intact(store: Store, part: Part) -> bool:
    """Whether the part is there with exactly its bytes."""
    return store.sha256(part.name) == part.sha256


def read_part(store: Store, part: Part, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a part, only the columns asked for.

    Raises:
        StoreError: it is missing or damaged.
    """
    content = store.read(part.name) if store.exists(part.name) else b""
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise StoreError(f"{part.name} is missing or damaged; build again, which makes it anew.")
    return read_rows(pa.BufferReader(content), columns)


def read_rows(file: Any, columns: Sequence[str] | None = None) -> pa.Table:
    """All rows of a Parquet file: a path, an open file or an Arrow buffer's reader; only the columns asked for.

    `pyarrow.parquet.read_table` goes by way of Arrow's datasets, which cost a process fifty megabytes and a quarter of
    a second. Threads would gain nothing on files that are a shard at most.

    Raises:
        ArrowInvalid: it is no Parquet file, or lacks one of the columns.
    """
    parquet = pq.ParquetFile(file)
    if missing := set(columns or ()).difference(parquet.schema_arrow.names):
        raise pa.ArrowInvalid(f"no column {', '.join(sorted(missing))}")
    return parquet.read(columns=None if columns is None else list(columns), use_threads=False)
