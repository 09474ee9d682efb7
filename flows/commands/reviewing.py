"""Rows of a snapshot for people to look at, and what they said: the work behind `silverspan snapshots sample`."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from storage.errors import InputError, UsageError
from storage.silver import SilverSet
from storage.snapshots import Snapshot, SnapshotStore
from tasks.projection.review import KEPT_COLUMNS, Stratum, id_of, sheet_rows, tallied
from tasks.projection.sheet import read, written
from tasks.projection.verdicts import COLUMNS, LEGEND, Precision, Precisions, Verdict, counted, precisions

Tell = Callable[[int, int], None]
"""Is told (rows done, rows in all)."""


def check_new(file: str) -> None:
    """Make sure before the work that a file can be written.

    Raises:
        UsageError: it is there, and may hold somebody's verdicts.
        InputError: its folder is not there.
    """
    if Path(file).exists():
        raise UsageError(f"{file} is there and may hold verdicts; name another file.")
    if not Path(file).parent.is_dir():
        raise InputError(f"{file}: cannot be written, for there is no such folder; make it or name another.")


def write_sample(
    snapshots: SnapshotStore, snapshot: Snapshot, file: str, total: int, seed: int, tell: Tell
) -> Counter[Stratum]:
    """Write a stratified sample of a snapshot's projected and rejected rows; gives the rows of each stratum in it.

    Args:
        snapshots: where the snapshot is.
        snapshot: which.
        file: where to write; it must not be there yet.
        total: how many rows to draw.
        seed: of the draw.
        tell: is told of the progress.

    Raises:
        UsageError: the snapshot has no projected rows.
        InputError: the file cannot be written.
    """
    stream = _Stream(snapshots, snapshot, tell)
    tally = tallied(stream.kept(KEPT_COLUMNS), stream.rejected(), total, seed)
    drawn = tally.drawn(total)
    if not drawn:
        raise UsageError(
            f"Snapshot {snapshot.id} has no translated contexts, so no answer in it was projected;"
            " choose one of T(C), T(Q+C) or T(ALL)."
        )
    rows, sources = _fetched(stream, drawn)
    _write(file, written(sheet_rows(drawn, tally.sizes, rows, sources), LEGEND))
    return Counter(drawn.values())


def read_sample(file: str) -> tuple[Precisions, Counter[Verdict | None]]:
    """What people said of a sample: the precisions, and how often each verdict was given (None: not looked at).

    Raises:
        InputError: the file cannot be read, is no such sample, or holds no verdict yet.
    """
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); check the name.") from error
    marked, said = counted(read(content, COLUMNS, file), file)
    if not said[Verdict.RIGHT] + said[Verdict.WRONG]:
        raise InputError(f"{file} holds no verdict yet; write {' or '.join(Verdict)} into its first column.")
    return precisions(marked), said


def told(name: str, found: Precision | None) -> str:
    """A line about a rung for people."""
    if found is None:
        return f"{name:20} nobody looked"
    interval = f"[{100 * found.low:5.1f}, {100 * found.high:5.1f}]"
    return f"{name:20} {100 * found.precision:5.1f} %  {interval}  {found.marked:5,} marked of {found.rows:,} rows"


class _Stream:
    """The rows of a snapshot, batch by batch, twice over; told of as they pass."""

    def __init__(self, snapshots: SnapshotStore, snapshot: Snapshot, tell: Tell) -> None:
        self._snapshots, self._snapshot, self._tell = snapshots, snapshot, tell
        self._done, self._total = 0, 2 * (snapshot.rows + int(snapshot.manifest["rejected"]))

    def kept(
        self, columns: Sequence[str] | None = None, only: Callable[[pa.RecordBatch], Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The kept rows, all or those where `only` (a mask of a batch) is true."""
        for batch in self._told_of(self._snapshots.batches(self._snapshot, columns)):
            yield from (batch.filter(only(batch)) if only else batch).to_pylist()

    def rejected(self) -> Iterator[dict[str, Any]]:
        """The rejected rows."""
        for batch in self._told_of(self._snapshots.batches(self._snapshot, rejected=True)):
            yield from batch.to_pylist()

    def _told_of(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield batch
            self._done += batch.num_rows
            self._tell(self._done, self._total)


def _fetched(
    stream: _Stream, drawn: Mapping[str, Stratum]
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The drawn rows by their ids, and the English rows by source id."""
    ids, names = pa.array(list(drawn)), pa.array([name.rsplit(".", 2)[0] for name in drawn])

    def wanted(batch: pa.RecordBatch) -> Any:
        english = pc.and_(pc.equal(batch["set"], SilverSet.EN), pc.is_in(batch["source_id"], names))
        return pc.or_(english, pc.is_in(batch["id"], ids))

    rows: dict[str, dict[str, Any]] = {}
    sources: dict[str, dict[str, Any]] = {}
    for row in stream.kept(only=wanted):
        if row["set"] == SilverSet.EN:
            sources[row["source_id"]] = row
        else:
            rows[row["id"]] = row
    rows |= {id_of(row): row for row in stream.rejected() if id_of(row) in drawn}
    return rows, sources


def _write(file: str, content: str) -> None:
    try:
        with Path(file).open("x", encoding="utf-8", newline="") as stream:
            stream.write(content)
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror}); name another file.") from error
