"""Garbage: what may be removed, and above all what may not."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.collecting import collect, garbage
from storage.errors import StoreError
from storage.models import publish_model
from storage.parts import write_part
from storage.publishing import MANIFEST, intact
from storage.refs import Refs
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import ASIDE, Store
from tasks.steps import parts_intact

DAY_S = 86_400.0
REF = "squad-tc/latest"


def commit(store: Store, *numbers: int, dataset: str = "squad-tc") -> Snapshot:
    """A snapshot of the parts with these numbers, and one part of rejected rows of its own."""
    kept = {f"tc-es-{n:05}": write_part(store, pa.table({"n": [n]})) for n in numbers}
    rejected = {"tc-es-00000": write_part(store, pa.table({"rejected": [str(numbers)]}))}
    return SnapshotStore(store).commit(dataset, kept, rejected, recipe={}, statistics={}, card="")


def found(store: Store) -> list[str]:
    """The names of all garbage, as if all had been written long ago."""
    return [item.name for item in garbage(store, grace_s=-DAY_S)]


def swept(store: Store) -> None:
    collect(store, garbage(store, grace_s=-DAY_S))


def whole(store: Store, snapshot: Snapshot) -> bool:
    shelf = SnapshotStore(store)
    return snapshot.id in {s.id for s in shelf.all()} and not shelf.faults(snapshot)


def test_an_empty_store(store: Store) -> None:
    assert found(store) == []
    assert collect(store, []) == 0


def test_what_a_ref_names_stays(store: Store) -> None:
    snapshot = commit(store, 1, 2)
    Refs(store).set(REF, snapshot.id)
    assert found(store) == []


def test_what_no_ref_names_is_garbage_with_its_parts(store: Store) -> None:
    snapshot = commit(store, 1)
    names = found(store)
    assert snapshot.folder in names
    assert sorted(names) == sorted([snapshot.folder, *(f"parts/{p}" for p in store.names("parts"))])
    swept(store)
    assert SnapshotStore(store).all() == []
    assert store.names("parts") == []
    assert found(store) == []


def test_what_rollback_could_reach_stays(store: Store) -> None:
    """Two newest of each ref's history: rolling back once after sweeping finds everything whole."""
    refs = Refs(store)
    old, middle, new = (commit(store, n) for n in (1, 2, 3))
    for snapshot in (old, middle, new):
        refs.set(REF, snapshot.id)
    swept(store)
    assert [whole(store, snapshot) for snapshot in (old, middle, new)] == [False, True, True]
    assert refs.rollback(REF) == middle.id
    assert SnapshotStore(store).find(middle.id) == middle
    swept(store)
    assert not whole(store, new)
    assert whole(store, middle)


def test_one_ref_is_enough(store: Store) -> None:
    refs = Refs(store)
    pinned, *later = (commit(store, n) for n in range(4))
    refs.set("squad-tc/paper", pinned.id)
    for snapshot in (pinned, *later):
        refs.set(REF, snapshot.id)
    swept(store)
    assert whole(store, pinned)


def test_a_part_shared_with_a_snapshot_in_reach_stays(store: Store) -> None:
    gone, kept = commit(store, 1, 2), commit(store, 2, 3)
    Refs(store).set(REF, kept.id)
    swept(store)
    assert whole(store, kept)
    assert not whole(store, gone)
    used = {entry["sha256"] for entry in kept.manifest["files"] if entry["name"] != "README.md"}
    assert {name.removesuffix(".parquet") for name in store.names("parts")} == used


def test_rejected_rows_stay_too(store: Store) -> None:
    kept = commit(store, 1)
    Refs(store).set(REF, kept.id)
    swept(store)
    assert len(kept.rejected_parts) == 1
    assert whole(store, kept)


@pytest.mark.parametrize("published", [True, False])
def test_what_a_published_reader_was_trained_on_stays(store: Store, tmp_path: Path, published: bool) -> None:
    snapshot = commit(store, 1)
    (tmp_path / "config.json").write_text("{}")
    publish_model(store, "m1", tmp_path, {"recipe": {}, "training": {}, "parents": [snapshot.id]})
    if not published:
        store.remove(f"models/m1/{MANIFEST}")
    swept(store)
    assert whole(store, snapshot) == published


def test_the_grace(store: Store) -> None:
    """What was written a moment ago may belong to a run that is about to use it."""
    snapshot = commit(store, 1)
    assert garbage(store, grace_s=DAY_S) == []
    now = store.fs.modified(store.path(f"{snapshot.folder}/{MANIFEST}")).timestamp()
    assert garbage(store, grace_s=DAY_S, now=now + DAY_S - 5) == []
    assert snapshot.folder in {item.name for item in garbage(store, grace_s=DAY_S, now=now + DAY_S + 60)}


