"""A snapshot beside the same rows as plain JSON lines."""

import json
from dataclasses import dataclass

from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the kept rows as they are stored, and as UTF-8 JSON with a row on each line."""

    parquet: int
    json_lines: int

    @property
    def share(self) -> float:
        """What the first is of the second."""
        return self.parquet / self.json_lines


def sizes(store: Store, snapshot: Snapshot) -> Sizes:
    """Both, the second from every row, one batch of rows in memory at a time."""
    parquet = sum(store.size(name) for name in snapshot.parts)
    lines = 0
    for batch in SnapshotStore(store).batches(snapshot):
        for row in batch.to_pylist():
            lines += len(json.dumps(row, ensure_ascii=False).encode()) + 1
    return Sizes(parquet, lines)
