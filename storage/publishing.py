"""Publishing: a set of files becomes one immutable folder that counts from the moment its manifest is there.

Snapshots, models and reports are all published so, on a local disk as on an object store: every file is put in
place whole, the manifest last, by one rename (or one PUT). A folder without a manifest is what a crash left. To
publish again what is already there changes nothing, and puts back whatever was lost or damaged.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from storage.errors import StoreError
from storage.parts import Part, part_intact
from storage.store import Store

MANIFEST = "manifest.json"

Source: TypeAlias = Part | Path | bytes
"""Where a published file's bytes come from: a part of the store, a local file, or memory."""


def publish(store: Store, folder: str, files: Mapping[str, Source], manifest: Mapping[str, Any]) -> None:
    """Put files and manifest into `folder`; the manifest gains `files` with name, bytes and SHA-256 of each.

    Raises:
        StoreError: a part to be published is missing or damaged.
    """
    entries = []
    for name, source in files.items():
        digest = _digest(source)
        _put(store, f"{folder}/{name}", source, digest)
        entries.append({"name": name, "sha256": digest, "bytes": store.size(f"{folder}/{name}")})
    content = json.dumps({**manifest, "files": entries}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    _put(store, f"{folder}/{MANIFEST}", content.encode(), hashlib.sha256(content.encode()).hexdigest())
    store.touch(f"{folder}/{MANIFEST}")


def published(store: Store, folder: str) -> bool:
    """Whether the folder was published."""
    return store.exists(f"{folder}/{MANIFEST}")


def read_manifest(store: Store, folder: str, required: Iterable[str] = ()) -> dict[str, Any]:
    """The manifest of a published folder, with all the fields that its kind requires.

    Raises:
        StoreError: nothing was published there, or its manifest is damaged.
    """
    try:
        manifest = json.loads(store.read(f"{folder}/{MANIFEST}"))
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{folder}/{MANIFEST} is damaged; run again what made it.") from error
    if not isinstance(manifest, dict) or not _are_files(manifest.get("files")):
        raise StoreError(f"{folder}/{MANIFEST} is not a manifest; run again what made it.")
    if lacking := sorted(set(required) - manifest.keys()):
        raise StoreError(
            f"{folder}/{MANIFEST} is damaged: it lacks {', '.join(lacking)}; run again what made it."
        )
    return manifest


def faults(store: Store, folder: str) -> Iterator[str]:
    """One sentence for each file of a published folder that is missing or damaged."""
    try:
        manifest = read_manifest(store, folder)
    except StoreError as error:
        yield str(error)
        return
    for entry in manifest["files"]:
        digest = store.sha256(f"{folder}/{entry['name']}")
        if digest is None:
            yield f"{folder}/{entry['name']} is missing."
        elif digest != entry["sha256"]:
            yield f"{folder}/{entry['name']} is damaged: its SHA-256 is not the manifest's."


def intact(store: Store, folder: str) -> bool:
    """Whether every file of a published folder is there with exactly its bytes.

    Who asks is about to use it, so the grace of garbage collection begins anew.
    """
    whole = next(faults(store, folder), None) is None
    if whole:
        store.touch(f"{folder}/{MANIFEST}")
    return whole


def _are_files(entries: object) -> bool:
    return isinstance(entries, list) and all(
        isinstance(entry, dict) and {"name", "sha256"} <= entry.keys() for entry in entries
    )


def _digest(source: Source) -> str:
    if isinstance(source, Part):
        return source.sha256
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _put(store: Store, name: str, source: Source, digest: str) -> None:
    if store.sha256(name) == digest:
        return
    if isinstance(source, Part):
        if not part_intact(store, source):
            raise StoreError(f"{source.name} is missing or damaged; build again, which makes it anew.")
        store.link(source.name, name)
    elif isinstance(source, bytes):
        store.write(name, source)
    else:
        store.upload(source, name)
