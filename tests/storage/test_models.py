"""The registry of readers."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.errors import StoreError
from storage.models import (
    find_model,
    local_model,
    model_folder,
    model_manifest,
    publish_model,
    reader_folder,
    readers,
)
from storage.publishing import MANIFEST, intact
from storage.refs import Refs
from storage.store import Store

FILES = {"config.json": b"{}", "model.safetensors": bytes(range(256)), "training.json": b'{"curve": []}'}


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    folder = tmp_path / "reader"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


def publish(store: Store, reader: Path, *ids: str) -> None:
    for model_id in ids:
        publish_model(store, model_id, reader, {"recipe": {"seed": 1}, "training": {}, "parents": ["s1"]})


def test_a_published_reader_is_whole(store: Store, reader: Path) -> None:
    publish(store, reader, "3fa9c1")
    manifest = model_manifest(store, "3fa9c1")
    assert (manifest["kind"], manifest["id"], manifest["parents"]) == ("model", "3fa9c1", ["s1"])
    assert manifest["recipe"] == {"seed": 1}
    assert intact(store, model_folder("3fa9c1"))
    assert {name: store.read(f"models/3fa9c1/{name}") for name in FILES} == FILES


def test_readers_are_listed_oldest_first_and_use_makes_none_of_them_younger(
    local: Store, reader: Path
) -> None:
    publish(local, reader, "c1", "a2", "b3")
    for age, model_id in enumerate(("b3", "c1", "a2")):
        for name in (*FILES, MANIFEST):
            os.utime(local.local_path(f"models/{model_id}/{name}"), (1e9 - age, 1e9 - age))
    assert intact(local, model_folder("a2"))
    found, damaged = readers(local)
    assert ([one.id for one in found], damaged) == (["a2", "c1", "b3"], [])
    assert [one.published.timestamp() for one in found] == [1e9 - 2, 1e9 - 1, 1e9]


def test_a_damaged_reader_is_told_of_and_hides_no_other(store: Store, reader: Path) -> None:
    began = datetime.now(UTC)
    publish(store, reader, "3fa9c1", "77d2")
    store.write(f"{model_folder('3fa9c1')}/{MANIFEST}", b"{")
    (found,), (damaged,) = readers(store)
    assert (found.id, found.manifest["recipe"]) == ("77d2", {"seed": 1})
    assert abs((found.published - began).total_seconds()) < 60
    assert "models/3fa9c1/manifest.json is damaged" in damaged


def test_folders_inside_a_reader_are_left_out(store: Store, reader: Path) -> None:
    (reader / "checkpoint-1").mkdir()
    (reader / "checkpoint-1" / "weights").write_bytes(b"")
    publish(store, reader, "3fa9c1")
    assert store.names("models/3fa9c1") == sorted([*FILES, MANIFEST])


def test_found_by_id_by_its_start_and_by_ref(store: Store, reader: Path) -> None:
    publish(store, reader, "3fa9c1", "3fb000", "77d2e4")
    Refs(store).set("models/latest", "3fb000")
    Refs(store).set("models/champion", "77d2e4")
    Refs(store).set("squad-tq/latest", "3fa9c1")
    names = ["3fa9c1", "3fa", "77", "latest", "champion", "models/champion"]
    assert [find_model(store, name) for name in names] == [
        "3fa9c1",
        "3fa9c1",
        "77d2e4",
        "3fb000",
        "77d2e4",
        "77d2e4",
    ]


def test_an_id_that_begins_another_is_itself(store: Store, reader: Path) -> None:
    publish(store, reader, "3fa", "3fa9c1")
    assert find_model(store, "3fa") == "3fa"


@pytest.mark.parametrize(
    "name", ["3f", "other", "latest", "models/latest", "some/folder", "./reader", "/abs/reader", "a b", ""]
)
def test_none_or_more_than_one_reader(store: Store, reader: Path, name: str) -> None:
    publish(store, reader, "3fa9c1", "3fb000")
    found = "2 readers" if name in {"3f", ""} else "no reader"
    with pytest.raises(StoreError, match=f"holds {found} called '{name}'; `silverspan models list`"):
        find_model(store, name)


def test_a_ref_to_a_reader_that_is_gone(store: Store, reader: Path) -> None:
    publish(store, reader, "3fa9c1")
    Refs(store).set("models/latest", "3fa9c1")
    store.remove("models/3fa9c1")
    with pytest.raises(StoreError, match="no reader called 'latest'"):
        find_model(store, "latest")


def test_a_reader_without_a_manifest_does_not_count(store: Store, reader: Path) -> None:
    publish(store, reader, "3fa9c1")
    store.remove(f"models/3fa9c1/{MANIFEST}")
    with pytest.raises(StoreError, match="no reader"):
        find_model(store, "3fa9c1")


def test_a_local_folder_with_its_files(store: Store, reader: Path, tmp_path: Path) -> None:
    """Of a local store its own folder, of a remote one a copy: both hold the files themselves."""
    publish(store, reader, "3fa9c1")
    copies = tmp_path / "copies"
    copies.mkdir()
    folder = local_model(store, "3fa", copies)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST} == FILES
    assert folder.is_relative_to(copies) == (not store.is_local)


def test_a_folder_is_taken_as_it_is(store: Store, reader: Path, tmp_path: Path) -> None:
    assert local_model(store, str(reader), tmp_path) == reader


def test_of_two_trainings_of_one_spec_the_first_counts(store: Store, reader: Path) -> None:
    publish(store, reader, "3fa9c1")
    (reader / "model.safetensors").write_bytes(b"other weights of another machine")
    publish(store, reader, "3fa9c1")
    assert store.read("models/3fa9c1/model.safetensors") == FILES["model.safetensors"]
    store.remove("models/3fa9c1/model.safetensors")
    publish(store, reader, "3fa9c1")
    assert intact(store, model_folder("3fa9c1"))


def test_a_plain_name_is_never_a_folder(
    store: Store, reader: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, reader, "3fa9c1")
    Refs(store).set("models/latest", "3fa9c1")
    work = tmp_path / "work"
    (work / "latest").mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(work))
    assert reader_folder("latest") is None
    assert local_model(store, "latest", tmp_path).name == "3fa9c1"
    assert reader_folder("./latest") == Path("latest")
    assert reader_folder("~/latest") == work / "latest"
    assert reader_folder("./none") is None
