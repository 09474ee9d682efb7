"""`silverspan models list`: which readers there are, and what names them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from flows.cli import run
from storage.models import model_folder, publish_model
from storage.refs import Refs
from storage.store import Store

WRITTEN = 1_795_000_000.0
"""2026-11-18 11:06:40 UTC, and one second less for each reader."""

READERS: dict[str, dict[str, Any]] = {
    "c69ef7bd": {"system": "tq", "preset": "tiny", "languages": ["es", "de"], "seed": 2},
    "0a67399a": {"system": "zs", "preset": "base", "languages": [], "seed": 1},
}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Two readers, of which the older one is champion and the newer one the last."""
    monkeypatch.chdir(tmp_path)
    made = Store(str(tmp_path / "store"))
    monkeypatch.setenv("SILVERSPAN_STORE", made.url)
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "config.json").write_text("{}")
    for age, (model_id, recipe) in enumerate(READERS.items()):
        publish_model(
            made, model_id, tmp_path / "reader", {"recipe": recipe, "training": {}, "parents": ["s1"]}
        )
        for name in made.names(model_folder(model_id)):
            os.utime(made.local_path(f"{model_folder(model_id)}/{name}"), (WRITTEN, WRITTEN - age))
    for name, target in (("champion", "0a67399a"), ("latest", "c69ef7bd"), ("best", "0a67399a")):
        Refs(made).set(f"models/{name}", target)
    # Ids of snapshots and readers are alike.
    Refs(made).set("squad-tq/latest", "0a67399a")
    return made


def test_it_says_what_each_reader_is_and_what_names_it(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["models", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "0a67399a  zs                 base, seed 1  2026-11-18 11:06  models/best, models/champion",
        "c69ef7bd  tq es,de           tiny, seed 2  2026-11-18 11:06  models/latest",
    ]


def test_scripts_get_it_as_json(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.write("models/c69ef7bd/manifest.json", b"")
    assert run(["models", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["models"] == [
        {
            "id": "0a67399a",
            **READERS["0a67399a"],
            "snapshots": ["s1"],
            "published": "2026-11-18T11:06:39+00:00",
            "refs": ["models/best", "models/champion"],
        }
    ]
    assert told["damaged"] == ["models/c69ef7bd/manifest.json is damaged; run again what made it."]


def test_an_empty_store_has_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["models", "list", "--store", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().out.strip().endswith("holds no reader yet.")
