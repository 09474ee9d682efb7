"""The store: names stay inside, and what is written appears whole or not at all."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import storage.store
from storage.errors import StoreError, UsageError
from storage.store import ASIDE, Store

OUTSIDE = ["../x", "a/../../x", "..", "a/..", "/etc/passwd", "\\etc", "a\\..\\..\\x", "..\\x", "a/..\\x"]

NAMES = st.lists(
    st.text(
        st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="/\\"), min_size=1, max_size=12
    ).filter(lambda part: part not in {".", ".."} and not part.startswith(ASIDE) and part == part.strip("/")),
    min_size=1,
    max_size=3,
).map("/".join)


class Disturbed(Exception):
    pass


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leaves_the_store_is_refused(store: Store, name: str) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: store.path(name),
        lambda: store.write(name, b"x"),
        lambda: store.read(name),
        lambda: store.remove(name),
        lambda: store.names(name),
        lambda: store.append(name, "x"),
        lambda: store.link("a", name),
        lambda: store.sha256(name),
        lambda: store.exists(name),
    ]
    for attempt in attempts:
        with pytest.raises(StoreError, match="out of the store") as caught:
            attempt()
        assert repr(name) in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(alphabet="a.\\/ ~%*", max_size=8))
def test_no_name_leads_out(local: Store, name: str) -> None:
    """Law: whatever the name, its path lies under the store's, or is refused."""
    try:
        path = local.path(name)
    except StoreError:
        return
    normal = os.path.normpath(path.replace("\\", "/"))
    assert normal == os.path.normpath(local.root) or normal.startswith(f"{local.root}/")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(name=NAMES, content=st.binary(max_size=40))
def test_what_was_written_is_read(store: Store, name: str, content: bytes) -> None:
    """Law: `write` then `read` gives the bytes back, and size and digest are theirs, under any plain name."""
    name = f"{hashlib.sha256(name.encode()).hexdigest()[:8]}/{name}"
    store.write(name, content)
    assert store.read(name) == content
    assert store.exists(name)
    assert store.size(name) == len(content)
    assert store.sha256(name) == hashlib.sha256(content).hexdigest()
    folder, _, base = name.rpartition("/")
    assert base in store.names(folder)


def test_writing_again_replaces(store: Store) -> None:
    store.write("a/b", b"a long old content")
    store.write("a/b", b"new")
    assert store.read("a/b") == b"new"
    assert store.names("a") == ["b"]


@pytest.mark.parametrize("error", [Disturbed, KeyboardInterrupt, OSError])
@pytest.mark.parametrize("old", [None, b"old"])
def test_a_failing_writer_leaves_nothing_visible(
    local: Store, error: type[BaseException], old: bytes | None
) -> None:
    if old is not None:
        local.write("a/b", old)
    before = files(Path(local.root))

    def fail_halfway() -> None:
        with local.aside("a/b") as target:
            Path(target).write_bytes(b"half of the con")
            assert local.names("a") == (["b"] if old else [])
            raise error

    with pytest.raises(error):
        fail_halfway()
    assert files(Path(local.root)) == before
    assert not local.exists("a/b") if old is None else local.read("a/b") == old


