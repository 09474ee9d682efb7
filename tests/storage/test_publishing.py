"""Publishing: a folder counts from its manifest on, and publishing again repairs it."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from storage.errors import StoreError
from storage.parts import Part, write_part
from storage.publishing import MANIFEST, Source, faults, intact, publish, published, read_manifest
from storage.store import Store

FOLDER = "reports/r1"


@pytest.fixture
def files(store: Store, tmp_path: Path) -> dict[str, Source]:
    """One file of each kind of source."""
    picture = tmp_path / "picture.png"
    picture.write_bytes(bytes(range(256)))
    part = write_part(store, pa.table({"a": [1, 2]}))
    return {"part-0.parquet": part, "picture.png": picture, "text.md": "ü".encode()}


def test_every_file_is_there_under_a_manifest(store: Store, files: dict[str, Source]) -> None:
    publish(store, FOLDER, files, {"kind": "report", "id": "r1"})
    manifest = read_manifest(store, FOLDER)
    assert (manifest["kind"], manifest["id"]) == ("report", "r1")
    assert [entry["name"] for entry in manifest["files"]] == list(files)
    for entry in manifest["files"]:
        assert store.sha256(f"{FOLDER}/{entry['name']}") == entry["sha256"]
        assert store.size(f"{FOLDER}/{entry['name']}") == entry["bytes"]
    assert store.names(FOLDER) == sorted([*files, MANIFEST])
    assert published(store, FOLDER)
    assert intact(store, FOLDER)


def watched(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that are put into the store from now on, in order."""
    put: list[str] = []
    for method in ("write", "link", "upload"):
        original = getattr(store, method)

        def watching(*given: Any, original: Any = original, method: str = method) -> None:
            put.append(str(given[0] if method == "write" else given[1]))
            original(*given)

        monkeypatch.setattr(store, method, watching)
    return put


def test_the_manifest_comes_last(
    store: Store, files: dict[str, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    put = watched(store, monkeypatch)
    publish(store, FOLDER, files, {})
    assert put == [*(f"{FOLDER}/{name}" for name in files), f"{FOLDER}/{MANIFEST}"]


@pytest.mark.parametrize("method", ["write", "link", "upload"])
def test_a_crash_leaves_a_folder_that_does_not_count(
    store: Store, files: dict[str, Source], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def crash(*_: object) -> None:
        raise ConnectionError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(store, method, crash)
        with pytest.raises(ConnectionError):
            publish(store, FOLDER, files, {})
    assert not published(store, FOLDER)
    assert not intact(store, FOLDER)
    with pytest.raises(StoreError):
        read_manifest(store, FOLDER)
    publish(store, FOLDER, files, {})
    assert intact(store, FOLDER)


def test_publishing_again_writes_nothing(
    store: Store, files: dict[str, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, FOLDER, files, {"id": "r1"})
    put = watched(store, monkeypatch)
    publish(store, FOLDER, files, {"id": "r1"})
    assert put == []


@pytest.mark.parametrize("name", ["part-0.parquet", "picture.png", "text.md", MANIFEST])
@pytest.mark.parametrize("damage", ["lost", "emptied", "changed"])
def test_a_lost_or_damaged_file_is_named_and_put_back(
    store: Store, files: dict[str, Source], monkeypatch: pytest.MonkeyPatch, name: str, damage: str
) -> None:
    publish(store, FOLDER, files, {"id": "r1"})
    path = f"{FOLDER}/{name}"
    good = store.read(path)
    if damage == "lost":
        store.remove(path)
    else:
        store.write(path, b"" if damage == "emptied" else b"{}" + good[2:])
    (fault,) = faults(store, FOLDER)
    assert path in fault or damage == "lost"
    assert not intact(store, FOLDER)
    put = watched(store, monkeypatch)
    publish(store, FOLDER, files, {"id": "r1"})
    assert put == [path]
    assert store.read(path) == good
    assert intact(store, FOLDER)


def test_every_fault_is_told(store: Store, files: dict[str, Source]) -> None:
    publish(store, FOLDER, files, {})
    store.remove(f"{FOLDER}/picture.png")
    store.write(f"{FOLDER}/text.md", b"other")
    assert list(faults(store, FOLDER)) == [
        f"{FOLDER}/picture.png is missing.",
        f"{FOLDER}/text.md is damaged: its SHA-256 is not the manifest's.",
    ]


@pytest.mark.parametrize("damage", ["lost", "changed"])
def test_a_part_that_is_not_whole_is_not_published(
    store: Store, files: dict[str, Source], damage: str
) -> None:
    """Law: what has a manifest was whole when it got it."""
    part = files["part-0.parquet"]
    assert isinstance(part, Part)
    if damage == "lost":
        store.remove(part.name)
    else:
        store.write(part.name, b"other")
    with pytest.raises(StoreError, match=f"{part.name} is missing or damaged"):
        publish(store, FOLDER, files, {})
    assert not published(store, FOLDER)


def test_a_damaged_part_does_not_harm_what_was_published_from_it(
    store: Store, files: dict[str, Source]
) -> None:
    publish(store, FOLDER, files, {})
    part = files["part-0.parquet"]
    assert isinstance(part, Part)
    store.write(part.name, b"other")
    assert intact(store, FOLDER)


NO_FILES = [b'{"files": 1}', b'{"files": [1]}', b'{"files": [{"name": "x"}]}', b"[" * 100_000]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"{}", b'"files"', *NO_FILES])
def test_a_manifest_that_is_none(store: Store, content: bytes) -> None:
    store.write(f"{FOLDER}/{MANIFEST}", content)
    with pytest.raises(StoreError, match=rf"{FOLDER}/{MANIFEST} is .*; run again what made it\."):
        read_manifest(store, FOLDER)
    assert not intact(store, FOLDER)


def test_equal_folders_have_equal_manifests(store: Store, files: dict[str, Source]) -> None:
    """Whatever the order of the fields: no times, no names of machines."""
    publish(store, "a/1", files, {"x": 1, "y": {"b": "ü", "a": 2}})
    publish(store, "a/2", files, {"y": {"a": 2, "b": "ü"}, "x": 1})
    assert store.read(f"a/1/{MANIFEST}") == store.read(f"a/2/{MANIFEST}")
    assert json.loads(store.read(f"a/1/{MANIFEST}"))["y"] == {"a": 2, "b": "ü"}
