"""Answering: a reader answers the questions of a benchmark once; the answers are kept as a part of the store."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from prefect import task

from model.spec import PredictSpec
from storage.errors import UsageError
from storage.models import local_model
from storage.parts import Part, read_part, read_rows, write_part
from storage.store import Store
from tasks.runs import reader_identity
from tasks.scoring.benchmarks import Pair, benchmark, languages_of, limited, read_benchmark
from tasks.scoring.samples import Key
from tasks.scoring.score import PairScore, score_pairs
from tasks.shown_jobs import run_shown
from tasks.steps import STEP, Json, Outcome, keyed_by, parts_intact, run_one

QUESTIONS = pa.schema([("key", pa.string()), ("question", pa.string()), ("context", pa.string())])


@dataclass(frozen=True, slots=True)
class Trial:
    """Which reader is put to which benchmark; `model` is an id of the store, or a folder."""

    model: str
    benchmark: str
    data: str
    split: str = "test"
    languages: tuple[str, ...] = ()
    """Only pairs of these languages; all where none is named."""
    limit: int = 0
    """So many questions of each pair at most, drawn by lot; 0 for all."""
    name: str = ""
    """What the report calls the reader's system; by default what its recipe says."""

    def pairs(self) -> list[Pair]:
        """The benchmark's questions.

        Raises:
            UsageError: an unknown benchmark, or a language that it does not have.
            InputError: its files cannot be used.
        """
        found = read_benchmark(self.benchmark, Path(self.data), self.split)
        for language in self.languages:
            if language not in languages_of(found):
                raise UsageError.unknown(f"language of {self.benchmark}", language, languages_of(found))
        wanted = set(self.languages or languages_of(found))
        chosen = [pair for pair in found if {pair.context_language, pair.question_language} <= wanted]
        return limited(chosen, self.limit)


def answered(store: Store, trial: Trial, device: str = "auto", threads: int = 0) -> Outcome:
    """One reader's predictions: `{"model", "reader", "predictions", "seconds"}`, and whether this run made them.

    `device` and `threads` (0: all) are what the job may use.
    """
    asked = write_part(store, _questions(trial.pairs()))
    reader = reader_identity(store, trial.model)
    call = {
        "store": store.url,
        "model": trial.model,
        "reader": reader,
        "questions": asked.to_json(),
        "spec": PredictSpec(model="", questions="", output="").identity(),
        "device": device,
        "threads": threads,
    }
    found = run_one(predict_answers, call, lambda value: parts_intact(store, value))
    value = {
        "model": trial.model,
        "reader": reader,
        "predictions": found.value["parts"]["predictions"],
        "seconds": found.value.get("seconds", 0.0),
    }
    return Outcome(value, found.fresh)


def reader_scores(store: Store, trial: Trial) -> tuple[list[Pair], list[PairScore]]:
    """A benchmark's pairs, and what a reader scores on each of their questions; it answers them once.

    Raises:
        UsageError: an unknown benchmark.
        InputError: the benchmark's files cannot be used.
        StoreError: there is no such reader.
    """
    pairs = trial.pairs()
    table = read_part(store, Part.from_json(answered(store, trial).value["predictions"]))
    return pairs, score_pairs(
        pairs, by_question(table, "prediction_text"), metric=benchmark(trial.benchmark).metric
    )


def by_question(predictions: pa.Table, column: str) -> dict[Key, Any]:
    """A column of a reader's answers by question: `prediction_text`, `answer_start`."""
    keys = map(_split, predictions["key"].to_pylist())
    return dict(zip(keys, predictions[column].to_pylist(), strict=True))


@task(
    name="predict",
    description="Answer the benchmark's questions in a process of its own.",
    task_run_name="predict with {model}",
    cache_key_fn=keyed_by("predict", 1, "reader", "questions", "spec"),
    **STEP,
)
def predict_answers(
    store: str, model: str, reader: str, questions: Json, spec: Json, device: str, threads: int
) -> Json:
    """Predictions as one part; `reader` and `spec` say by content what `model` is and how it predicts."""
    place, began = Store(store), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="silverspan-predict-") as name:
        folder = Path(name)
        job = PredictSpec(
            model=str(local_model(place, model, folder)),
            questions=str(place.fetch(Part.from_json(questions).name, folder)),
            output=str(folder / "predictions.parquet"),
            device=device,
            threads=threads,
        )
        run_shown("predict", job.to_json())
        part = write_part(place, read_rows(job.output))
    return {"parts": {"predictions": part.to_json()}, "seconds": round(time.monotonic() - began, 3)}


def _questions(pairs: Sequence[Pair]) -> pa.Table:
    rows = [
        {"key": _key(pair, example.id), "question": example.question, "context": example.context}
        for pair in pairs
        for example in pair.examples
    ]
    return pa.Table.from_pylist(rows, schema=QUESTIONS)


def _key(pair: Pair, example_id: str) -> str:
    return f"{pair.name}/{example_id}"


def _split(key: str) -> Key:
    pair, _, example_id = key.partition("/")
    return pair, example_id
