"""Training: a snapshot and a system become a published reader."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import get_run_logger, task

from model.progress import Stage
from model.record import Source, read_record, write_card
from model.spec import TrainSpec
from storage.hashing import content_id
from storage.models import REFS, model_folder, model_manifest, publish_model
from storage.publishing import intact
from storage.refs import Refs
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store
from tasks.artifacts import LiveCurve
from tasks.cards import LICENCES, licence_of
from tasks.jobs import run_job
from tasks.progress import Progress
from tasks.publication import LATEST
from tasks.steps import STEP, Json, run_one, step_key
from tasks.story import say

WORKSHOP = "work"
"""The folder of a local store in which a training keeps what its next try needs."""


def trained(store: Store, spec: TrainSpec, snapshot: Snapshot) -> str:
    """The id of the reader that the spec describes, trained on the snapshot; it becomes `models/latest`."""
    named = replace(spec, snapshots=(snapshot.id,))
    call = {"store": store.url, "spec": named.to_json(), "parts": snapshot.parts}
    outcome = run_one(train_reader, call, lambda value: intact(store, model_folder(value["id"])))
    model_id = str(outcome.value["id"])
    how = f"trained for {outcome.value['steps']:,} steps" if outcome.fresh else "was trained before"
    say(f"Reader {model_id}: {spec.system} with seed {spec.seed} on {snapshot.dataset} {snapshot.id}, {how}.")
    Refs(store).set(f"{REFS}/{LATEST}", model_id)
    return model_id


def model_id_of(spec: TrainSpec) -> str:
    """The id of the reader that a spec describes: known before it is trained."""
    return content_id(spec.identity())


def training_curve(store: Store, model_id: str) -> list[tuple[int, float]]:
    """(step, loss in nats) of a reader's training."""
    return [(step, loss) for step, loss in training_record(store, model_id)["curve"]]


def training_record(store: Store, model_id: str) -> Json:
    """A reader's training.json."""
    record: Json = json.loads(store.read(f"{model_folder(model_id)}/training.json"))
    return record


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
    """One reader; one that is already there with all its bytes is not trained again.

    A retry, and another run of the same spec on this machine, goes on from the last checkpoint.
    """
    place = Store(store)
    wanted = TrainSpec.from_json(spec)
    model_id = model_id_of(wanted)
    # Of two runs that want the same reader one trains it: they would share their checkpoints.
    with place.locked(f"{WORKSHOP}/{model_id}"):
        if not intact(place, model_folder(model_id)):
            with tempfile.TemporaryDirectory(prefix="silverspan-train-") as folder:
                _train(place, wanted, parts, model_id, Path(folder))
    return {"id": model_id, "steps": model_manifest(place, model_id)["training"]["steps"]}


def _train(store: Store, spec: TrainSpec, parts: Sequence[str], model_id: str, folder: Path) -> None:
    output, work = folder / "reader", workshop(store)
    placed = replace(
        spec,
        files=tuple(str(store.fetch(part, folder)) for part in parts),
        dev_files=tuple(str(store.fetch(part, folder)) for part in spec.dev),
        output=str(output),
        checkpoints=str(work / "checkpoints" / model_id),
        feature_cache=str(work / "features"),
        tensorboard=str(work / "tensorboard" / model_id),
    )
    result = _run(placed)
    _complete_card(store, spec, output)
    publish_model(store, model_id, output, _manifest(spec, result))


def _run(spec: TrainSpec) -> dict[str, Any]:
    """The job; how it goes is shown while it does."""
    with Progress(f"train {spec.system}", key="training") as progress, LiveCurve() as curve:
        return run_job(
            spec.to_json(),
            on_progress=lambda event: _tell(progress, curve, event),
            on_line=get_run_logger().info,
        )


def workshop(store: Store) -> Path:
    """A folder of this machine for what a training keeps between its tries: checkpoints, tokens, curves.

    It lies in a local store, and where temporary files do for a remote one.
    """
    if store.is_local:
        return store.local_path(WORKSHOP)
    return Path(tempfile.gettempdir()) / f"silverspan-{content_id(store.url)}"


def _tell(progress: Progress, curve: LiveCurve, event: dict[str, Any]) -> None:
    """Steps only: tokenising and evaluations are told of in the log, and would turn the bar back."""
    if event["stage"] == Stage.TRAIN:
        progress.advance(event["done"], event["total"], figures_of(event))
        curve.add(event["done"], event["loss"])


def figures_of(event: Mapping[str, Any]) -> str:
    """How a training goes, in words.

    >>> figures_of({"done": 40, "total": 400, "loss": 2.3, "samples_per_s": 12.0, "tokens_per_s": 2400.0, "mfu": 0.41})
    'step 40 of 400, loss 2.300, 12.0 samples/s, 2,400 tokens/s, MFU 41.0 %'
    """
    speed = f"{event['samples_per_s']:,.1f} samples/s, {event['tokens_per_s']:,.0f} tokens/s"
    step = f"step {event['done']:,} of {event['total']:,}"
    return f"{step}, loss {event['loss']:.3f}, {speed}, MFU {100 * event['mfu']:.1f} %"


def _complete_card(store: Store, spec: TrainSpec, folder: Path) -> None:
    """Adds to the card what the job cannot know: where the snapshots came from, and whose licence they keep."""
    shelf = SnapshotStore(store)
    sources = [source_of(shelf.find(snapshot)) for snapshot in spec.snapshots]
    record = read_record(folder)
    write_card(folder, spec, record, sources)


def source_of(snapshot: Snapshot) -> Source:
    """What a reader's card says of a snapshot that it was trained on."""
    recipe = snapshot.manifest["recipe"]
    engines = {
        language: f"{engine['engine']} {engine['version']}"
        for language, engine in recipe.get("engines", {}).items()
    }
    licence = licence_of(recipe.get("source", ""))
    return Source(snapshot.dataset, snapshot.id, engines, licence, LICENCES.get(licence, ""))


def _manifest(spec: TrainSpec, result: dict[str, Any]) -> dict[str, Any]:
    training = {name: value for name, value in result.items() if name not in {"event", "output", "path"}}
    return {"recipe": spec.identity(), "parents": list(spec.snapshots), "training": training}
