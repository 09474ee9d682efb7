"""Snapshots: immutable, named by content and recipe, readable by other people's tools."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import StoreError
from storage.examples import Answer, Example
from storage.hashing import ID_LENGTH
from storage.parts import Part, write_part
from storage.publishing import MANIFEST
from storage.silver import Reason, SilverSet
from storage.snapshots import Fate, FileName, Side, Snapshot, SnapshotStore, unsharded
from storage.store import Store
from tasks.cards import dataset_card
from tasks.projection.contexts import AnsweredContext
from tasks.projection.sets import Label, assemble, english_rows
from tests.storage.part_statistics import snapshot_statistics

RECIPE: dict[str, Any] = {
    "source": "ab" * 32,
    "projection": "best",
    "engines": {"es": {"engine": "apertium", "version": "3.8", "options": {}}},
}
CARD = "# {dataset}\n\nsnapshot {id}\n"

EXAMPLES = [
    Example("q1", "Ana", "Who?", "Ana 🎵 wrote in 1904.", (Answer("Ana", 0), Answer("Ana 🎵", 0))),
    Example("q2", "Ana", "When?", "Ana 🎵 wrote in 1904.", (Answer("1904", 15),)),
    Example("q3", "Bo", "Where?", "In Lyon.", (Answer("Lyon", 3),)),
]
PROJECTIONS = {
    "q1": AnsweredContext("Ana 🎵 escribió en 1904.", (Answer("Ana", 0),), "exact", 1.0),
    "q2": AnsweredContext("", (), "", 0.0, Reason.TAGS_SPLIT, "2 pieces"),
    "q3": AnsweredContext("", (), "", 0.0, Reason.NOT_TRANSLATED),
}

Parts = tuple[dict[str, Part], dict[str, Part]]


@pytest.fixture
def parts(store: Store) -> Parts:
    """`kept` and `rejected` of T(C) in Spanish: one of three questions was kept."""
    types = ["who", "when", "where"]
    rows = assemble(Label(SilverSet.TC, "es", "apertium/es/1-ab"), EXAMPLES, types, {}, PROJECTIONS)
    kept = {
        "en-00000": write_part(store, english_rows(EXAMPLES, types)),
        "tc-es-00000": write_part(store, rows.kept),
    }
    return kept, {"tc-es-00000": write_part(store, rows.rejected)}


def commit(store: Store, parts: Parts, dataset: str = "squad-tc", **changes: Any) -> Snapshot:
    given = {"recipe": RECIPE, "statistics": {"n": 1}, "card": CARD, **changes}
    return SnapshotStore(store).commit(dataset, *parts, **given)


def contents(store: Store, folder: str) -> dict[str, str | None]:
    return {name: store.sha256(f"{folder}/{name}") for name in store.names(folder)}


def test_a_snapshot_says_what_it_holds(store: Store, parts: Parts) -> None:
    found = commit(store, parts)
    assert found.folder == f"snapshots/squad-tc/{found.id}"
    assert len(found.id) == ID_LENGTH
    assert (found.rows, found.manifest["rejected"]) == (4, 2)
    assert found.manifest["recipe"] == RECIPE
    assert found.manifest["statistics"] == {"n": 1}
    assert found.parts == [
        f"{found.folder}/part-en-00000.parquet",
        f"{found.folder}/part-tc-es-00000.parquet",
    ]
    assert found.rejected_parts == [f"{found.folder}/rejected-tc-es-00000.parquet"]
    assert store.read(f"{found.folder}/README.md").decode() == f"# squad-tc\n\nsnapshot {found.id}\n"
    assert SnapshotStore(store).faults(found) == []


@pytest.mark.parametrize("part", ["en", "tc-es", "tqc-zh-Hant"])
@pytest.mark.parametrize("side", Side)
def test_the_name_of_a_file_says_what_it_holds(part: str, side: Side) -> None:
    name = FileName(side, f"{part}-00012")
    assert str(name) == f"{side}-{part}-00012.parquet"
    assert FileName.parse(str(name)) == name
    assert unsharded(name.label) == part


def test_a_snapshot_says_nothing_of_time_or_place(store: Store, parts: Parts) -> None:
    found = commit(store, parts)
    manifest = store.read(f"{found.folder}/{MANIFEST}").decode()
    assert store.root not in manifest
    assert set(found.manifest) == {
        "kind", "dataset", "id", "recipe", "rows", "rejected", "statistics", "files"
    }  # fmt: skip


def test_the_id_depends_on_content_recipe_and_data_set(store: Store, parts: Parts) -> None:
    kept, rejected = parts
    lone = {"tc-es-00000": kept["tc-es-00000"]}
    ids = [
        commit(store, parts).id,
        commit(store, (lone, rejected)).id,
        commit(store, (kept, {})).id,
        commit(store, ({**lone, "en-00001": kept["en-00000"]}, rejected)).id,
        commit(store, parts, dataset="squad-tqc").id,
        commit(store, parts, recipe={**RECIPE, "projection": "paper"}).id,
        commit(store, parts, recipe={**RECIPE, "source": "cd" * 32}).id,
    ]
    assert len(set(ids)) == len(ids)


def test_the_id_depends_on_nothing_else(store: Store, parts: Parts) -> None:
    """Not on the order of parts or fields, nor on statistics and card, which follow from the content."""
    kept, rejected = parts
    turned = dict(reversed(kept.items())), dict(reversed(rejected.items()))
    first = commit(store, parts)
    assert commit(store, turned, recipe=dict(reversed(RECIPE.items()))).id == first.id
    assert commit(store, parts, statistics={"n": 2}, card="other").id == first.id


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(st.lists(st.text(max_size=6), max_size=4), st.lists(st.text(max_size=6), max_size=4))
def test_equal_content_equal_id(local: Store, one: list[str], other: list[str]) -> None:
    """Law: two snapshots of one recipe share an id exactly where they hold the same rows."""
    parts = [write_part(local, pa.table({"text": pa.array(texts, pa.string())})) for texts in (one, other)]
    ids = [commit(local, ({"x-00000": part}, {})).id for part in parts]
    assert (ids[0] == ids[1]) == (one == other)


def test_the_same_id_in_another_store(local: Store, remote: Store) -> None:
    table = pa.table({"a": [1]})
    ids = {commit(store, ({"x-00000": write_part(store, table)}, {})).id for store in (local, remote)}
    assert len(ids) == 1


def test_an_equal_commit_changes_nothing(store: Store, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    first = commit(store, parts)
    for method in ("write", "link", "upload", "remove"):
        monkeypatch.setattr(store, method, lambda *_: pytest.fail("the store was changed"))
    assert commit(store, parts) == first


@pytest.mark.parametrize("damage", [None, b"", b"damaged"])
def test_an_equal_commit_puts_back_what_was_lost(store: Store, parts: Parts, damage: bytes | None) -> None:
    found = commit(store, parts)
    before = contents(store, found.folder)
    broken = found.parts[0]
    if damage is None:
        store.remove(broken)
    else:
        store.write(broken, damage)
    shelf = SnapshotStore(store)
    (fault,) = shelf.faults(found)
    assert fault.startswith(f"{broken} is {'missing' if damage is None else 'damaged'}")
    assert commit(store, parts) == found
    assert contents(store, found.folder) == before
    assert shelf.faults(found) == []


def test_a_folder_without_a_manifest_does_not_count(store: Store, parts: Parts) -> None:
    found, shelf = commit(store, parts), SnapshotStore(store)
    store.remove(f"{found.folder}/{MANIFEST}")
    assert shelf.all() == []
    for look_up in (lambda: shelf.find(found.id), lambda: shelf.get(found.dataset, found.id)):
        with pytest.raises(StoreError):
            look_up()


def test_snapshots_share_the_bytes_of_a_part(local: Store, tmp_path: Path) -> None:
    part = write_part(local, pa.table({"a": [1]}))
    paths = [
        local.local_path(commit(local, ({"x-00000": part}, {}), dataset=name).parts[0])
        for name in ("squad-tc", "squad-tall")
    ]
    assert paths[0].samefile(paths[1])


def test_found_by_the_start_of_its_id(store: Store, parts: Parts) -> None:
    shelf = SnapshotStore(store)
    found = [commit(store, parts, recipe={**RECIPE, "n": n}) for n in range(40)]
    assert [s.id for s in shelf.all()] == sorted(s.id for s in found)
    for one in found:
        assert shelf.find(one.id) == one
        assert shelf.find(one.id[:-1]) == one
        assert shelf.get("squad-tc", one.id) == one
    ambiguous = next(s.id[0] for s in found if sum(other.id[0] == s.id[0] for other in found) > 1)
    with pytest.raises(StoreError, match=rf"^[0-9]+ snapshots have the id '{ambiguous}'.*snapshots list"):
        shelf.find(ambiguous)
    with pytest.raises(StoreError, match=r"^No snapshots have the id 'xyz'.*snapshots list"):
        shelf.find("xyz")


@pytest.mark.parametrize("name", ["../squad-tc", "squad-tc/../.."])
def test_a_data_set_cannot_lead_out_of_the_store(store: Store, parts: Parts, name: str) -> None:
    with pytest.raises(StoreError, match="out of the store"):
        commit(store, parts, dataset=name)


def test_batches_hold_the_kept_rows_and_only_the_columns_asked_for(store: Store, parts: Parts) -> None:
    found, shelf = commit(store, parts), SnapshotStore(store)
    batches = list(shelf.batches(found, ["set", "source_id"]))
    assert {tuple(batch.schema.names) for batch in batches} == {("set", "source_id")}
    rows = pa.Table.from_batches(batches).to_pylist()
    assert [row["set"] for row in rows] == ["en", "en", "en", "tc"]
    assert [row["source_id"] for row in rows] == ["q1", "q2", "q3", "q1"]
    whole = pa.Table.from_batches(shelf.batches(found))
    assert whole["context"].to_pylist()[-1] == "Ana 🎵 escribió en 1904."


def test_what_became_of_a_question(store: Store, parts: Parts) -> None:
    found, shelf = commit(store, parts), SnapshotStore(store)
    assert shelf.fates(found, "q1") == [
        Fate("q1", "en", "en", "en", kept=True, reason="unchanged", answer="Ana"),
        Fate("q1", "tc", "en", "es", kept=True, reason="exact", answer="Ana"),
    ]
    (_, lost) = shelf.fates(found, "q2")
    assert lost == Fate("q2", "tc", "en", "es", kept=False, reason="tags-split: 2 pieces", answer="")
    assert shelf.fates(found, "q3")[1].reason == Reason.NOT_TRANSLATED
    for unknown in ("q4", "q", "", "q1' OR 1=1"):
        with pytest.raises(StoreError, match="was not built from a question"):
            shelf.fates(found, unknown)


PROGRAM = """
import json, sys
import datasets, pandas
folder = sys.argv[1]
by_folder = datasets.load_dataset(folder, split="train")
by_files = datasets.load_dataset("parquet", data_files=folder + "/part-*.parquet", split="train")
frame = pandas.concat([pandas.read_parquet(path) for path in sys.argv[2:]])
print(json.dumps({
    "by_folder": by_folder.to_list(),
    "by_files": by_files.to_list(),
    "features": str(by_folder.features["answers"]),
    "ids": frame["id"].tolist(),
    "starts": [int(answers["answer_start"][0]) for answers in frame["answers"]],
}))
"""


def test_datasets_and_pandas_read_it(local: Store, tmp_path: Path) -> None:
    """Other people's tools, each as its users call it; no network, caches of their own."""
    types = ["who", "when", "where"]
    rows = assemble(Label(SilverSet.TC, "es", "e"), EXAMPLES, types, {}, PROJECTIONS)
    kept = {
        "en-00000": write_part(local, english_rows(EXAMPLES, types)),
        "tc-es-00000": write_part(local, rows.kept),
    }
    rejected = {"tc-es-00000": write_part(local, rows.rejected)}
    statistics = snapshot_statistics(local, kept, rejected)
    card = dataset_card(SilverSet.TC, RECIPE, statistics)
    found = commit(local, (kept, rejected), statistics=statistics, card=card)
    environment = {
        **os.environ,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    paths = [str(local.local_path(name)) for name in found.parts]
    command = [sys.executable, "-c", PROGRAM, str(local.local_path(found.folder)), *paths]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout.splitlines()[-1])
    ids = ["q1.en.en-en", "q2.en.en-en", "q3.en.en-en", "q1.tc.en-es"]
    assert seen["ids"] == [row["id"] for row in seen["by_folder"]] == ids
    assert seen["starts"] == [0, 15, 3, 0]
    assert seen["by_files"] == seen["by_folder"]
    assert list(seen["by_folder"][0])[:5] == ["id", "title", "context", "question", "answers"]
    for row in seen["by_folder"]:
        for text, start in zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True):
            assert row["context"][start : start + len(text)] == text
    assert "int32" in seen["features"]


