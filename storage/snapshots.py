"""Snapshots: immutable Parquet files with a manifest, under an id made of their content and recipe."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from storage.errors import StoreError
from storage.hashing import content_id
from storage.parts import Part
from storage.publishing import faults, publish, published, read_manifest
from storage.silver import REJECTED_SCHEMA, SILVER_SCHEMA
from storage.store import Store

FOLDER = "snapshots"

REQUIRED = ("dataset", "id", "recipe", "rows", "rejected", "statistics")
"""The fields of a snapshot's manifest."""

SUFFIX = ".parquet"


class Side(StrEnum):
    """Which rows a file holds, as its name says it."""

    KEPT = "part"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class FileName:
    """The name of a snapshot's Parquet file: which rows it holds, and the label of what they are of.

    Law: `FileName.parse(str(name)) == name`.
    """

    side: Side
    label: str
    """Set, language and shard (`tc-es-00000`); the English rows have no set (`en-00000`)."""

    @classmethod
    def parse(cls, name: str) -> "FileName":
        """`part-tc-es-00000.parquet` taken apart."""
        side, _, label = name.removesuffix(SUFFIX).partition("-")
        return cls(Side(side), label)

    def __str__(self) -> str:
        return f"{self.side}-{self.label}{SUFFIX}"


def unsharded(label: str) -> str:
    """A label without its shard: `tc-es` of `tc-es-00000`; one that has none stays what it is."""
    return label.rpartition("-")[0] or label


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot, as its manifest tells it."""

    dataset: str
    id: str
    manifest: dict[str, Any]

    @property
    def folder(self) -> str:
        """Its path in the store."""
        return f"{FOLDER}/{self.dataset}/{self.id}"

    @property
    def rows(self) -> int:
        """How many rows were kept."""
        return int(self.manifest["rows"])

    @property
    def parts(self) -> list[str]:
        """The paths of the files of kept rows, in order."""
        return self._files(Side.KEPT)

    @property
    def rejected_parts(self) -> list[str]:
        """The paths of the files of rejected rows, in order."""
        return self._files(Side.REJECTED)

    def _files(self, side: Side) -> list[str]:
        names = sorted(entry["name"] for entry in self.manifest["files"])
        return [f"{self.folder}/{name}" for name in names if name.startswith(f"{side}-")]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one source question in one set and language pair: kept, or rejected with a reason."""

    source_id: str
    set: str
    question_language: str
    context_language: str
    kept: bool
    reason: str
    """The method that found the answer where the row was kept, the reason (and its detail) where it was not."""
    answer: str


