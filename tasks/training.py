"""Training: a snapshot and a system become a published reader."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import get_run_logger, task

from model.spec import TrainSpec
from storage.hashing import content_id
from storage.models import REFS, model_folder, model_manifest, publish_model
from storage.publishing import intact
from storage.refs import Refs
from storage.snapshots import Snapshot
from storage.store import Store
from tasks.jobs import run_job
from tasks.progress import Progress
from tasks.publication import LATEST
from tasks.steps import STEP, Json, run_one, step_key


def trained(store: Store, spec: TrainSpec, snapshot: Snapshot) -> str:
    """The id of the reader that the spec describes, trained on the snapshot; it becomes `models/latest`."""
    named = replace(spec, snapshots=(snapshot.id,))
    call = {"store": store.url, "spec": named.to_json(), "parts": snapshot.parts}
    outcome = run_one(train_reader, call, lambda value: intact(store, model_folder(value["id"])))
    model_id = str(outcome.value["id"])
    Refs(store).set(f"{REFS}/{LATEST}", model_id)
    return model_id


def model_id_of(spec: TrainSpec) -> str:
    """The id of the reader that a spec describes: known before it is trained."""
    return content_id(spec.identity())


def training_curve(store: Store, model_id: str) -> list[tuple[int, float]]:
    """(step, loss in nats) of a reader's training."""
    record = json.loads(store.read(f"{model_folder(model_id)}/training.json"))
    return [(step, loss) for step, loss in record["curve"]]


def _key(_context: object, parameters: Json) -> str:
    """Only what changes the reader: `TrainSpec.identity` leaves out where and how it is trained."""
    return step_key("train", 1, TrainSpec.from_json(parameters["spec"]).identity())


@task(
    name="train reader",
    description="Run the training job in a process of its own and publish the reader.",
    task_run_name="train {spec[system]}",
    cache_key_fn=_key,
    **STEP,
)
def train_reader(store: str, spec: Json, parts: Sequence[str]) -> Json:
    """One reader; one that is already there with all its bytes is not trained again."""
    place = Store(store)
    wanted = TrainSpec.from_json(spec)
    model_id = model_id_of(wanted)
    if not intact(place, model_folder(model_id)):
        with tempfile.TemporaryDirectory(prefix="silverspan-train-") as folder:
            _train(place, wanted, parts, model_id, Path(folder))
    return {"id": model_id, "steps": model_manifest(place, model_id)["training"]["steps"]}


def _train(store: Store, spec: TrainSpec, parts: Sequence[str], model_id: str, folder: Path) -> None:
    files = tuple(str(store.fetch(part, folder)) for part in parts)
    output = folder / "reader"
    logger = get_run_logger()
    with Progress(f"train {spec.system}") as progress:
        result = run_job(
            replace(spec, files=files, output=str(output)).to_json(),
            on_progress=lambda event: progress.advance(event["done"], event["total"]),
            on_line=logger.info,
        )
    publish_model(store, model_id, output, _manifest(spec, result))


def _manifest(spec: TrainSpec, result: dict[str, Any]) -> dict[str, Any]:
    training = {name: value for name, value in result.items() if name not in {"event", "output", "path"}}
    return {"recipe": spec.identity(), "parents": list(spec.snapshots), "training": training}