def test_a_snapshot_is_a_value() -> None:
    snapshot = Snapshot("d", "1", {"rows": 1, "files": []})
    assert replace(snapshot, id="2").folder == "snapshots/d/2"
    with pytest.raises(AttributeError):
        snapshot.id = "2"  # type: ignore[misc]


@pytest.mark.parametrize("damage", [None, b"", b"no Parquet", b"PAR1" + bytes(40) + b"PAR1"])
def test_rows_that_cannot_be_read(store: Store, parts: Parts, damage: bytes | None) -> None:
    found, shelf = commit(store, parts), SnapshotStore(store)
    broken = found.parts[0]
    if damage is None:
        store.remove(broken)
    else:
        store.write(broken, damage)
    for use in (lambda: list(shelf.batches(found)), lambda: shelf.fates(found, "q1")):
        with pytest.raises(StoreError) as caught:
            use()
        assert str(caught.value) == f"{broken} is missing or damaged; build again, which puts it back."


def test_a_damaged_manifest_hides_no_other_snapshot(store: Store, parts: Parts) -> None:
    shelf = SnapshotStore(store)
    one, other = commit(store, parts), commit(store, parts, recipe={**RECIPE, "n": 1})
    manifest = {name: value for name, value in one.manifest.items() if name != "rows"}
    store.write(f"{one.folder}/{MANIFEST}", json.dumps(manifest).encode())
    assert shelf.all() == [other]
    assert shelf.damaged() == [f"{one.folder}/{MANIFEST} is damaged: it lacks rows; run again what made it."]
    assert shelf.find(other.id) == other
