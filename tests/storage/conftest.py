"""Stores and memories to try things on: on this machine's disk, and on what stands for an object store or is shared."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.memory import TranslationMemory
from storage.store import Store
from tests.storage.postgres import Server, missing, running


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


@pytest.fixture
def bucket(object_store: str) -> Iterator[Store]:
    """A folder of a real S3 protocol: what is listed, copied and removed there is so by requests."""
    store = Store(f"{object_store}/{uuid.uuid4().hex}")
    yield store
    if store.fs.exists(store.root):
        store.fs.rm(store.root, recursive=True)


@pytest.fixture(params=["local", "remote", "bucket"])
def store(request: pytest.FixtureRequest) -> Store:
    """All kinds in turn."""
    found: Store = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL of our own, where one can be started."""
    if (why := missing()) is not None:
        pytest.skip(why)
    with running() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind in turn, for a translation memory."""
    if request.param == "sqlite":
        return str(tmp_path / "memory.sqlite")
    server: Server = request.getfixturevalue("server")
    return server.emptied()


@pytest.fixture
def memory(url: str) -> Iterator[TranslationMemory]:
    with TranslationMemory(url) as opened:
        yield opened
