"""Archives that try to leave their folder, fill the disk, or are broken."""

import gzip
import io
import random
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.downloads.archives import CHUNK_BYTES, MAX_PADDING_BYTES, Member, _extract, unpack, unpacked
from storage.downloads.errors import (
    ArchiveError,
    ArchiveTooLarge,
    BrokenArchive,
    CannotStore,
    UnsafeMember,
)
from storage.errors import DownloadError


def zipped(path: Path, members: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: dict[str | tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


MAKERS = pytest.mark.parametrize("make", [zipped, tarred])
Maker = Callable[[Path, dict[str, bytes]], Path]


def open_up(archive: Path, folder: Path, max_bytes: int = 10_000, max_files: int = 10) -> Path:
    return unpack(archive, folder, max_bytes=max_bytes, max_files=max_files)


def assert_refused(archive: Path, kind: type[DownloadError], **limits: int) -> str:
    """Refused with that class and one sentence, and nothing but the archive is left in its folder."""
    before = sorted(archive.parent.rglob("*"))
    with pytest.raises(kind) as caught:
        open_up(archive, archive.parent / "out", **limits)
    assert type(caught.value) is kind
    text = str(caught.value)
    assert archive.name in text
    assert text.endswith(".")
    assert "\n" not in text
    assert sorted(archive.parent.rglob("*")) == before
    return text


@MAKERS
def test_members_land_in_the_folder(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", {"MLQA/test/a.json": b"{}", "MLQA/empty": b"", "b.json": b"[]"})
    folder = open_up(archive, tmp_path / "deep" / "out")
    assert {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.json")} == {
        "MLQA/test/a.json": b"{}",
        "b.json": b"[]",
    }
    assert (folder / "MLQA" / "empty").read_bytes() == b""
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["out"]


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt",
        "a/../../out.txt",
        "/etc/out.txt",
        "..\\out.txt",
        "C:/out.txt",
        "C:\\out.txt",
        "//h/s/out.txt",
    ],
)
@MAKERS
def test_member_that_points_outside(tmp_path: Path, make: Maker, name: str) -> None:
    text = assert_refused(make(tmp_path / "a", {"good.txt": b"1", name: b"2"}), UnsafeMember)
    assert "out.txt" in text


def test_zip_with_a_symbolic_link(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "'link'" in assert_refused(zipped(tmp_path / "a", {link: b"/etc/passwd"}), UnsafeMember)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_tar_with_a_link_or_a_device(tmp_path: Path, kind: bytes) -> None:
    link = tarfile.TarInfo("link")
    link.type, link.linkname = kind, "/etc/passwd"
    assert "'link'" in assert_refused(tarred(tmp_path / "a", {link: b""}), UnsafeMember)


@pytest.mark.parametrize("names", [["a", "A"], ["a", "a/b"], ["a/b", "a"], ["a/", "a"], ["a/b", "A/B"]])
@MAKERS
def test_members_that_overwrite_each_other(tmp_path: Path, make: Maker, names: list[str]) -> None:
    if make is tarred:
        names = [name for name in names if not name.endswith("/")] * (2 if "a/" in names else 1)
    content = {(name if make is zipped else tarfile.TarInfo(name)): b"" for name in names}
    assert_refused(make(tmp_path / "x", content), UnsafeMember)  # type: ignore[arg-type]


@MAKERS
def test_more_bytes_than_allowed(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", {"a": b"0" * 600, "b": b"0" * 600})
    assert_refused(archive, ArchiveTooLarge, max_bytes=1199)
    assert open_up(archive, tmp_path / "out", max_bytes=1200)


@MAKERS
def test_more_members_than_allowed(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", {str(n): b"" for n in range(11)})
    assert_refused(archive, ArchiveTooLarge)
    assert open_up(archive, tmp_path / "out", max_files=11)


def test_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    """The directory of the zip says 10 bytes, the member has ten million."""
    archive = zipped(tmp_path / "bomb.zip", {"a": b"0" * 10_000_000})
    content = archive.read_bytes()
    assert len(content) < 20_000
    archive.write_bytes(content.replace((10_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with zipfile.ZipFile(archive) as opened:
        assert opened.infolist()[0].file_size == 10
    assert_refused(archive, BrokenArchive)


def test_size_that_is_declared_too_large(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"a": b"0" * 600})
    archive.write_bytes(
        archive.read_bytes().replace((600).to_bytes(4, "little"), (700).to_bytes(4, "little"))
    )
    assert_refused(archive, BrokenArchive)


def test_stream_that_goes_on_is_not_followed(tmp_path: Path) -> None:
    """Whatever a library returns: no more than one piece beyond the declared size is written."""
    member = Member("a", 10, is_folder=False, is_file=True, open=lambda: io.BytesIO(bytes(3 * CHUNK_BYTES)))
    with pytest.raises(EOFError):
        _extract(member, tmp_path)
    assert (tmp_path / "a").stat().st_size == CHUNK_BYTES


def test_declared_size_is_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    header = tarfile.TarInfo("a")
    header.size = 10**12
    archive = tmp_path / "a.tar"
    archive.write_bytes(header.tobuf())
    assert_refused(archive, ArchiveTooLarge)


@pytest.mark.parametrize("keep", [0, 1, 100, -30, -1])
@MAKERS
def test_truncated(tmp_path: Path, make: Maker, keep: int) -> None:
    archive = make(tmp_path / "a", {"a": bytes(range(256)), "b": b"1" * 500})
    archive.write_bytes(archive.read_bytes()[:keep])
    assert_refused(archive, BrokenArchive)


@MAKERS
def test_damaged_bytes(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", {"a": random.Random(1).randbytes(256)})
    content = bytearray(archive.read_bytes())
    content[100] ^= 0xFF
    archive.write_bytes(content)
    assert_refused(archive, BrokenArchive)


def test_endless_padding(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar"
    archive.write_bytes(gzip.decompress(tarred(tmp_path / "a.tgz", {"a": b"1"}).read_bytes()))
    with archive.open("r+b") as file:
        file.truncate(MAX_PADDING_BYTES * 2)
    assert_refused(archive, BrokenArchive)


def test_encrypted(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a", {"a": b"secret"})
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    assert_refused(archive, BrokenArchive)


def test_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a", {"a": b"1"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    assert_refused(archive, CannotStore)


def test_unpacked_is_made_once(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"a": b"1"})
    folder = unpacked(archive, max_bytes=10, max_files=1)
    assert folder == tmp_path / "unpacked"
    archive.unlink()
    assert unpacked(archive, max_bytes=10, max_files=1) == folder


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(names=st.lists(st.text(alphabet="a./\\:~ é", min_size=1, max_size=8), min_size=1, max_size=4))
def test_no_name_leaves_the_folder(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    """Whatever the members are called: all lie below the folder, or the archive is refused whole."""
    root = tmp_path_factory.mktemp("law")
    archive = zipped(root / "a.zip", dict.fromkeys(names, b"1"))
    try:
        open_up(archive, root / "out")
    except ArchiveError:
        assert sorted(root.rglob("*")) == [archive]
    else:
        assert sorted(path.name for path in root.iterdir()) == ["a.zip", "out"]
