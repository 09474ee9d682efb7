"""Evaluation: a reader answers a benchmark's questions; its answers are scored and told in a published report."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from prefect import get_run_logger, task

from model.spec import PredictSpec, fingerprint
from model.systems import ENGLISH, SYSTEMS
from storage.errors import StoreError, UsageError
from storage.hashing import content_id
from storage.models import find_model, local_model, model_folder, model_manifest, reader_folder
from storage.parts import Part, read_part, write_part
from storage.publishing import faults, intact, publish
from storage.snapshots import SnapshotStore
from storage.store import Store
from tasks.jobs import run_job
from tasks.progress import Progress
from tasks.scoring.benchmarks import Pair, benchmark, languages_of, read_benchmark
from tasks.scoring.overlap import Overlap, overlap
from tasks.scoring.report import ReportData, render_report, report_json, report_pictures
from tasks.scoring.samples import Key, choose_samples
from tasks.scoring.score import score_pairs
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_one, step_key
from tasks.training import training_curve

FOLDER = "reports"

WEIGHTS = ".safetensors"
"""What the files with a reader's weights end with."""

IDENTITY = "+"
"""What stands between the parts of a reader's identity: its id, then the digests of its weights."""

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
        return [pair for pair in found if {pair.context_language, pair.question_language} <= wanted]


def evaluated(store: Store, trial: Trial) -> Json:
    """Answer, score, report: `{"id", "folder", "f1", "exact_match", ...}` of the published report.

    Raises:
        UsageError: an unknown benchmark.
        InputError: the benchmark's files cannot be used.
        StoreError: there is no such reader.
    """
    pairs = trial.pairs()
    asked = write_part(store, _questions(pairs))
    reader = reader_identity(store, trial.model)
    predict_call = {
        "store": store.url,
        "model": trial.model,
        "reader": reader,
        "questions": asked.to_json(),
        "spec": PredictSpec(model="", questions="", output="").identity(),
    }
    predicted = run_one(predict_answers, predict_call, lambda value: parts_intact(store, value))
    report_call = {
        "store": store.url,
        "trial": asdict(trial),
        "reader": reader,
        "gold": gold_digest(pairs),
        "predictions": predicted.value["parts"]["predictions"],
    }
    return run_one(report_answers, report_call, lambda value: intact(store, value["folder"])).value


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


def gold_digest(pairs: Sequence[Pair]) -> str:
    """What names a benchmark's questions and answers by content."""
    return content_id([[pair.name, [_gold(example) for example in pair.examples]] for pair in pairs])


@task(
    name="predict",
    description="Answer the benchmark's questions in a process of its own.",
    cache_key_fn=keyed_by("predict", 1, "reader", "questions", "spec"),
    **STEP,
)
def predict_answers(store: str, model: str, reader: str, questions: Json, spec: Json) -> Json:
    """Predictions as one part; `reader` and `spec` say by content what `model` is and how it predicts."""
    place = Store(store)
    with tempfile.TemporaryDirectory(prefix="silverspan-predict-") as name:
        folder = Path(name)
        job = PredictSpec(
            model=str(local_model(place, model, folder)),
            questions=str(place.fetch(Part.from_json(questions).name, folder)),
            output=str(folder / "predictions.parquet"),
        )
        with Progress("predict") as progress:
            run_job(
                job.to_json(),
                on_progress=lambda event: progress.advance(event["done"], event["total"]),
                on_line=get_run_logger().info,
            )
        part = write_part(place, pq.read_table(job.output))
    return {"parts": {"predictions": part.to_json()}}


def _report_key(_context: object, parameters: Json) -> str:
    trial = {name: parameters["trial"][name] for name in ("benchmark", "split", "languages")}
    named = {name: parameters[name] for name in ("reader", "gold", "predictions")}
    return step_key("report", 1, {**trial, **named})


