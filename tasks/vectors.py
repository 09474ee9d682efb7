"""Vectors of questions by a reader, after its training and before: what language invariance is measured on."""

import contextlib
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from prefect import task

from model.spec import Preset, QuestionVector, VectorSpec
from storage.errors import JobError, StoreError
from storage.models import find_model, local_model, model_folder, reader_folder
from storage.parts import Part, read_rows, write_part
from storage.store import Store
from tasks.shown_jobs import run_shown
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_one

AFTER, BEFORE = "after", "before"
RECORD = "training.json"


def question_vectors(
    store: Store,
    model: str,
    reader: str,
    questions: Json,
    *,
    pooling: QuestionVector = QuestionVector.AVERAGE,
    encoder_path: str = "",
) -> Json:
    """The vectors of questions by a reader as it is and as it was: `{"parts": {"after", "before"}, "seconds"}`.

    `before` is left out where the beginning cannot be had: of a reader that others trained, or whose encoder is
    not at hand. `seconds` tells by digest of a part what making it took. Vectors are rows of `key` and `vector`
    (H floats, or 2H for `cls-sep`), in the order of the questions.

    Args:
        store: where parts are kept.
        model: the reader, by id, ref or folder.
        reader: the same by content (`tasks.runs.reader_identity`).
        questions: the part that holds them, with the string columns `key` and `question`.
        pooling: which hidden vectors stand for a question.
        encoder_path: the folder of the encoder that the reader began with, where it is known by its content alone.

    Raises:
        JobError: the reader's own vectors cannot be made.
    """
    spec = VectorSpec(model="", questions="", output="", question_vector=pooling)
    call = {"store": store.url, "model": model, "questions": questions, "encoder_path": encoder_path}
    found = {AFTER: _vectors(store, {**call, "weights": reader, "spec": spec.identity()})}
    if beginning := beginning_of(store, model, reader):
        spec = replace(spec, untrained=True)
        with contextlib.suppress(JobError):
            found[BEFORE] = _vectors(store, {**call, "weights": beginning, "spec": spec.identity()})
    parts = {stage: made["parts"]["vectors"] for stage, made in found.items()}
    return {
        "parts": parts,
        "seconds": {parts[stage]["sha256"]: made.get("seconds", 0.0) for stage, made in found.items()},
    }


def beginning_of(store: Store, model: str, reader: str) -> str:
    """What names the weights that a reader began with; empty where it does not say how it was trained.

    Readers that were fine-tuned from one encoder began alike; a tiny one began as no other did.
    """
    try:
        spec = json.loads(_record(store, model))["spec"]
        if spec["preset"] == Preset.TINY:
            return f"before {reader}"
        return f"{spec['encoder']}@{spec['encoder_revision']}"
    except (OSError, ValueError, KeyError, TypeError, StoreError):
        return ""


@task(
    name="encode questions",
    description="Turn questions into vectors by a reader's encoder, in a process of its own.",
    task_run_name="encode questions with {model}",
    cache_key_fn=keyed_by("encode", 1, "weights", "questions", "spec"),
    **STEP,
)
def encode_questions(
    store: str, model: str, encoder_path: str, weights: str, questions: Json, spec: Json
) -> Json:
    """Vectors as one part; `weights` and `spec` say by content what encodes them and how."""
    place, began = Store(store), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="silverspan-encode-") as name:
        folder = Path(name)
        wanted = {field: value for field, value in spec.items() if field != "logic"}
        job = VectorSpec.from_json(
            {
                **wanted,
                "model": str(local_model(place, model, folder)),
                "questions": str(place.fetch(Part.from_json(questions).name, folder)),
                "output": str(folder / "vectors.parquet"),
                "encoder_path": encoder_path,
            }
        )
        run_shown("encode questions", job.to_json())
        part = write_part(place, read_rows(job.output))
    return {"parts": {"vectors": part.to_json()}, "seconds": round(time.monotonic() - began, 3)}


def _vectors(store: Store, call: Json) -> Json:
    return run_one(encode_questions, call, lambda value: parts_intact(store, value)).value


def _record(store: Store, model: str) -> bytes:
    if folder := reader_folder(model):
        return (folder / RECORD).read_bytes()
    return store.read(f"{model_folder(find_model(store, model))}/{RECORD}")
