"""The real job on real data: XQuAD's English questions through the real Apertium."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage.snapshots import SnapshotStore
from storage.squad import read_squad
from storage.store import Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("apertium") is None, reason="Apertium is not installed"),
]

MARKUP = re.compile(r"</?\s*b\s*\d|&(?:[a-z]+|#\d+);")

CONTEXT_CHARACTERS_OF_THE_PAPER = 965_671
"""One copy of its context for each question, measured on the same file."""


def silverspan(*arguments: str) -> dict[str, Any]:
    """Run the program and return its JSON."""
    done = subprocess.run(
        [Path(sys.executable).parent / "silverspan", *arguments, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.fixture(scope="module")
def xquad() -> Path:
    folder = Path(__file__).parents[3] / "shared" / "data" / "xquad"
    if not folder.is_dir():
        pytest.skip("XQuAD is not at hand (../shared/data/xquad)")
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("xquad") / "store")


@pytest.fixture(scope="module")
def built(xquad: Path, store: str) -> dict[str, Any]:
    source = str(xquad / "xquad.en.json")
    return silverspan(
        "build", "--source", source, "--languages", "es", "--engine", "apertium", "--store", store
    )


def test_every_question_is_accounted_for(built: dict[str, Any], store: str, xquad: Path) -> None:
    ids = {example.id for example in read_squad(xquad / "xquad.en.json").examples}
    snapshots = SnapshotStore(Store(store))
    snapshot = snapshots.find(built["snapshots"]["tc"])
    kept = [row for batch in snapshots.batches(snapshot, ["source_id", "set"]) for row in batch.to_pylist()]
    projected = {row["source_id"] for row in kept if row["set"] == "tc"}
    assert len(projected) >= 0.99 * len(ids)
    assert len(projected) + sum(built["rejected"].get("es", {}).values()) == len(ids) == 1190


def test_every_stored_answer_stands_in_its_context_and_no_markup_in_any_text(
    built: dict[str, Any], store: str, xquad: Path
) -> None:
    source = {example.id: example for example in read_squad(xquad / "xquad.en.json").examples}
    snapshots = SnapshotStore(Store(store))
    for batch in snapshots.batches(snapshots.find(built["snapshots"]["tall"])):
        for row in batch.to_pylist():
            context, original = row["context"], source[row["source_id"]]
            for text, start in zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True):
                assert text.strip()
                assert context[start : start + len(text)] == text
            for made, given in ((context, original.context), (row["question"], original.question)):
                assert set(MARKUP.findall(made)) <= set(MARKUP.findall(given))


def test_the_engine_gets_each_context_once(built: dict[str, Any], xquad: Path) -> None:
    examples = read_squad(xquad / "xquad.en.json").examples
    questions = sum(len(question) for question in {example.question for example in examples})
    contexts = built["characters_sent"] - questions
    assert contexts <= 225_000 < CONTEXT_CHARACTERS_OF_THE_PAPER


def test_projected_answers_agree_with_people(built: dict[str, Any], store: str, xquad: Path) -> None:
    source, target = str(xquad / "xquad.en.json"), str(xquad / "xquad.es.json")
    figures = silverspan("project-eval", "--source", source, "--target", target, "--store", store)
    assert 0 < figures["characters_sent"] < 30_000  # the answers alone: all else is in the memory
    assert figures["f1"] >= 0.684
    assert figures["yield"] >= 0.99
