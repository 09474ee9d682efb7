"""The whole chain on a real Prefect server: data, reader, report; and again, with nothing left to do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import Artifact

from flows.chain import silver_reader
from flows.evaluate import evaluate_reader
from flows.parameters import SAMPLE_FOLDER
from flows.train import train_reader
from model.spec import Preset
from storage.errors import StoreError
from storage.models import local_model
from storage.store import Store

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect")]


@pytest.fixture(scope="module")
def mlqa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four of the 49 pairs of the sample."""
    folder = tmp_path_factory.mktemp("mlqa") / "test"
    folder.mkdir()
    for pair in ("en-question-en", "en-question-es", "es-question-en", "es-question-es"):
        name = f"test-context-{pair}.json"
        (folder / name).write_bytes((SAMPLE_FOLDER / "mlqa" / "test" / name).read_bytes())
    return folder.parent


@pytest.fixture(scope="module")
def given(corpus: Path, replay: str, mlqa: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {
        "languages": ["es"],
        "source": str(corpus),
        "engine": replay,
        "system_name": "tall",
        "preset": Preset.TINY,
        "data": str(mlqa),
        "filters": "none",
        "store": str(tmp_path_factory.mktemp("chain") / "store"),
    }


@pytest.fixture(scope="module")
def first(prefect: None, given: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = silver_reader(**given)
    return result


def test_the_report_is_a_page_and_its_numbers(first: dict[str, Any], given: dict[str, Any]) -> None:
    page = Path(first["report"]["path"])
    figures = json.loads((page.parent / "report.json").read_text())
    assert "plumbing, not quality" in page.read_text().lower()
    assert figures["total"] == first["report"]["total"] == 4 * 36
    assert figures["f1"] == first["report"]["f1"]
    assert figures["model"] == first["reader"]["model"]
    assert figures["contexts_shared_with_training"]["shared"] == 0


def test_several_readers_stand_in_one_report(first: dict[str, Any], given: dict[str, Any]) -> None:
    """The same weights as a folder: another reader by name, and no difference between the two."""
    folder = first["reader"]["path"]
    report = evaluate_reader(
        "latest", data=given["data"], store=given["store"], others=[folder, "latest"], limit=5
    )
    figures = json.loads((Path(report["path"]).parent / "report.json").read_text())
    assert report["total"] == figures["total"] == 4 * 5
    assert len(report["systems"]) == len(figures["systems"]) == 2
    assert {one["difference"] for one in figures["comparisons"]} == {0.0}
    assert {one["p_holm"] for one in figures["comparisons"]} == {1.0}
    assert {(one["stage"], one["questions"]) for one in figures["invariance"]} >= {("after", 5)}


def test_the_reader_loads_in_plain_transformers(first: dict[str, Any]) -> None:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    folder = first["reader"]["path"]
    assert AutoModelForQuestionAnswering.from_pretrained(folder).config.num_labels == 2
    assert AutoTokenizer.from_pretrained(folder)("a b")["input_ids"]


def test_the_second_run_translates_and_trains_nothing(first: dict[str, Any], given: dict[str, Any]) -> None:
    weights = Path(first["reader"]["path"]) / "model.safetensors"
    before = weights.stat().st_mtime_ns
    again = silver_reader(**given)
    assert again["build"]["requests"] == 0
    assert again["reader"] == first["reader"]
    assert again["report"] == first["report"]
    assert weights.stat().st_mtime_ns == before


def test_artifacts_are_there_for_the_ui(first: dict[str, Any]) -> None:
    """And one leads from the report to its reader, and from there to its snapshot."""
    keys = ["silver-build", "silver-yield", "silver-examples", "silver-costs"]
    keys += ["reader", "reader-loss", "evaluation", "evaluation-heat-map", "silver-reader"]
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=keys)))
    pages = {str(artifact.id): artifact for artifact in found}
    assert {artifact.key for artifact in found} == set(keys)
    reports = (a for a in found if a.key == "evaluation" and first["report"]["report"] in str(a.data))
    report = max(reports, key=lambda artifact: str(artifact.created))
    reader = pages[led_to(report, first["reader"]["model"])]
    assert reader.key == "reader"
    build = pages[led_to(reader, first["build"]["snapshots"]["tall"])]
    assert build.key == "silver-build"
    examples = re.search(r"\[examples of kept and rejected rows\]\(\.\./artifact/([^)]+)\)", str(build.data))
    assert examples
    assert pages[examples[1]].key == "silver-examples"


def led_to(artifact: Artifact, name: str) -> str:
    """The id of the artifact that a name on a page leads to."""
    found = re.search(rf"\[{name}\]\(\.\./artifact/([^)]+)\)", str(artifact.data))
    assert found, f"{artifact.key} does not lead to {name}"
    return found[1]


def test_a_reader_is_found_by_ref_and_by_the_start_of_its_id(
    first: dict[str, Any], given: dict[str, Any], tmp_path: Path
) -> None:
    store, model_id = Store(given["store"]), first["reader"]["model"]
    assert local_model(store, "latest", tmp_path).name == model_id
    assert local_model(store, model_id[:6], tmp_path).name == model_id
    with pytest.raises(StoreError, match="no reader"):
        local_model(store, "nobody", tmp_path)


def test_a_system_of_one_language_trains_on_the_one_that_is_built(
    first: dict[str, Any], given: dict[str, Any]
) -> None:
    reader = silver_reader(**{**given, "system_name": "at-en-zh"})["reader"]
    record = json.loads((Path(reader["path"]) / "training.json").read_text())
    assert record["languages"] == ["en", "es"]
    assert (Path(reader["path"]) / "discriminator.safetensors").is_file()


def test_questions_to_choose_by_choose(first: dict[str, Any], given: dict[str, Any]) -> None:
    """Looked at after every second step, the best of which is kept; another batch and rate are another reader."""
    settings = {
        "dev": f"squad:{given['source']}",
        "eval_interval": 2,
        "batch_size": 16,
        "learning_rate": 5e-4,
    }
    found = train_reader(
        "zs", first["build"]["snapshots"]["tall"], [], Preset.TINY, store=given["store"], **settings
    )
    record = json.loads((Path(found["path"]) / "training.json").read_text())
    steps, scores = zip(*record["scores"], strict=True)
    assert list(steps) == sorted({*range(2, found["steps"] + 1, 2), found["steps"]})
    assert record["best_step"] == steps[scores.index(max(scores))]
    assert (record["spec"]["batch_size"], record["spec"]["learning_rate"]) == (16, 5e-4)
    assert record["spec"]["dev"][0].startswith("parts/")
