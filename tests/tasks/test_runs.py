"""Which reader an evaluation means, and what it knows of how that reader was trained."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from storage.errors import StoreError
from storage.models import publish_model
from storage.parts import write_part
from storage.refs import Refs
from storage.snapshots import SnapshotStore
from storage.store import Store
from tasks.runs import reader_identity, recipe_of, system_names, training_overlap, training_yields
from tasks.scoring.benchmarks import Pair

WEIGHTS = b"weights"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "reader"
    found.mkdir()
    (found / "config.json").write_text("{}")
    (found / "model.safetensors").write_bytes(WEIGHTS)
    return found


@pytest.fixture
def reader(store: Store, folder: Path) -> str:
    publish_model(store, "3fa9c1", folder, {"recipe": {"system": "tq"}, "training": {}})
    Refs(store).set("models/latest", "3fa9c1")
    return "3fa9c1"


def test_a_reader_is_named_by_its_id_and_its_weights(store: Store, reader: str) -> None:
    expected = f"{reader}+{hashlib.sha256(WEIGHTS).hexdigest()}"
    assert [reader_identity(store, name) for name in (reader, "3fa", "latest")] == [expected] * 3


def test_other_weights_under_one_id_are_another_reader(
    store: Store, reader: str, folder: Path, tmp_path: Path
) -> None:
    """A training on another machine may give other weights; answers of the one are not those of the other."""
    other = Store(str(tmp_path / "other"))
    (folder / "model.safetensors").write_bytes(b"other weights")
    publish_model(other, reader, folder, {"recipe": {}, "training": {}})
    assert reader_identity(other, reader) != reader_identity(store, reader)


@pytest.mark.parametrize("damage", [None, b"half"])
def test_a_reader_that_is_not_whole_is_not_evaluated(store: Store, reader: str, damage: bytes | None) -> None:
    weights = f"models/{reader}/model.safetensors"
    if damage is None:
        store.remove(weights)
    else:
        store.write(weights, damage)
    with pytest.raises(StoreError, match=rf"reader {reader} is not whole; train it again.*{weights} is"):
        reader_identity(store, "latest")


def test_latest_is_the_ref_whatever_lies_around(
    store: Store, reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("latest").mkdir()
    assert reader_identity(store, "latest").startswith(reader)
    assert recipe_of(store, "latest") == {"system": "tq"}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ('{"spec": {"system": "tc"}}', {"system": "tc"}),
        ('{"epochs": 3}', {}),
        ('{"spec": "x"}', {}),
        ("[]", {}),
        ("{", {}),
        (None, {}),
    ],
)
def test_what_a_foreign_reader_says_of_its_training(
    store: Store, folder: Path, record: str | None, expected: dict[str, Any]
) -> None:
    if record is not None:
        (folder / "training.json").write_text(record)
    assert recipe_of(store, str(folder)) == expected


ROWS = [
    ("en", "en", "en", "English"),
    ("tq", "es", "en", "English"),
    ("tc", "en", "es", "Spanish"),
    ("tc", "en", "de", "German"),
    ("tqc", "es", "es", "not of the system"),
]


@pytest.mark.parametrize(
    ("languages", "shared"),
    [
        ([], {"English", "Spanish", "German"}),
        (["es"], {"English", "Spanish"}),
        (["de"], {"English", "German"}),
    ],
)
def test_only_contexts_that_trained_are_shared(store: Store, languages: list[str], shared: set[str]) -> None:
    """Columns stand in the order of the file, whichever was asked for first."""
    names = ("set", "question_language", "context_language", "context")
    columns = dict(zip(names, map(list, zip(*ROWS, strict=True)), strict=True))
    part = write_part(store, pa.table({name: columns[name] for name in reversed(names)}))
    snapshot = SnapshotStore(store).commit(
        "squad-tc", {"x-00000": part}, {}, recipe={}, statistics={}, card=""
    )
    recipe = {"system": "tc", "snapshots": [snapshot.id], "languages": languages}
    found = {text for *_, text in ROWS if _shared(store, recipe, text)}
    assert found == shared


def _shared(store: Store, recipe: dict[str, Any], context: str) -> bool:
    overlap = training_overlap(store, recipe, [Pair("en", "en", [_example(context)])])
    assert overlap
    return overlap.total.shared == 1


def _example(context: str) -> Any:
    from storage.examples import Answer, Example

    return Example("q", "", "?", context, (Answer(context[:1], 0),))


def test_the_identity_of_a_folder_is_its_content(store: Store, folder: Path) -> None:
    before = reader_identity(store, str(folder))
    (folder / "training.json").write_text(json.dumps({"seconds": 1}))
    assert reader_identity(store, str(folder)) == before
    (folder / "model.safetensors").write_bytes(b"other")
    assert reader_identity(store, str(folder)) != before


def test_readers_that_differ_in_their_seed_are_one_system() -> None:
    first = {"system": "tq", "snapshots": ["s1"], "seed": 1}
    recipes = [first, {**first, "seed": 2}, {**first, "system": "zs"}]
    assert system_names(["a", "b", "c"], recipes, ["", "", ""]) == ["tq", "tq", "zs"]


def test_readers_of_one_name_that_differ_otherwise_are_told_apart() -> None:
    first = {"system": "tq", "snapshots": ["s1"], "seed": 1}
    recipes = [first, {**first, "snapshots": ["s2"]}, {**first, "seed": 2}]
    names = system_names(["a", "b", "c"], recipes, ["", "", ""])
    assert names[0] == names[2] != names[1]
    assert all(name.startswith("tq (") for name in names)
    assert system_names(["a", "b", "c"], recipes, ["old", "new", "old"]) == ["old", "new", "old"]


def test_a_name_that_was_given_holds_whatever_the_recipes() -> None:
    """The seeds of a row may have begun with different encoders."""
    recipes = [{"system": "tq", "encoder": name, "seed": seed} for seed, name in enumerate("ab")]
    assert system_names(["a", "b"], recipes, ["row", "row"]) == ["row", "row"]


def test_a_reader_of_the_same_seed_is_no_further_seed() -> None:
    recipe = {"system": "tq", "seed": 1}
    assert system_names(["a", "b", "c"], [recipe, recipe, {**recipe, "seed": 2}], ["", "", ""]) == [
        "tq",
        "tq (2)",
        "tq",
    ]


def test_foreign_readers_are_no_seeds_of_each_other() -> None:
    assert system_names(["./one", "x/two"], [{}, {}], ["", ""]) == ["one", "two"]
    same = system_names(["x/one", "y/one"], [{}, {}], ["", ""])
    assert all(name.startswith("one (") for name in same)
    assert len(set(same)) == 2


def test_yields_of_training_data_are_told_once(store: Store) -> None:
    part = write_part(store, pa.table({"set": ["en"]}))
    parts = {
        "en": {"kept": 1, "rejected": 0, "reasons": {}},
        "tq/es": {"kept": 3, "rejected": 2, "reasons": {"empty": 2}},
    }
    snapshot = SnapshotStore(store).commit(
        "squad-tq", {"x-00000": part}, {}, recipe={}, statistics={"parts": parts}, card=""
    )
    recipes = [{"snapshots": [snapshot.id, "gone"]}, {"snapshots": [snapshot.id]}, {}]
    (found,) = training_yields(store, recipes)
    assert (found.part, found.kept, found.reasons) == ("tq/es", 3, {"empty": 2})
