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
    pq.write_table(table, sink, compression="zstd", use_dictionary=True)
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
    return pq.read_table(pa.BufferReader(content), columns=None if columns is None else list(columns))
