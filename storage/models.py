"""The registry of readers: published folders that plain `transformers` loads, under the id of their recipe."""

import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from storage.errors import StoreError, UsageError
from storage.publishing import intact, publish, published, read_manifest
from storage.refs import MODELS, Refs
from storage.store import Store

FOLDER = REFS = MODELS

CHAMPION = f"{REFS}/champion"
"""The ref to the reader in use."""

REQUIRED = ("id", "recipe", "training")
"""The fields of a reader's manifest."""


def model_folder(model_id: str) -> str:
    """Its path in the store."""
    return f"{FOLDER}/{model_id}"


def publish_model(store: Store, model_id: str, folder: Path, manifest: dict[str, Any]) -> None:
    """Publish the files of a finished reader, unless another training of the same spec was first."""
    files = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    place = model_folder(model_id)
    with store.locked(place):
        if not intact(store, place):
            publish(store, place, files, {"kind": "model", "id": model_id, **manifest})


@dataclass(frozen=True, slots=True)
class Reader:
    """One published reader, as its manifest tells it, and since when it has been there (UTC)."""

    id: str
    manifest: dict[str, Any]
    published: datetime


def readers(store: Store) -> tuple[list[Reader], list[str]]:
    """Every reader whose manifest can be read, oldest first, and one sentence for each whose manifest cannot."""
    found, damaged = [], []
    for model_id in _ids(store):
        try:
            found.append(Reader(model_id, model_manifest(store, model_id), _since(store, model_id)))
        except StoreError as error:
            damaged.append(str(error))
    return sorted(found, key=lambda reader: (reader.published, reader.id)), damaged


def find_model(store: Store, name: str) -> str:
    """The id of a reader by id, by the start of one, or by ref (`latest`, `models/champion`).

    Raises:
        StoreError: there is none, or more than one.
    """
    ids = _ids(store)
    target = name if name in ids else _named(store, name)
    matches = [i for i in ids if i == target] or [i for i in ids if i.startswith(name)]
    if len(matches) != 1:
        found = "no reader" if not matches else f"{len(matches)} readers"
        raise StoreError(
            f"The store {store.url} holds {found} called {name!r}; `silverspan models list` shows what there is."
        )
    return matches[0]


def model_manifest(store: Store, model_id: str) -> dict[str, Any]:
    """What is known of a reader."""
    return read_manifest(store, model_folder(model_id), REQUIRED)


def move_champion(store: Store, challenger: str, champion: str) -> None:
    """Make a challenger champion, if the champion still is the one that it was measured against.

    Raises:
        StoreError: somebody has moved the ref since.
    """
    refs = Refs(store)
    if not refs.set(CHAMPION, challenger, expected=champion):
        raise StoreError(
            f"The ref {CHAMPION!r} was moved to {refs.get(CHAMPION)!r} while the challenger was measured against"
            f" {champion!r}; challenge again, or move it with `silverspan refs set`."
        )


def reader_folder(name: str) -> Path | None:
    """The local folder that `name` means: one with a separator in it, or a leading dot or tilde, that is there.

    A plain name is an id or a ref, whatever folders happen to lie around.
    """
    folder = Path(name).expanduser()
    meant = "/" in name or os.sep in name or name.startswith((".", "~"))
    return folder if meant and folder.is_dir() else None


def local_model(store: Store, name: str, folder: Path) -> Path:
    """A local folder with a reader's files: the store's own, or a copy in `folder` where the store is remote.

    `name` may also be a local folder (`reader_folder`), which is returned as it is.
    """
    if given := reader_folder(name):
        return given
    model_id = find_model(store, name)
    if store.is_local:
        return store.local_path(model_folder(model_id))
    target = folder / model_id
    target.mkdir(parents=True, exist_ok=True)
    for file in store.names(model_folder(model_id)):
        store.fs.get_file(store.path(f"{model_folder(model_id)}/{file}"), str(target / file))
    return target


def _ids(store: Store) -> list[str]:
    return [i for i in store.names(FOLDER) if published(store, model_folder(i))]


def _since(store: Store, model_id: str) -> datetime:
    """When the oldest of its files was written: the manifest is made young again by each use."""
    folder = store.path(model_folder(model_id))
    written = (store.fs.modified(f"{folder}/{name}") for name in store.names(model_folder(model_id)))
    return cast(datetime, min(written)).astimezone(UTC)


def _named(store: Store, name: str) -> str | None:
    """What the ref of that name points at; a path, say, is no ref and names nothing."""
    with contextlib.suppress(UsageError):
        return Refs(store).get(name if "/" in name else f"{REFS}/{name}")
    return None
