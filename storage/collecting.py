"""Garbage: what no ref reaches any more, and what crashes left behind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from storage.aligners import Aligners
from storage.models import FOLDER as MODELS
from storage.models import model_folder, model_manifest
from storage.parts import FOLDER as PARTS
from storage.publishing import MANIFEST, published
from storage.refs import Refs
from storage.snapshots import FOLDER as SNAPSHOTS
from storage.snapshots import SnapshotStore
from storage.store import ASIDE, Store


@dataclass(frozen=True, slots=True)
class Garbage:
    """A file or folder of the store that nothing needs, and its size in bytes."""

    name: str
    bytes: int


def garbage(store: Store, *, grace_s: float, now: float | None = None) -> list[Garbage]:
    """What may be removed: snapshots out of reach, parts that no snapshot in reach uses, unfinished files.

    In reach is what a ref names or could be rolled back to, and what a published reader was trained on. Aligners are
    never removed: a later build of the same generation needs the very same one.

    Args:
        store: where to look.
        grace_s: whatever was written in the last so many seconds stays: a run may be about to use it.
        now: seconds since the epoch; by default this moment.
    """
    moment = datetime.now().timestamp() if now is None else now
    candidates = {*_unreached_snapshots(store), *_unused_parts(store), *_unfinished(store)}
    old = {name for name in candidates if _written(store, name) < moment - grace_s}
    outermost = (name for name in sorted(old) if old.isdisjoint(map(str, PurePosixPath(name).parents)))
    return [Garbage(name, int(store.fs.du(store.path(name)))) for name in outermost]


def collect(store: Store, found: Sequence[Garbage]) -> int:
    """Remove it, the manifest of a folder first, so that one half removed no longer counts; returns the bytes."""
    for item in found:
        store.remove(f"{item.name}/{MANIFEST}")
        store.remove(item.name)
    return sum(item.bytes for item in found)


def _reached(store: Store) -> set[str]:
    refs = Refs(store)
    named = {target for name in refs.all() for target in refs.history(name)[-2:]}
    readers = [i for i in store.names(MODELS) if published(store, model_folder(i))]
    return named.union(*(model_manifest(store, reader).get("parents", []) for reader in readers))


def _unreached_snapshots(store: Store) -> Iterator[str]:
    reached = _reached(store)
    for dataset in store.names(SNAPSHOTS):
        for snapshot_id in store.names(f"{SNAPSHOTS}/{dataset}"):
            folder = f"{SNAPSHOTS}/{dataset}/{snapshot_id}"
            if snapshot_id not in reached or not published(store, folder):
                yield folder


def _unused_parts(store: Store) -> Iterator[str]:
    reached, shelf = _reached(store), SnapshotStore(store)
    snapshots = [shelf.get(dataset, i) for dataset, i in shelf.ids() if i in reached]
    used = {entry["sha256"] for snapshot in snapshots for entry in snapshot.manifest["files"]}
    used |= Aligners(store).parts()
    for part in store.names(PARTS):
        if PurePosixPath(part).stem not in used:
            yield f"{PARTS}/{part}"


def _unfinished(store: Store) -> Iterator[str]:
    for path in store.fs.find(store.root):
        name = str(path).removeprefix(f"{store.root}/")
        if PurePosixPath(name).name.startswith(ASIDE):
            yield name


def _written(store: Store, name: str) -> float:
    """When the youngest file of it was written, in seconds since the epoch."""
    path = store.path(name)
    files = store.fs.find(path) or [path]
    return max(float(store.fs.modified(file).timestamp()) for file in files)