def test_a_failing_remote_writer_leaves_nothing_visible(
    remote: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(type(remote.fs), "pipe_file", broken)
    with pytest.raises(ConnectionError):
        remote.write("a/b", b"x")
    assert not remote.exists("a/b")
    assert remote.names("a") == []


def test_a_killed_writer_leaves_nothing_that_counts(local: Store) -> None:
    """What a kill between writing and renaming leaves is never listed, and a later write goes on as always."""
    local.write("a/b", b"old")
    (Path(local.root) / "a" / f"{ASIDE}123-b").write_bytes(b"half")
    assert local.names("a") == ["b"]
    assert local.read("a/b") == b"old"
    local.write("a/b", b"new")
    assert local.read("a/b") == b"new"


def test_the_bytes_are_on_the_disk_before_the_name_is(local: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    replace = os.replace

    def replaced(source: str, target: str) -> None:
        happened.append("rename")
        replace(source, target)

    monkeypatch.setattr(storage.store, "fsync", lambda path: happened.append(f"fsync {path.read_bytes()!r}"))
    monkeypatch.setattr(storage.store.os, "replace", replaced)
    local.write("a/b", b"new")
    assert happened == ["fsync b'new'", "rename"]


def test_a_link_shares_bytes_and_survives_its_source(store: Store) -> None:
    store.write("parts/x", b"bytes")
    store.link("parts/x", "a/deep/y")
    store.remove("parts/x")
    assert store.read("a/deep/y") == b"bytes"


def test_a_local_link_is_a_hard_link(local: Store) -> None:
    local.write("parts/x", b"bytes")
    local.link("parts/x", "y")
    assert local.local_path("y").samefile(local.local_path("parts/x"))


def test_where_the_disk_has_no_links_bytes_are_copied(local: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(storage.store.os, "link", refused)
    local.write("parts/x", b"bytes")
    local.link("parts/x", "y")
    assert local.read("y") == b"bytes"
    assert not local.local_path("y").samefile(local.local_path("parts/x"))


def test_an_uploaded_file_is_there(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source.bin"
    source.write_bytes(bytes(range(256)))
    store.upload(source, "models/m/weights")
    assert store.read("models/m/weights") == bytes(range(256))


def test_a_fetched_file_lies_on_this_machine(store: Store, tmp_path: Path) -> None:
    store.write("a/b.bin", b"bytes")
    path = store.fetch("a/b.bin", tmp_path)
    assert path.read_bytes() == b"bytes"
    assert path.is_relative_to(tmp_path)


def test_names_are_sorted_and_direct(store: Store) -> None:
    for name in ("f/b", "f/a/x", "f/ü", "g/z"):
        store.write(name, b"")
    assert store.names("f") == ["a", "b", "ü"]
    assert store.names("nowhere") == []


def test_lines_are_appended(store: Store) -> None:
    for line in ("one", "zwei ü"):
        store.append("a/lines", line)
    assert store.read("a/lines").decode() == "one\nzwei ü\n"


def test_what_is_absent(store: Store) -> None:
    assert store.sha256("a") is None
    assert not store.exists("a")
    store.remove("a")
    with pytest.raises(StoreError, match=r"holds no a/b; look with"):
        store.read("a/b")


def test_a_folder_is_removed_whole(store: Store) -> None:
    store.write("a/b/c", b"")
    store.write("a/b/d", b"")
    store.write("a/e", b"")
    store.remove("a/b")
    assert store.names("a") == ["e"]


def test_only_a_local_store_has_local_paths(local: Store, remote: Store) -> None:
    assert local.local_path("a/b") == Path(local.root) / "a" / "b"
    with pytest.raises(StoreError, match="not a local store"):
        remote.local_path("a/b")


@pytest.mark.parametrize("form", ["{}", "{}/", "file://{}", "local://{}"])
def test_one_folder_under_several_urls(tmp_path: Path, form: str) -> None:
    Store(str(tmp_path)).write("a/b", b"x")
    found = Store(form.format(tmp_path))
    assert found.is_local
    assert found.read("a/b") == b"x"
    assert found.names("a") == ["b"]


def test_a_relative_url_is_below_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Store("./s").write("a", b"x")
    assert files(tmp_path) == ["s/a"]


def test_no_line_is_lost_where_many_append(local: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: local.append("a/lines", str(i)), range(64)))
    assert sorted(map(int, local.read("a/lines").split())) == list(range(64))


def test_no_line_is_lost_where_processes_append(local: Store) -> None:
    program = (
        "import sys; from storage.store import Store; s = Store(sys.argv[1]);"
        "[s.append('a/lines', f'{sys.argv[2]}-{i}') for i in range(25)]"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, local.url, str(n)]) for n in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(set(local.read("a/lines").split())) == 75


def test_a_lock_that_would_lead_out_of_the_store_is_refused(local: Store) -> None:
    with pytest.raises(StoreError, match="out of the store"), local.locked("../x"):
        pass


def test_a_touched_file_is_young_again(local: Store) -> None:
    local.write("a", b"x")
    os.utime(local.path("a"), (1, 1))
    local.touch("a")
    local.touch("absent")
    assert local.local_path("a").stat().st_mtime > 1_000_000


def test_a_remote_file_cannot_be_touched(remote: Store) -> None:
    remote.write("a", b"x")
    remote.touch("a")


@pytest.mark.parametrize("url", ["gopher://host/x", "nonsense://"])
def test_an_unknown_kind_of_store(url: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be a store .*; give a folder or an fsspec URL") as caught:
        Store(url)
    assert "\n" not in str(caught.value)


def test_a_kind_of_store_whose_reader_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str, **_options: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(storage.store, "url_to_fs", missing)
    with pytest.raises(
        StoreError, match=r"The store s3://b/p cannot be opened: Install s3fs to access S3\."
    ) as error:
        Store("s3://key:secret@b/p")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("below", ["", "/store"])
def test_a_file_is_no_store(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be a folder because .*/file is a file; name another"):
        Store(f"{tmp_path}/file{below}")
