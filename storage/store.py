"""The store: one folder, local or on any object store that fsspec knows, in which everything lasting lies."""

import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from storage.downloads.urls import shown
from storage.errors import StoreError, UsageError
from storage.hashing import content_id

DEFAULT_STORE = "silverspan-store"
"""The store where none is named: a folder below the one that a command is run in."""

BLOCK_BYTES = 1 << 20

ASIDE = ".aside-"
"""What the names of unfinished files begin with: a crash leaves such a file, and nothing reads it."""

LOCKS = ".locks"
"""The folder of a local store's lock files: they are empty, and stay, for a removed one would lock no one out."""


class Store:
    """Files under one URL, named by paths relative to it; every write appears whole or not at all.

    Args:
        url: a local folder or an fsspec URL (`s3://bucket/prefix`).

    Raises:
        UsageError: the URL is of a kind that fsspec does not know.
        StoreError: what reads that kind of URL is not installed, or a file stands where the folder should.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        fs, root = _opened(url)
        self.fs: AbstractFileSystem = fs
        self.root = str(root).rstrip("/")
        self.is_local = isinstance(fs, LocalFileSystem)
        if self.is_local and (file := _file_on_the_way(Path(self.root))):
            raise StoreError(f"The store {url} cannot be a folder because {file} is a file; name another.")

    def path(self, name: str) -> str:
        """The full path of `name`.

        Raises:
            StoreError: the name would leave the store.
        """
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise StoreError(f"{name!r} would lead out of the store {self.url}; use a plain name.")
        return f"{self.root}/{name}"

    def local_path(self, name: str) -> Path:
        """Where `name` lies on this machine.

        Raises:
            StoreError: the store is not on this machine.
        """
        if not self.is_local:
            raise StoreError(
                f"The store {self.url} is not a local store, so {name!r} has no local path; fetch it first."
            )
        return Path(self.path(name))

    def exists(self, name: str) -> bool:
        """Whether a file or folder of that name is there."""
        return bool(self.fs.exists(self.path(name)))

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return int(self.fs.size(self.path(name)))

    def names(self, name: str) -> list[str]:
        """The sorted names directly in a folder, without what a crash left half-written; empty if absent."""
        if not self.exists(name):
            return []
        paths = (str(path).rstrip("/") for path in self.fs.ls(self.path(name), detail=False))
        entries = (path.rpartition("/")[2] for path in paths)
        return sorted(entry for entry in entries if not entry.startswith(ASIDE))

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises:
            StoreError: it is not there.
        """
        try:
            return cast(bytes, self.fs.cat_file(self.path(name)))
        except FileNotFoundError:
            raise StoreError(
                f"The store {self.url} holds no {name}; look with `silverspan snapshots list`."
            ) from None

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole: aside and renamed on a local store, one PUT on an object store."""
        with self.aside(name) as target:
            self.fs.pipe_file(target, content)
            if self.is_local:
                fsync(Path(target))

    def link(self, source: str, name: str) -> None:
        """Make `name` the same bytes as `source`: a hard link where the disk can, a copy elsewhere."""
        with self.aside(name) as target:
            if self.is_local:
                _link_or_copy(Path(self.path(source)), Path(target))
            else:
                self.fs.cp_file(self.path(source), target)

    def upload(self, source: Path, name: str) -> None:
        """Copy a local file into the store."""
        with self.aside(name) as target:
            self.fs.put_file(str(source), target)
            if self.is_local:
                fsync(Path(target))

    def fetch(self, name: str, folder: Path) -> Path:
        """A local path with the bytes of `name`: its own in a local store, a copy in `folder` of a remote one."""
        if self.is_local:
            return self.local_path(name)
        copy = folder / name.replace("/", "_")
        self.fs.get_file(self.path(name), str(copy))
        return copy

    def append(self, name: str, line: str) -> None:
        """Add one line to a small text file, which is written anew and whole; no line of another writer is lost."""
        with self.locked(name):
            old = self.read(name) if self.exists(name) else b""
            self.write(name, old + line.encode() + b"\n")

    @contextmanager
    def locked(self, what: str) -> Iterator[None]:
        """One holder at a time of the lock called `what`, among all threads and processes of this machine.

        An object store has no locks: there, two writers of one thing at one moment are the user's to avoid.
        """
        if not self.is_local:
            yield
            return
        self.path(what)
        file = Path(self.path(f"{LOCKS}/{content_id(what)}"))
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def touch(self, name: str) -> None:
        """Make a file of a local store young again, so that garbage collection spares it for another grace."""
        if self.is_local:
            with suppress(OSError):
                os.utime(self.path(name))

    def remove(self, name: str) -> None:
        """Remove a file or a whole folder; absent is fine."""
        if self.exists(name):
            self.fs.rm(self.path(name), recursive=True)

    def sha256(self, name: str) -> str | None:
        """The hex digest of a file's content, or None where there is no such file."""
        try:
            with self.fs.open(self.path(name), "rb") as stream:
                digest = hashlib.sha256()
                while block := stream.read(BLOCK_BYTES):
                    digest.update(block)
        except FileNotFoundError:
            return None
        return digest.hexdigest()

    @contextmanager
    def aside(self, name: str) -> Iterator[str]:
        """A path to write to; it becomes `name` by one rename when the block ends well, else it vanishes."""
        final = self.path(name)
        folder, _, base = final.rpartition("/")
        self.fs.makedirs(folder, exist_ok=True)
        if not self.is_local:
            yield final
            return
        temporary = f"{folder}/{ASIDE}{uuid.uuid4().hex}-{base}"
        try:
            yield temporary
            os.replace(temporary, final)  # noqa: PTH105 - both are strings of fsspec
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def fsync(path: Path) -> None:
    """Wait until the bytes of a file are on the disk, so that a rename never outruns them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _opened(url: str) -> tuple[AbstractFileSystem, str]:
    try:
        # A remembered listing does not know what another process wrote since: garbage collection would believe it.
        return cast(tuple[AbstractFileSystem, str], url_to_fs(url, use_listings_cache=False))
    except ImportError as error:
        raise StoreError(f"The store {shown(url)} cannot be opened: {str(error).rstrip('.')}.") from error
    except ValueError as error:
        raise UsageError(
            f"{shown(url)!r} cannot be a store ({str(error).rstrip('.')}); give a folder or an fsspec URL."
        ) from error


def _file_on_the_way(folder: Path) -> Path | None:
    """The file that stands where the folder, or one above it, should be."""
    return next((path for path in (folder, *folder.parents) if path.is_file()), None)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
