"""The unfinished file of a transfer: which bytes have arrived, of which version, and who is writing.

A part is `<folder>/<key>.part`; `<key>.part.json` beside it says which version of the remote file the bytes
belong to. It outlives only what can be continued: an interruption. Every other end removes both files.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from storage.errors import DownloadError


@dataclass(frozen=True, slots=True)
class Version:
    """Which bytes a server promised: its entity tag, its modification time (as sent), its size in bytes."""

    etag: str | None
    last_modified: str | None
    total: int | None

    @property
    def validator(self) -> str | None:
        """What `If-Range` may carry (RFC 9110, Sec. 13.1.5): a strong tag, else the modification time."""
        if self.etag is not None:
            return None if self.etag.startswith("W/") else self.etag
        return self.last_modified


class Part:
    """The bytes of one URL that are here already; only `hold` makes one, so that it has a single writer."""

    def __init__(self, path: Path, handle: BinaryIO) -> None:
        self._path = path
        self._state = path.with_name(path.name + ".json")
        self._handle = handle
        self._gone = False

    @property
    def size(self) -> int:
        """How many bytes are here."""
        return self._handle.seek(0, os.SEEK_END)

    @property
    def path(self) -> Path:
        """Where the bytes lie; they are flushed first, so that a reader sees all of them."""
        self._handle.flush()
        return self._path

    def resumable(self) -> Version | None:
        """The version that the bytes belong to, or None where a transfer must start from the first byte."""
        if self._gone or self.size == 0:
            return None
        try:
            version = Version(**json.loads(self._state.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return version if version.validator is not None else None

    def restart(self, version: Version | None) -> None:
        """Forget all bytes; those that follow belong to `version`."""
        self._handle.truncate(0)
        self._state.unlink(missing_ok=True)
        if version is not None:
            write_json(self._state, asdict(version))

    def append(self, chunk: bytes) -> None:
        """Add bytes at the end."""
        self._handle.write(chunk)

    def settle(self) -> None:
        """Have the bytes on the disk, so that a name given afterwards never stands for less."""
        self._handle.flush()
        os.fsync(self._handle.fileno())

    def publish(self, target: Path) -> None:
        """Give the finished file its final name in one step."""
        self._path.replace(target)
        self._state.unlink(missing_ok=True)
        self._gone = True

    def discard(self) -> None:
        """Remove all traces, unless the file was published."""
        if not self._gone:
            self._path.unlink(missing_ok=True)
            self._state.unlink(missing_ok=True)
            self._gone = True


@contextmanager
def hold(folder: Path, key: str) -> Iterator[Part]:
    """The part of `key`, locked: a second process or thread that wants it waits until the first is done.

    On the way out the part stays only if it can be continued: after a retryable DownloadError, or when the
    process was told to stop (KeyboardInterrupt and its like).
    """
    with _lock(folder / f"{key}.part") as handle:
        part = Part(folder / f"{key}.part", handle)
        try:
            yield part
        except Exception as fault:
            if not (isinstance(fault, DownloadError) and fault.retryable):
                part.discard()
            raise
        finally:
            if part.resumable() is None:
                part.discard()


@contextmanager
def _lock(path: Path) -> Iterator[BinaryIO]:
    """The file opened for appending under an exclusive lock.

    Its last holder may have renamed or removed it while we waited: then the lock is on a file that no longer
    bears the name, and we try again with the one that does.
    """
    while True:
        with path.open("a+b") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _bears(path, handle):
                yield handle
                return


def _bears(path: Path, handle: BinaryIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle.fileno()))
    except FileNotFoundError:
        return False


def write_json(path: Path, value: dict[str, object]) -> None:
    """Write a small JSON file so that a reader sees the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        aside.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
