"""Archives from elsewhere: no member leaves its folder or fills the disk, and nothing stays half unpacked."""

import gzip
import lzma
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from storage.downloads.errors import ArchiveTooLarge, BrokenArchive, CannotStore, UnsafeMember

CHUNK_BYTES = 256 * 1024
MAX_PADDING_BYTES = 4 * 1024 * 1024
"""Tar archives are padded to whole records: 10 KiB by default, never near this bound."""

_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
)
"""What the standard library raises for damaged, truncated or unsupported archives."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive: its name, the size that it declares, what it is, and how to read it."""

    name: str
    size_bytes: int
    is_folder: bool
    is_file: bool
    open: Callable[[], IO[bytes]]


def unpack(archive: Path, folder: Path, *, max_bytes: int, max_files: int) -> Path:
    """Unpack a zip or (compressed) tar archive into the new folder `folder`, which is returned.

    The archive is unpacked aside and published by one rename: `folder` is there whole or not at all. It must
    not exist yet, unless it is empty.

    max_bytes: bound on the unpacked bytes of all members, by what they declare and by what they really hold.
    max_files: bound on the number of members.

    Raises BrokenArchive, UnsafeMember, ArchiveTooLarge, CannotStore; then nothing is left behind.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _aside(folder) as aside:
            with _members(archive) as members:
                for member in _checked(archive, members, max_bytes, max_files):
                    _extract(member, aside)
            aside.rename(folder)
    except _DAMAGE as fault:
        raise BrokenArchive(
            f"{archive.name} is damaged, truncated, encrypted or no zip or tar archive at all;"
            " delete it and fetch it again."
        ) from fault
    except OSError as fault:
        raise CannotStore(
            f"Cannot unpack {archive.name} to {folder} ({fault.strerror or fault});"
            " make room or get permission there, or name another folder that does not exist yet."
        ) from fault
    return folder


def unpacked(archive: Path, *, max_bytes: int, max_files: int) -> Path:
    """The folder `unpacked` beside the archive, unpacked into at the first call.

    Made for files of `storage.downloads.fetching.fetch`: they lie under their checksum, so the folder cannot be stale.
    """
    folder = archive.parent / "unpacked"
    if folder.is_dir():
        return folder
    return unpack(archive, folder, max_bytes=max_bytes, max_files=max_files)


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, removed unless it was renamed."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        aside.chmod(0o755)  # mkdtemp makes it private; what is published is as readable as its neighbours
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _members(archive: Path) -> Iterator[Iterable[Member]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            yield (_zip_member(zipped, info) for info in zipped.infolist())
    else:
        with tarfile.open(archive) as tar:
            yield (_tar_member(tar, info) for info in tar)
            _read_to_end(tar)


def _zip_member(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    # The upper half holds Unix permissions with the file type, where the archive was made on such a system.
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & 0x1:
        raise zipfile.BadZipFile(f"{info.orig_filename!r} is encrypted")
    is_folder = info.is_dir()
    is_file = not is_folder and kind in {0, stat.S_IFREG}
    return Member(info.orig_filename, info.file_size, is_folder, is_file, lambda: zipped.open(info))


def _tar_member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    def read() -> IO[bytes]:
        stream = tar.extractfile(info)
        if stream is None:
            raise tarfile.TarError(f"{info.name!r} holds no bytes")
        return stream

    return Member(info.name, info.size, info.isdir(), info.isreg() and not info.issparse(), read)


def _read_to_end(tar: tarfile.TarFile) -> None:
    """Tar has no checksums of its own; those of its compression are checked only at the last byte."""
    rest = 0
    while tar.fileobj is not None and (chunk := tar.fileobj.read(CHUNK_BYTES)):
        rest += len(chunk)
        if rest > MAX_PADDING_BYTES:
            raise tarfile.TarError("too many bytes follow the last member")


def _checked(archive: Path, members: Iterable[Member], max_bytes: int, max_files: int) -> list[Member]:
    """The members, or a refusal of the whole archive before a byte is written.

    The limits are checked on the way, since already to list a hostile tar archive can take for ever.
    """
    found: list[Member] = []
    seen: dict[str, bool] = {}
    declared = 0
    for member in members:
        found.append(member)
        declared += member.size_bytes
        if len(found) > max_files:
            raise ArchiveTooLarge(
                f"{archive.name} holds more than the {max_files:,} members that are allowed;"
                " check where it comes from, or raise the limit."
            )
        if declared > max_bytes:
            raise _too_large(archive, max_bytes)
        fault = _fault(member, seen)
        if fault is not None:
            raise UnsafeMember(
                f"{archive.name} holds the member {member.name!r}, which {fault}; do not use this archive."
            )
    return found


def _fault(member: Member, seen: dict[str, bool]) -> str | None:
    """What is wrong with a member's name or kind; `seen` collects names, and whether each is a file."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or PureWindowsPath(member.name).drive:
        return "has an absolute path"
    if ".." in path.parts or "\\" in member.name:
        return "points outside its folder"
    if not member.is_file and not member.is_folder:
        return "is a link or a device and no plain file"
    if "\0" in member.name or (member.is_file and not path.parts):
        return "has no usable name"
    # Case is folded because some file systems do so.
    name, *parents = (str(part).casefold() for part in (path, *path.parents))
    if any(seen.get(parent) for parent in parents) or (name in seen and (member.is_file or seen[name])):
        return "stands in the way of another member"
    seen.update(dict.fromkeys(parents, False))
    seen[name] = member.is_file
    return None


def _extract(member: Member, folder: Path) -> None:
    """Write one member below `folder`; it must have the size that it declared, which is within the bounds."""
    target = folder / PurePosixPath(member.name)
    if member.is_folder:
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    left = member.size_bytes
    with member.open() as source, target.open("xb") as sink:
        while left >= 0 and (chunk := source.read(CHUNK_BYTES)):
            left -= len(chunk)
            sink.write(chunk)
    if left != 0:
        raise EOFError(f"{member.name!r} does not have the size that it declares")


def _too_large(archive: Path, max_bytes: int) -> ArchiveTooLarge:
    return ArchiveTooLarge(
        f"{archive.name} unpacks to more than the {max_bytes:,} bytes that are allowed;"
        " check where it comes from, or raise the limit."
    )
