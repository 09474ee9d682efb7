"""What names the weights that a reader began with, and vectors that cannot be had."""

import json
from pathlib import Path
from typing import Any

import pytest

from storage.models import publish_model
from storage.store import Store
from tasks import vectors
from tasks.jobs import JobFailed
from tasks.vectors import beginning_of, question_vectors

PART = {"sha256": "ab", "rows": 1, "bytes": 2}


def reader(store: Store, folder: Path, spec: object) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "training.json").write_text(json.dumps({"spec": spec}))
    publish_model(store, "3fa9c1", folder, {"recipe": {}, "training": {}})
    return "3fa9c1"


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ({"preset": "base", "encoder": "mbert", "encoder_revision": "main"}, "mbert@main"),
        ({"preset": "tiny", "encoder": "", "encoder_revision": "main"}, "before r+w"),
        ({}, ""),
        ("x", ""),
    ],
)
def test_readers_of_one_encoder_began_alike(store: Store, tmp_path: Path, spec: object, name: str) -> None:
    model = reader(store, tmp_path / "reader", spec)
    assert beginning_of(store, model, "r+w") == beginning_of(store, str(tmp_path / "reader"), "r+w") == name


def test_a_foreign_reader_says_nothing(store: Store, tmp_path: Path) -> None:
    assert beginning_of(store, f"{tmp_path}/", "r") == ""


@pytest.mark.parametrize(("fails", "expected"), [(False, {"after", "before"}), (True, {"after"})])
def test_a_beginning_that_cannot_be_had_is_left_out(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool, expected: set[str]
) -> None:
    model = reader(
        store, tmp_path / "reader", {"preset": "base", "encoder": "mbert", "encoder_revision": "main"}
    )
    asked = []

    def encoded(_store: Store, call: dict[str, Any]) -> dict[str, Any]:
        if fails and call["spec"]["untrained"]:
            raise JobFailed("no network.")
        asked.append((call["weights"], call["spec"]["untrained"], call["spec"]["question_vector"]))
        return {"parts": {"vectors": PART}, "seconds": 1.5}

    monkeypatch.setattr(vectors, "_vectors", encoded)
    assert question_vectors(store, model, "r+w", PART)["parts"].keys() == expected
    assert asked[0] == ("r+w", False, "average")
    assert asked[1:] == ([] if fails else [("mbert@main", True, "average")])