class SnapshotStore:
    """The snapshots of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def commit(
        self,
        dataset: str,
        kept: Mapping[str, Part],
        rejected: Mapping[str, Part],
        *,
        recipe: Mapping[str, Any],
        statistics: Mapping[str, Any],
        card: str,
    ) -> Snapshot:
        """Publish parts as one snapshot; committing equal content with an equal recipe again is a no-op.

        Args:
            dataset: such as `squad-tc`.
            kept: parts of kept rows by label: `{"tc-es-00000": part}` becomes `part-tc-es-00000.parquet`.
            rejected: the same for rejected rows.
            recipe: all that the content depends on and no more: no times, costs or paths.
            statistics: figures shown beside it; they follow from the content, so they are not in the id.
            card: the data set card in Markdown; `{id}` and `{dataset}` in it are filled in.
        """
        files = _file_names(kept, rejected)
        content = {name: part.sha256 for name, part in files.items()}
        snapshot_id = content_id({"dataset": dataset, "recipe": dict(recipe), "files": content})
        manifest = {
            "kind": "snapshot",
            "dataset": dataset,
            "id": snapshot_id,
            "recipe": dict(recipe),
            "rows": sum(part.rows for part in kept.values()),
            "rejected": sum(part.rows for part in rejected.values()),
            "statistics": dict(statistics),
        }
        text = card.replace("{id}", snapshot_id).replace("{dataset}", dataset)
        folder = f"{FOLDER}/{dataset}/{snapshot_id}"
        publish(self.store, folder, {**files, "README.md": text.encode()}, manifest)
        return self.get(dataset, snapshot_id)

    def get(self, dataset: str, snapshot_id: str) -> Snapshot:
        """A snapshot by data set and id.

        Raises:
            StoreError: there is none, or its manifest is damaged.
        """
        manifest = read_manifest(self.store, f"{FOLDER}/{dataset}/{snapshot_id}", REQUIRED)
        return Snapshot(dataset, snapshot_id, manifest)

    def find(self, snapshot_id: str) -> Snapshot:
        """A snapshot by its id alone, whole or shortened to what is still unique.

        Raises:
            StoreError: none or more than one has such an id.
        """
        matches = [(d, i) for d, i in self.ids() if i.startswith(snapshot_id)]
        if len(matches) != 1:
            found = f"{len(matches) or 'No'} snapshots have"
            raise StoreError(
                f"{found} the id {snapshot_id!r} in {self.store.url}; see `silverspan snapshots list`."
            )
        return self.get(*matches[0])

    def all(self) -> list[Snapshot]:
        """Every snapshot whose manifest can be read, by data set and id."""
        return self._looked_at()[0]

    def damaged(self) -> list[str]:
        """One sentence for each snapshot whose manifest cannot be read."""
        return self._looked_at()[1]

    def _looked_at(self) -> tuple[list[Snapshot], list[str]]:
        found, damaged = [], []
        for dataset, snapshot_id in self.ids():
            try:
                found.append(self.get(dataset, snapshot_id))
            except StoreError as error:
                damaged.append(str(error))
        return found, damaged

    def faults(self, snapshot: Snapshot) -> list[str]:
        """One sentence for each missing or damaged file."""
        return list(faults(self.store, snapshot.folder))

    def batches(
        self, snapshot: Snapshot, columns: Sequence[str] | None = None, *, rejected: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """The kept (or rejected) rows as record batches, only the columns asked for: never all of them at once."""
        for name in snapshot.rejected_parts if rejected else snapshot.parts:
            with opened(self.store, name) as stream:
                yield from pq.ParquetFile(stream).iter_batches(columns=list(columns) if columns else None)

    def fates(self, snapshot: Snapshot, source_id: str) -> list[Fate]:
        """What became of one source question in every set and language of the snapshot.

        Raises:
            StoreError: the snapshot does not know the id.
        """
        kept = [_kept_fate(row) for row in self._rows(snapshot.parts, SILVER_SCHEMA, source_id)]
        lost = [_lost_fate(row) for row in self._rows(snapshot.rejected_parts, REJECTED_SCHEMA, source_id)]
        if not kept and not lost:
            raise StoreError(
                f"Snapshot {snapshot.id} was not built from a question {source_id!r}; check the id."
            )
        return sorted(kept + lost, key=lambda f: (f.set, f.context_language, f.question_language))

    def _rows(self, names: Sequence[str], schema: pa.Schema, source_id: str) -> Iterator[dict[str, Any]]:
        columns = [name for name in schema.names if name not in {"context", "title", "question"}]
        for name in names:
            with opened(self.store, name) as stream:
                yield from pq.read_table(
                    stream, columns=columns, filters=pc.field("source_id") == source_id
                ).to_pylist()

    def ids(self) -> Iterator[tuple[str, str]]:
        """Data set and id of everything that was published as a snapshot, whole or not."""
        for dataset in self.store.names(FOLDER):
            for snapshot_id in self.store.names(f"{FOLDER}/{dataset}"):
                if published(self.store, f"{FOLDER}/{dataset}/{snapshot_id}"):
                    yield dataset, snapshot_id


@contextmanager
def opened(store: Store, name: str) -> Iterator[Any]:
    """A Parquet file of a snapshot as a stream.

    Raises:
        StoreError: whatever is wrong with it.
    """
    try:
        with store.fs.open(store.path(name), "rb") as stream:
            yield stream
    except (OSError, pa.ArrowException) as error:
        raise StoreError(f"{name} is missing or damaged; build again, which puts it back.") from error


def _file_names(kept: Mapping[str, Part], rejected: Mapping[str, Part]) -> dict[str, Part]:
    sides = {Side.KEPT: kept, Side.REJECTED: rejected}
    return {
        str(FileName(side, label)): part for side, parts in sides.items() for label, part in parts.items()
    }


def _kept_fate(row: dict[str, Any]) -> Fate:
    languages = row["question_language"], row["context_language"]
    return Fate(row["source_id"], row["set"], *languages, True, row["method"], row["answers"]["text"][0])


def _lost_fate(row: dict[str, Any]) -> Fate:
    reason = f"{row['reason']}: {row['detail']}" if row["detail"] else row["reason"]
    return Fate(
        row["source_id"], row["set"], row["question_language"], row["context_language"], False, reason, ""
    )