@task(
    name="score and report",
    description="Score by the benchmark's official metric and publish the report.",
    cache_key_fn=_report_key,
    **STEP,
)
def report_answers(store: str, trial: Json, reader: str, gold: str, predictions: Json) -> Json:
    """The report's folder and headline figures; it is published under the id of all that it depends on."""
    place = Store(store)
    wanted = Trial(**{**trial, "languages": tuple(trial["languages"])})
    pairs = wanted.pairs()
    data = _report_data(place, wanted, reader, pairs, read_part(place, Part.from_json(predictions)))
    figures = report_json(data)
    report_id = content_id(
        {"reader": reader, "gold": gold, "benchmark": wanted.benchmark, "figures": figures}
    )
    folder = f"{FOLDER}/{report_id}"
    files: dict[str, Any] = {
        "report.html": render_report(data).encode(),
        "report.json": (json.dumps(figures, ensure_ascii=False, indent=1) + "\n").encode(),
        **report_pictures(data),
    }
    publish(
        place, folder, files, {"kind": "report", "id": report_id, "reader": reader, "plumbing": data.plumbing}
    )
    headline = {name: figures[name] for name in ("f1", "exact_match", "xlt_f1", "total", "missing")}
    return {"id": report_id, "folder": folder, **headline}


def _questions(pairs: Sequence[Pair]) -> pa.Table:
    rows = [
        {"key": _key(pair, example.id), "question": example.question, "context": example.context}
        for pair in pairs
        for example in pair.examples
    ]
    return pa.Table.from_pylist(rows, schema=QUESTIONS)


def _key(pair: Pair, example_id: str) -> str:
    return f"{pair.name}/{example_id}"


def _gold(example: Any) -> list[Any]:
    return [
        example.id,
        example.question,
        example.context,
        [[a.text, a.answer_start] for a in example.answers],
    ]


def _report_data(
    store: Store, trial: Trial, reader: str, pairs: Sequence[Pair], table: pa.Table
) -> ReportData:
    keys: list[Key] = [_split(key) for key in table["key"].to_pylist()]
    answers = dict(zip(keys, table["prediction_text"].to_pylist(), strict=True))
    starts = dict(zip(keys, table["answer_start"].to_pylist(), strict=True))
    metric = benchmark(trial.benchmark).metric
    scores = score_pairs(pairs, answers, metric=metric)
    recipe = _recipe(store, trial.model)
    snapshots = recipe.get("snapshots", [])
    return ReportData(
        benchmark=trial.benchmark,
        system=recipe.get("system", "external"),
        metric=metric,
        scores=scores,
        model_id=reader.partition(IDENTITY)[0],
        snapshot_id=", ".join(snapshots) or "not known",
        recipe=recipe,
        samples=choose_samples(pairs, answers, scores, starts=starts),
        overlap=_overlap(store, recipe, pairs),
        curve=_curve(store, trial.model),
        plumbing=recipe.get("preset") == "tiny",
    )


def _split(key: str) -> Key:
    pair, _, example_id = key.partition("/")
    return pair, example_id


def _recipe(store: Store, model: str) -> dict[str, Any]:
    """How the reader was trained, as far as it says so."""
    if folder := reader_folder(model):
        return _foreign_recipe(folder / "training.json")
    return dict(model_manifest(store, find_model(store, model))["recipe"])


def _foreign_recipe(record: Path) -> dict[str, Any]:
    """The recipe in a reader's own record; other programs write a training.json too, and mean other things."""
    try:
        content = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return {}
    spec = content.get("spec") if isinstance(content, dict) else None
    return spec if isinstance(spec, dict) else {}


def _curve(store: Store, model: str) -> list[tuple[int, float]]:
    if reader_folder(model):
        return []
    return training_curve(store, find_model(store, model))


def _overlap(store: Store, recipe: dict[str, Any], pairs: Sequence[Pair]) -> Overlap | None:
    """Evaluation contexts that also stood in training; None where the training data is not here to be looked at."""
    snapshots = recipe.get("snapshots", [])
    try:
        contexts = _training_contexts(
            store, snapshots, set(SYSTEMS[recipe["system"]].sets), set(recipe.get("languages", ()))
        )
        return overlap(contexts, pairs) if snapshots else None
    except (StoreError, KeyError):
        return None


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
