"""A reader trained on a snapshot: any system of the paper, in a process of its own."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prefect import flow

from model.spec import Preset, TrainSpec, fingerprint
from model.systems import system
from storage.errors import UsageError
from storage.models import model_folder, model_manifest
from storage.silver import SilverSet
from storage.snapshots import Snapshot
from storage.store import DEFAULT_STORE
from tasks.artifacts import show_reader
from tasks.place import Place
from tasks.publication import LATEST, find_snapshot
from tasks.training import trained, training_curve


@flow(
    name="train-reader",
    flow_run_name="train {system_name} on {snapshot}",
    persist_result=True,
    result_serializer="json",
)
def train_reader(
    system_name: str,
    snapshot: str = LATEST,
    languages: list[str] | None = None,
    preset: Preset = Preset.BASE,
    encoder: str = "",
    seed: int = 1,
    epochs: int = 1,
    store: str = DEFAULT_STORE,
) -> dict[str, Any]:
    """Train a reader (Sec. 2) on a snapshot and publish it as `models/latest`.

    Args:
        system_name: A system of Tables 2 and 5: zs, tq, tc, tqc, tall.
        snapshot: An id, a ref such as `squad-tall/latest`, or `latest` of the system's own set.
        languages: Languages of the snapshot to train on; all of them where none is named.
        preset: `base` fine-tunes an encoder; `tiny` makes a toy from nothing, to try the plumbing.
        encoder: A name on the Hub or a folder; by default the preset's.
        seed: Everything random follows from it.
        epochs: Passes over the data.
        store: Where everything is kept (a folder or an fsspec URL).
    """
    place = Place(store)
    chosen = find_snapshot(place.store, snapshot, preferred_set(system_name))
    spec = training_spec(system_name, languages or [], preset, encoder, seed, epochs)
    check_languages(chosen, spec.languages)
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


def training_spec(
    system_name: str, languages: list[str], preset: Preset, encoder: str, seed: int, epochs: int
) -> TrainSpec:
    """The spec of a training; a local encoder is named by its content, so that it may lie anywhere.

    Raises:
        UsageError: an unknown system, or languages that it cannot be trained on.
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
        seed=seed,
        epochs=epochs,
    )
