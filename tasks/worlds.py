"""Worlds as steps: their files are written into the store, and small encoders are pre-trained on them, each once."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from prefect import task

from model.pretraining.spec import PretrainSpec
from storage.hashing import content_id
from storage.publishing import intact, publish, read_manifest
from storage.store import Store
from tasks.laboratory.files import CORPUS, LOGIC, TRAINING, VOCABULARY, WORLD, world_files
from tasks.laboratory.knobs import Knobs
from tasks.shown_jobs import run_shown
from tasks.steps import STEP, Json, keyed_by, run_all, run_one, step_key
from tasks.story import say
from tasks.training import workshop

WORLDS, ENCODERS = "worlds", "encoders"
"""Folders of the store."""


@dataclass(frozen=True, slots=True)
class World:
    """A world's files on this machine."""

    id: str
    folder: Path
    corpus: str
    """What names the content of the texts that encoders are pre-trained on."""

    @property
    def source(self) -> str:
        """Its training questions, in SQuAD's format."""
        return str(self.folder / TRAINING)

    def engine(self, options: Mapping[str, str]) -> str:
        """Its engine, as builds know it."""
        return f"laboratory:{self.folder / WORLD}?{urlencode(options)}"

    @property
    def benchmark(self) -> str:
        """The folder of its tests, in MLQA's format."""
        return str(self.folder)


def made_world(store: Store, knobs: Knobs) -> World:
    """The world of these knobs, written into the store if it is not there."""
    call = {"store": store.url, "knobs": knobs.texts()}
    outcome = run_one(make_world, call, lambda value: intact(store, value["folder"]))
    folder = outcome.value["folder"]
    if outcome.fresh:
        say(f"World {outcome.value['id']}: {', '.join(knobs.all_languages)}, {knobs.questions:,} questions.")
    return World(outcome.value["id"], here(store, folder), outcome.value["corpus"])


def pretrained(store: Store, world: World, knobs: Knobs) -> tuple[list[Path], list[float]]:
    """The world's encoders, one for each seed of pre-training, as folders that plain transformers loads.

    Beside them the seconds that each took when it was made.
    """
    calls = [
        {"store": store.url, "world": world.id, "spec": pretrain_spec(world, knobs, seed).to_json()}
        for seed in knobs.checkpoints
    ]
    outcomes = run_all(pretrain_encoder, calls, lambda value: intact(store, value["folder"]))
    folders = [here(store, outcome.value["folder"]) for outcome in outcomes]
    return folders, [outcome.value["seconds"] for outcome in outcomes]


def pretrain_spec(world: World, knobs: Knobs, seed: int) -> PretrainSpec:
    """How an encoder of a world is pre-trained; where its files are is left open."""
    return PretrainSpec(
        world=world.corpus,
        corpus="-",
        vocabulary="-",
        output="-",
        seed=seed,
        alignment=knobs.alignment,
        steps=knobs.pretraining_steps,
    )


def here(store: Store, folder: str) -> Path:
    """A published folder on this machine: the store's own, or a copy where the store is remote."""
    if store.is_local:
        return store.local_path(folder)
    copy = workshop(store) / folder
    for path in store.fs.find(store.path(folder)):
        place = copy / str(path).removeprefix(f"{store.path(folder)}/")
        place.parent.mkdir(parents=True, exist_ok=True)
        store.fs.get_file(path, str(place))
    return copy


@task(
    name="make a world",
    description="Write the texts of a made-up world: training questions, a benchmark, a corpus to pre-train on.",
    cache_key_fn=keyed_by("world", LOGIC, "knobs"),
    **STEP,
)
def make_world(store: str, knobs: Json) -> Json:
    """Its id and its folder in the store."""
    place = Store(store)
    world_id = content_id({"knobs": knobs, "logic": LOGIC})
    folder = f"{WORLDS}/{world_id}"
    with place.locked(folder):
        if not intact(place, folder):
            files = dict(world_files(Knobs.model_validate(knobs)))
            publish(place, folder, files, {"kind": "world", "id": world_id, "knobs": knobs})
    hashes = {entry["name"]: entry["sha256"] for entry in read_manifest(place, folder)["files"]}
    return {"id": world_id, "folder": folder, "corpus": content_id([hashes[CORPUS], hashes[VOCABULARY]])}


def _key(_context: object, parameters: Json) -> str:
    return step_key("pretrain", 1, PretrainSpec.from_json(parameters["spec"]).identity())


@task(
    name="pre-train encoder",
    description="Pre-train a small encoder on a world's texts, in a process of its own.",
    task_run_name="pre-train with seed {spec[seed]}",
    cache_key_fn=_key,
    **STEP,
)
def pretrain_encoder(store: str, world: str, spec: Json) -> Json:
    """Its folder in the store; another try goes on from the last checkpoint."""
    place, wanted = Store(store), PretrainSpec.from_json(spec)
    encoder_id = content_id(wanted.identity())
    folder = f"{ENCODERS}/{encoder_id}"
    with place.locked(folder):
        if not intact(place, folder):
            with tempfile.TemporaryDirectory(prefix="silverspan-pretrain-") as aside:
                output, told = _pretrain(place, wanted, f"{WORLDS}/{world}", encoder_id, Path(aside))
                files = {path.name: path for path in sorted(output.iterdir())}
                publish(
                    place,
                    folder,
                    dict(files),
                    {"kind": "encoder", "id": encoder_id, "recipe": wanted.identity(), "training": told},
                )
    return {"folder": folder, "seconds": read_manifest(place, folder)["training"]["seconds"]}


def _pretrain(
    store: Store, spec: PretrainSpec, world: str, encoder_id: str, folder: Path
) -> tuple[Path, Json]:
    output = folder / "encoder"
    placed = replace(
        spec,
        corpus=str(store.fetch(f"{world}/{CORPUS}", folder)),
        vocabulary=str(store.fetch(f"{world}/{VOCABULARY}", folder)),
        output=str(output),
        checkpoints=str(workshop(store) / "checkpoints" / encoder_id),
    )
    result = run_shown(f"pre-train with seed {spec.seed}", placed.to_json())
    return output, {name: result[name] for name in ("steps", "loss", "seconds")}
