"""Stores to try things on: one on this machine's disk, one that stands for an object store."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store


@pytest.fixture
def local(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


@pytest.fixture
def remote() -> Iterator[Store]:
    """fsspec's memory file system: no renames, no links and no paths on this machine, as on an object store."""
    store = Store(f"memory://{uuid.uuid4().hex}/store")
    yield store
    if store.fs.exists(store.root):
        store.fs.rm(store.root, recursive=True)


@pytest.fixture(params=["local", "remote"])
def store(request: pytest.FixtureRequest) -> Store:
    """Both kinds in turn."""
    found: Store = request.getfixturevalue(request.param)
    return found
