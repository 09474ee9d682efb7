"""Where a run reads and writes."""

from pathlib import Path

import pytest

from storage.errors import StoreError
from tasks.place import Place


def test_the_memory_lies_in_a_local_store(tmp_path: Path) -> None:
    with Place(str(tmp_path)).memory() as memory:
        assert memory.count() == 0
    assert (tmp_path / "memory.sqlite").is_file()


def test_a_remote_store_needs_a_memory_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^The store memory://x .*; add --memory with a local file or"):
        Place("memory://x").memory()
    with Place("memory://x", str(tmp_path / "m.sqlite")).memory() as memory:
        assert memory.count() == 0
