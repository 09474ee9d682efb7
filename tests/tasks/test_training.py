"""What the task of a training knows beside the job: where things lie between tries, and whence the data came."""

from pathlib import Path
from typing import Any

import pytest

from storage.downloads.datasets import DATASETS
from storage.snapshots import Snapshot
from storage.store import Store
from tasks.training import source_of, workshop


def test_a_local_store_keeps_what_the_next_try_needs(store: Store) -> None:
    assert workshop(store) == store.local_path("work")


def test_for_a_remote_store_this_machine_keeps_it_apart_for_each(tmp_path: Path) -> None:
    one, other = (workshop(Store(f"memory://{name}")) for name in ("one", "other"))
    assert one != other
    assert one == workshop(Store("memory://one"))


@pytest.mark.parametrize(("known", "hub"), [(True, "cc-by-sa-4.0"), (False, "")])
def test_a_card_names_the_licence_of_what_was_translated(known: bool, hub: str) -> None:
    squad = next(source for source in DATASETS.values() if source.licence == "CC BY-SA 4.0")
    engine = {"engine": "apertium", "version": "3.8", "options": {}}
    recipe: dict[str, Any] = {"source": squad.sha256 if known else "ab" * 32, "engines": {"es": engine}}
    source = source_of(Snapshot("squad-tq", "3fa9", {"recipe": recipe}))
    assert (source.dataset, source.snapshot, source.engines) == ("squad-tq", "3fa9", {"es": "apertium 3.8"})
    assert source.hub_licence == hub
