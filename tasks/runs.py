"""What the store knows of a reader that was evaluated: its name by content, its recipe, its training and its data."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from model.fingerprints import fingerprint
from model.systems import ENGLISH, SYSTEMS
from storage.errors import StoreError
from storage.hashing import content_id
from storage.models import find_model, model_folder, model_manifest, reader_folder
from storage.publishing import faults, intact
from storage.snapshots import SnapshotStore
from storage.store import Store
from tasks.scoring.benchmarks import Pair
from tasks.scoring.measures import Training
from tasks.scoring.overlap import Overlap, overlap
from tasks.scoring.report import Yield
from tasks.training import training_curve, training_record

WEIGHTS = ".safetensors"
"""What the files with a reader's weights end with."""

IDENTITY = "+"
"""What stands between the parts of a reader's identity: its id, then the digests of its weights."""

Recipe = Mapping[str, Any]


def reader_identity(store: Store, model: str) -> str:
    """What names a reader by content: its id and the SHA-256 of its weights, or the fingerprint of its folder.

    The weights count because a training need not give the same ones on every machine.

    Raises:
        StoreError: there is no such reader, or it is not whole.
        InputError: the folder holds no reader.
    """
    if folder := reader_folder(model):
        return fingerprint(folder)
    model_id = find_model(store, model)
    if not intact(store, model_folder(model_id)):
        fault = next(faults(store, model_folder(model_id)), "")
        raise StoreError(f"The reader {model_id} is not whole; train it again, which puts it back. {fault}")
    files = model_manifest(store, model_id)["files"]
    weights = [entry["sha256"] for entry in files if entry["name"].endswith(WEIGHTS)]
    return IDENTITY.join([model_id, *weights])


def reader_id(reader: str) -> str:
    """A reader's identity without its weights, as a page shows it."""
    return reader.partition(IDENTITY)[0]


def recipe_of(store: Store, model: str) -> dict[str, Any]:
    """How the reader was trained, as far as it says so."""
    if folder := reader_folder(model):
        return _foreign_recipe(folder / "training.json")
    return dict(model_manifest(store, find_model(store, model))["recipe"])


def system_names(models: Sequence[str], recipes: Sequence[Recipe], given: Sequence[str]) -> list[str]:
    """What each reader's system is called: readers of one name differ in their seed and in nothing else.

    A name that was given holds, whatever the recipes: the seeds of a row may have begun with different encoders. A
    reader that does not say its system goes by the name of its folder; where two recipes would share a name, a digest
    of the recipe tells them apart.

    >>> system_names(["a", "b", "c"], [{"system": "tq", "seed": 1}, {"system": "tq", "seed": 2}, {}], ["", "", ""])
    ['tq', 'tq', 'c']
    """
    named = zip(models, recipes, given, strict=True)
    bases = [name or str(recipe.get("system") or Path(model).name) for model, recipe, name in named]
    kinds = [
        name
        or content_id(
            {"seed": None, "model": model if not recipe else "", "recipe": {**recipe, "seed": None}}
        )
        for model, recipe, name in zip(models, recipes, given, strict=True)
    ]
    of_base: dict[str, list[str]] = {}
    for base, kind in zip(bases, kinds, strict=True):
        if kind not in of_base.setdefault(base, []):
            of_base[base].append(kind)
    names = [
        base if len(of_base[base]) == 1 else f"{base} ({kind[:6]})"
        for base, kind in zip(bases, kinds, strict=True)
    ]
    return _told_apart(names, [recipe.get("seed") for recipe in recipes])


def _told_apart(names: Sequence[str], seeds: Sequence[object]) -> list[str]:
    """The names with a number wherever a reader has another one's name and seed: it is no further seed of it.

    >>> _told_apart(["tq", "tq", "tq", "tq"], [1, 2, 1, 1])
    ['tq', 'tq', 'tq (2)', 'tq (3)']
    """
    seen: Counter[tuple[str, object]] = Counter()
    found = []
    for one in zip(names, seeds, strict=True):
        seen[one] += 1
        found.append(one[0] if seen[one] == 1 else f"{one[0]} ({seen[one]})")
    return found


def loss_curve_of(store: Store, model: str) -> list[tuple[int, float]]:
    """The training loss by step, where the store has it."""
    if reader_folder(model):
        return []
    return training_curve(store, find_model(store, model))


def training_of(store: Store, model_id: str) -> Training:
    """What a training of the store tells of itself."""
    record = training_record(store, model_id)
    losses = {name: [(step, value) for step, value in curve] for name, curve in record["losses"].items()}
    return Training(rows=record["rows"], steps=record["steps"], seconds=record["seconds"], losses=losses)


def known_training(store: Store, model: str) -> Training | None:
    """The same of any reader; None where the store does not have it."""
    return None if reader_folder(model) else training_of(store, find_model(store, model))


def training_overlap(store: Store, recipe: Recipe, pairs: Sequence[Pair]) -> Overlap | None:
    """Evaluation contexts that also stood in training; None where the training data is not here to be looked at."""
    snapshots = recipe.get("snapshots", [])
    try:
        contexts = _training_contexts(
            store, snapshots, set(SYSTEMS[recipe["system"]].sets), set(recipe.get("languages", ()))
        )
        return overlap(contexts, pairs) if snapshots else None
    except (StoreError, KeyError):
        return None


def training_yields(store: Store, recipes: Sequence[Recipe]) -> list[Yield]:
    """What the snapshots that the readers were trained on kept and rejected, each set and language once."""
    shelf = SnapshotStore(store)
    found: dict[str, Yield] = {}
    for snapshot_id in dict.fromkeys(id_ for recipe in recipes for id_ in recipe.get("snapshots", [])):
        try:
            parts = shelf.find(snapshot_id).manifest["statistics"]["parts"]
        except (StoreError, KeyError):
            continue
        for name, part in parts.items():
            if name != ENGLISH:
                found.setdefault(name, Yield(part=name, kept=part["kept"], reasons=part["reasons"]))
    return [found[name] for name in sorted(found)]


def _foreign_recipe(record: Path) -> dict[str, Any]:
    """The recipe in a reader's own record; other programs write a training.json too, and mean other things."""
    try:
        content = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return {}
    spec = content.get("spec") if isinstance(content, dict) else None
    return spec if isinstance(spec, dict) else {}


def _training_contexts(
    store: Store, snapshots: Sequence[str], sets: set[Any], languages: set[str]
) -> Iterator[str]:
    """The contexts of the rows that train: of these sets, and of these languages and English (none named: all)."""
    shelf = SnapshotStore(store)
    columns = ["set", "question_language", "context_language", "context"]
    spoken = languages | {ENGLISH}
    for snapshot_id in snapshots:
        for batch in shelf.batches(shelf.find(snapshot_id), columns):
            for row_set, question, context, text in zip(
                *batch.select(columns).to_pydict().values(), strict=True
            ):
                if row_set in sets and (not languages or {question, context} <= spoken):
                    yield text
