"""A build whose store is a bucket: the same snapshots as on a disk, nothing done twice, lost files put back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.build import build_silver
from storage.snapshots import SnapshotStore
from storage.store import Store

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect")]

Build = Callable[[str], dict[str, Any]]


@pytest.fixture
def build(corpus: Path, replay: str, tmp_path: Path) -> Build:
    def run(store: str) -> dict[str, Any]:
        memory = str(tmp_path / "memory.sqlite")
        return build_silver(["es"], str(corpus), engine=replay, filters="none", store=store, memory=memory)

    return run


def test_a_bucket_holds_what_a_disk_does(build: Build, object_store: str, tmp_path: Path) -> None:
    url = f"{object_store}/{tmp_path.name}"
    there, here = build(url), build(str(tmp_path / "store"))
    assert there["snapshots"] == here["snapshots"]
    remote, local = SnapshotStore(Store(url)), SnapshotStore(Store(str(tmp_path / "store")))
    for name, snapshot_id in here["snapshots"].items():
        assert rows(remote, snapshot_id) == rows(local, snapshot_id), name
    again = build(url)
    assert (again["snapshots"], again["requests"]) == (there["snapshots"], 0)


def rows(snapshots: SnapshotStore, snapshot_id: str) -> list[Any]:
    return [row for batch in snapshots.batches(snapshots.find(snapshot_id)) for row in batch.to_pylist()]


def test_what_a_bucket_lost_is_put_back(build: Build, object_store: str, tmp_path: Path) -> None:
    store = Store(f"{object_store}/{tmp_path.name}")
    first = build(store.url)
    snapshot = SnapshotStore(store).find(first["snapshots"]["tc"])
    lost = snapshot.parts[-1]
    content = store.read(lost)
    store.remove(lost)
    again = build(store.url)
    assert again["snapshots"] == first["snapshots"]
    assert store.read(lost) == content
