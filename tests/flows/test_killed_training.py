"""A training whose job is killed outright is tried again by Prefect, and ends with the weights of one that was not."""

import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, FlowRunFilter, FlowRunFilterId
from prefect.context import FlowRunContext
from safetensors.numpy import load_file

import tasks.jobs
from model.spec import Preset, TrainSpec
from storage.models import model_folder, model_manifest
from storage.parts import write_part
from storage.silver import SILVER_SCHEMA, SilverSet, row_id
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store
from tasks.progress import listen
from tasks.training import trained

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect")]

EPOCHS = 40
"""Of four steps each: there is time to kill it."""

NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana")
CITIES = ("Oslo", "Rome", "Lima", "Cairo", "Delhi", "Paris", "Quito", "Tokyo")


def silver() -> list[dict[str, Any]]:
    """Two questions on each of eight contexts, in English."""
    rows = []
    for name, city in zip(NAMES, CITIES, strict=True):
        context = f"{name} lives in {city}."
        for question, answer in ((f"Where does {name} live?", city), (f"Who lives in {city}?", name)):
            source = f"{name}-{answer}"
            given: dict[str, Any] = dict.fromkeys(SILVER_SCHEMA.names, "")
            answers = {"text": [answer], "answer_start": [context.index(answer)]}
            given |= {
                "id": row_id(source, SilverSet.EN, "en", "en"),
                "context": context,
                "question": question,
            }
            given |= {"source_id": source, "set": "en", "question_language": "en", "context_language": "en"}
            rows.append({**given, "answers": answers, "confidence": 1.0})
    return rows


def commit(store: Store) -> Snapshot:
    part = write_part(store, pa.Table.from_pylist(silver(), schema=SILVER_SCHEMA))
    return SnapshotStore(store).commit("squad-tq", {"en-0": part}, {}, recipe={}, statistics={}, card="")


SPEC = TrainSpec(
    system="zs",
    files=("-",),
    output="-",
    preset=Preset.TINY,
    batch_size=4,
    epochs=EPOCHS,
    log_interval=5,
    checkpoint_interval=10,
)


@flow(name="a training alone")
def training(url: str) -> dict[str, Any]:
    """The step as `train-reader` takes it, with more checkpoints."""
    store, context = Store(url), FlowRunContext.get()
    assert context
    assert context.flow_run
    return {"model": trained(store, SPEC, commit(store)), "run": str(context.flow_run.id)}


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[str]"]:
    """The jobs as they are started."""
    started: list[subprocess.Popen[str]] = []
    popen = subprocess.Popen

    def start(*arguments: Any, **options: Any) -> "subprocess.Popen[str]":
        process = popen(*arguments, **options)
        if arguments[0][-2:-1] == ["model.job"]:
            started.append(process)
        return process

    monkeypatch.setattr(tasks.jobs.subprocess, "Popen", start)
    return started


@pytest.mark.timeout(900)
def test_prefect_tries_again_and_the_weights_are_those_of_an_unbroken_run(
    jobs: list["subprocess.Popen[str]"], tmp_path: Path
) -> None:
    store = Store(str(tmp_path / "store"))

    def kill_once(_what: str, done: int, _total: int | None) -> None:
        if len(jobs) == 1 and done >= 25:
            os.kill(jobs[0].pid, signal.SIGKILL)

    stop = listen(kill_once)
    try:
        found = training(store.url)
    finally:
        stop()
    assert [process.returncode for process in jobs] == [-signal.SIGKILL, 0]
    told = model_manifest(store, found["model"])["training"]
    assert told["steps"] == 4 * EPOCHS
    assert 20 <= told["resumed_at"] < 4 * EPOCHS
    weights = load_file(store.local_path(f"{model_folder(found['model'])}/model.safetensors"))
    expected = unbroken(tmp_path)
    assert weights.keys() == expected.keys()
    assert all((weights[name] == expected[name]).all() for name in weights)
    assert_shown(found["run"])


def unbroken(folder: Path) -> dict[str, Any]:
    """The weights of the same training, never interrupted."""
    from model import runtime
    from model.training import train

    rows = folder / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(silver(), schema=SILVER_SCHEMA), rows)
    runtime.prepare(SPEC.threads)
    assert train(replace(SPEC, files=(str(rows),), output=str(folder / "reader"))).resumed_at == 0
    return dict(load_file(folder / "reader" / "model.safetensors"))


def assert_shown(run: str) -> None:
    """Its speed and its curve stand in the UI, under keys that are always the same."""
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["training", "reader-loss"])),
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run])),
        )
    progress = [a for a in artifacts if a.key == "training"]
    assert len(progress) == 2, "one for each try"
    described = [str(a.description) for a in progress if a.data == 100.0]
    assert len(described) == 1
    assert "step 160 of 160, loss " in described[0]
    assert " samples/s, " in described[0]
    assert " tokens/s, MFU " in described[0]
    curves = [str(a.data) for a in artifacts if a.key == "reader-loss"]
    assert curves
    assert all("](data:image/png;base64," in curve for curve in curves)
