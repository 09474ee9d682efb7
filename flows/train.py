"""A reader trained on a snapshot: any system of the paper, in a process of its own."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import flow

from flows.forms import SystemName
from flows.parameters import parse_dev
from model.fingerprints import fingerprint
from model.spec import (
    BATCH_SIZE,
    MAX_BATCH_TOKENS,
    Precision,
    Preset,
    QuestionVector,
    TrainSpec,
    UpdateSchedule,
)
from model.systems import ENGLISH, system
from storage.downloads.datasets import OFFICIAL
from storage.errors import UsageError
from storage.models import model_folder, model_manifest
from storage.silver import SilverSet
from storage.snapshots import Snapshot
from storage.store import DEFAULT_STORE
from tasks.artifacts import show_reader
from tasks.development import SPLIT, development, spoken
from tasks.place import Place
from tasks.publication import LATEST, find_snapshot
from tasks.scoring.benchmarks import read_benchmark
from tasks.training import trained, training_curve


@flow(
    name="train-reader",
    flow_run_name="train {system_name} on {snapshot}",
    persist_result=True,
    result_serializer="json",
)
def train_reader(
    system_name: SystemName,
    snapshot: str = LATEST,
    languages: list[str] = [],  # noqa: B006 - Prefect copies it into each run
    preset: Preset = Preset.BASE,
    encoder: str = "",
    seed: int = 1,
    epochs: int = 1,
    batch_size: int = BATCH_SIZE,
    learning_rate: float = 0.0,
    dev: str = "",
    eval_interval: int = 0,
    schedule: UpdateSchedule = UpdateSchedule.FAITHFUL,
    question_vector: QuestionVector = QuestionVector.UNSET,
    precision: Precision = Precision.FLOAT32,
    processes: int = 1,
    max_batch_tokens: int = MAX_BATCH_TOKENS,
    checkpoint_interval: int = 0,
    mirror: str = "",
    store: str = DEFAULT_STORE,
) -> dict[str, Any]:
    """Train a reader (Sec. 2) on a snapshot and publish it as `models/latest`.

    Args:
        system_name: A system of Tables 2 and 5; those in en-zh are for English and any one language that is named.
        snapshot: An id, a ref such as `squad-tall/latest`, or `latest` of the system's own set.
        languages: Languages of the snapshot to train on; all of them where none is named.
        preset: `base` fine-tunes an encoder; `tiny` makes a toy from nothing, to try the plumbing.
        encoder: A name on the Hub or a folder; by default the preset's.
        seed: Everything random follows from it.
        epochs: Passes over the data.
        batch_size: Windows of each update, over all processes together; for LAF pairs of windows.
        learning_rate: AdamW's, at its height; 0 is the preset's (3e-5 for base, as in the paper).
        dev: Questions to choose the best step by: `mlqa` (its dev split, downloaded), `squad`, `xquad`, `tydiqa`, or
            one of these from a file or folder of yours, such as `squad:dev.json`. Empty keeps the last step.
        eval_interval: Steps between two looks at them; 0 looks at the end of each epoch.
        schedule: `faithful` updates as the paper's Algorithms 1 and 2 do; `joint` once per batch (AT and LAF only).
        question_vector: `cls`, `average` or `cls-sep`; empty is what the paper found best (AT and PSA+QS only).
        precision: `bfloat16` is faster where the machine has it.
        processes: Processes that share each batch, one per GPU; 0 takes every GPU.
        max_batch_tokens: Tokens of one forward pass; less of them need less memory, and nothing else is learnt.
        checkpoint_interval: Steps between two checkpoints; 0 makes one every five minutes.
        mirror: Another host for official downloads.
        store: Where everything is kept (a folder or an fsspec URL).
    """
    place = Place(store)
    chosen = find_snapshot(place.store, snapshot, preferred_set(system_name))
    spec = training_spec(
        system_name,
        languages,
        preset,
        encoder,
        seed=seed,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        eval_interval=eval_interval,
        schedule=schedule,
        question_vector=question_vector,
        precision=precision,
        processes=processes,
        max_batch_tokens=max_batch_tokens,
        checkpoint_interval=checkpoint_interval,
    )
    check_languages(chosen, spec.languages)
    if dev:
        part = development(place.store, *parse_dev(dev), languages_learnt(chosen, spec), mirror)
        spec = replace(spec, dev=(part.name,))
    model_id = trained(place.store, spec, chosen)
    manifest = model_manifest(place.store, model_id)
    show_reader(model_id, manifest, training_curve(place.store, model_id))
    path = place.store.path(model_folder(model_id))
    return {"model": model_id, "path": path, "steps": manifest["training"]["steps"]}


def preferred_set(system_name: str) -> SilverSet:
    """The set whose `latest` a system is trained on; English rows are in every set, T(ALL) is the largest."""
    wanted = system(system_name).train_set
    return SilverSet.TALL if wanted is SilverSet.EN else wanted


def check_languages(snapshot: Snapshot, languages: Iterable[str]) -> None:
    """Refuse languages that the snapshot does not hold.

    Raises:
        UsageError: there is such a language; those that it holds are listed.
    """
    held = snapshot.manifest["recipe"].get("engines", {})
    for language in languages:
        if language not in held:
            raise UsageError.unknown(f"language of snapshot {snapshot.id}", language, held)


def check_dev(dev: str, languages: Iterable[str]) -> None:
    """Refuse questions to choose by that cannot be used; those to be downloaded are judged when they are there.

    Raises:
        UsageError: there is no such benchmark, or it has none of the languages.
        InputError: its files cannot be used.
    """
    if dev:
        benchmark, data = parse_dev(dev)
        if data != OFFICIAL:
            spoken(read_benchmark(benchmark, Path(data), SPLIT), set(languages))


def languages_learnt(snapshot: Snapshot, spec: TrainSpec) -> set[str]:
    """English and the languages that the training is on."""
    all_of_them = snapshot.manifest["recipe"].get("engines", {})
    trains_on_all = system(spec.system).languages != "none"
    return {ENGLISH, *(spec.languages or (all_of_them if trains_on_all else ()))}


def training_spec(
    system_name: str, languages: list[str], preset: Preset, encoder: str, **settings: Any
) -> TrainSpec:
    """The spec of a training; a local encoder is named by its content, so that it may lie anywhere.

    `settings` are other fields of a `TrainSpec`.

    Raises:
        UsageError: an unknown system, languages that it cannot be trained on, or a setting that it does not have.
        InputError: the encoder's folder is not one.
    """
    folder = Path(encoder).expanduser() if encoder else None
    local = folder is not None and folder.is_dir()
    return TrainSpec(
        system=system_name,
        # Where the data and the reader lie is decided by the step that trains.
        files=("-",),
        output="-",
        languages=tuple(languages),
        preset=preset,
        encoder=fingerprint(folder) if folder and local else encoder,
        encoder_path=str(folder) if local else "",
        **settings,
    )