def test_a_folder_is_as_young_as_its_youngest_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repair that runs right now keeps an old snapshot."""
    snapshot = commit(store, 1)

    def modified(path: str) -> datetime:
        return datetime.fromtimestamp(2_000.0 if path.endswith("README.md") else 1_000.0, UTC)

    monkeypatch.setattr(store.fs, "modified", modified)
    assert snapshot.folder not in {item.name for item in garbage(store, grace_s=100, now=2_050.0)}
    assert snapshot.folder in {item.name for item in garbage(store, grace_s=100, now=2_150.0)}


def half_published(store: Store) -> str:
    snapshot = commit(store, 1)
    Refs(store).set(REF, snapshot.id)
    store.remove(f"{snapshot.folder}/{MANIFEST}")
    return snapshot.folder


def unfinished(folder: str) -> Callable[[Store], str]:
    def leave(store: Store) -> str:
        name = f"{folder}/{ASIDE}0123-x"
        store.write(f"{folder}/whole", b"")
        store.write(name, b"half")
        return name

    return leave


@pytest.mark.parametrize(
    "crash",
    [
        half_published,
        unfinished("parts"),
        unfinished("refs/models"),
        unfinished("models/m1"),
        unfinished("reports/r"),
    ],
)
def test_leftovers_of_crashes(store: Store, crash: Callable[[Store], str]) -> None:
    leftover = crash(store)
    assert garbage(store, grace_s=DAY_S) == []
    assert leftover in found(store)
    swept(store)
    assert not store.exists(leftover)


def test_what_is_not_of_the_collectors_kind_stays(store: Store) -> None:
    """Memory, downloads, generations, refs, models and reports are never garbage, whatever their age."""
    kept = ["memory.sqlite", "downloads/ab/x", "engines/e/es.jsonl", "models/m1/x", "reports/r1/x"]
    for name in kept:
        store.write(name, b"x")
    Refs(store).set("models/latest", "m1")
    swept(store)
    assert all(store.exists(name) for name in [*kept, "refs/models/latest"])


def test_bytes_are_counted_once(store: Store) -> None:
    """An unfinished file in a folder that goes anyway is part of that folder."""
    snapshot = commit(store, 1)
    store.write(f"{snapshot.folder}/{ASIDE}1-x", b"half")
    total = sum(store.size(name) for name in _files(store))
    items = garbage(store, grace_s=-DAY_S)
    assert sum(item.bytes for item in items) == total
    assert collect(store, items) == total
    assert _files(store) == []


def test_garbage_only_looks(store: Store) -> None:
    commit(store, 1)
    before = _files(store)
    assert found(store)
    assert _files(store) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.sets(st.integers(0, 4), min_size=1, max_size=3), st.sampled_from("abc")), max_size=6
    )
)
def test_sweeping_never_harms_what_is_in_reach(remote: Store, moves: list[tuple[set[int], str]]) -> None:
    """Law: after any commits, moves of refs and a sweep, each ref and what it was before are whole, and no more is."""
    for folder in ("snapshots", "parts", "refs"):
        remote.remove(folder)
    refs, made = Refs(remote), {}
    for numbers, ref in moves:
        snapshot = commit(remote, *sorted(numbers))
        made[snapshot.id] = snapshot
        refs.set(f"squad-tc/{ref}", snapshot.id)
    reached = {target for name in refs.all() for target in refs.history(name)[-2:]}
    swept(remote)
    assert {i for i, snapshot in made.items() if whole(remote, snapshot)} == reached
    assert found(remote) == []


def _files(store: Store) -> list[str]:
    return [str(path).removeprefix(f"{store.root}/") for path in store.fs.find(store.root)]


def test_the_manifest_goes_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that is stopped halfway leaves nothing that still counts as published."""
    snapshot = commit(store, 1)
    removed: list[str] = []
    monkeypatch.setattr(store, "remove", removed.append)
    swept(store)
    assert removed.index(f"{snapshot.folder}/{MANIFEST}") == removed.index(snapshot.folder) - 1


def aged(store: Store) -> None:
    for name in _files(store):
        os.utime(store.path(name), (1, 1))


def reuse_by_writing(store: Store) -> None:
    write_part(store, pa.table({"n": [1]}))


def reuse_by_remembering(store: Store) -> None:
    part = write_part(store, pa.table({"n": [1]}))
    aged(store)
    assert parts_intact(store, {"parts": {"kept": part.to_json()}})


@pytest.mark.parametrize("reuse", [reuse_by_writing, reuse_by_remembering])
def test_a_part_that_is_used_again_is_young_again(local: Store, reuse: Callable[[Store], None]) -> None:
    part = write_part(local, pa.table({"n": [1]}))
    aged(local)
    assert [item.name for item in garbage(local, grace_s=DAY_S)] == [part.name]
    reuse(local)
    assert garbage(local, grace_s=DAY_S) == []


def test_a_snapshot_that_is_used_again_is_young_again(local: Store) -> None:
    snapshot = commit(local, 1)
    for use in (lambda: intact(local, snapshot.folder), lambda: commit(local, 1)):
        aged(local)
        assert snapshot.folder in {item.name for item in garbage(local, grace_s=DAY_S)}
        use()
        assert snapshot.folder not in {item.name for item in garbage(local, grace_s=DAY_S)}


def test_nothing_is_swept_while_a_snapshot_in_reach_cannot_be_read(store: Store) -> None:
    """Which parts it uses is not known then."""
    snapshot = commit(store, 1)
    Refs(store).set(REF, snapshot.id)
    store.write(f"{snapshot.folder}/{MANIFEST}", b"{}")
    with pytest.raises(StoreError, match="run again what made it"):
        garbage(store, grace_s=-DAY_S)
