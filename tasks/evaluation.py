"""Evaluation: readers answer a benchmark's questions; their answers are scored and told in one published report."""

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from prefect import get_run_logger, task

from model.spec import PredictSpec
from storage.errors import UsageError
from storage.hashing import content_id
from storage.models import local_model
from storage.parts import Part, read_part, write_part
from storage.publishing import intact, publish
from storage.store import Store
from tasks.jobs import run_job
from tasks.progress import Progress
from tasks.runs import (
    known_training,
    loss_curve_of,
    reader_id,
    reader_identity,
    recipe_of,
    system_names,
    training_overlap,
    training_yields,
)
from tasks.scoring import report
from tasks.scoring.benchmarks import Pair, benchmark, languages_of, limited, read_benchmark
from tasks.scoring.error_analysis import Answers
from tasks.scoring.inquiry import Inquiry
from tasks.scoring.report import PaperTable, ReportData, Run, Stage
from tasks.scoring.samples import Key
from tasks.scoring.score import PairScore, score_pairs
from tasks.scoring.tables import Table
from tasks.steps import STEP, Json, Outcome, keyed_by, parts_intact, run_one, step_key
from tasks.story import say
from tasks.vectors import question_vectors

FOLDER = "reports"

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


def evaluated(store: Store, trials: Sequence[Trial]) -> Json:
    """Answer, score, report: what `reported` returns; a reader that is named twice is looked at once.

    Raises:
        UsageError: an unknown benchmark.
        InputError: the benchmark's files cannot be used.
        StoreError: there is no such reader.
    """
    once = list({reader_identity(store, trial.model): trial for trial in reversed(trials)}.values())[::-1]
    answers = [answered(store, trial).value for trial in once]
    asked = parallel_questions(store, once[0].pairs())
    vectors = [_question_vectors(store, answer, asked) for answer in answers]
    return reported(store, once, answers, vectors=vectors)


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
    return pairs, score_pairs(pairs, _texts(table), metric=benchmark(trial.benchmark).metric)


def _texts(table: pa.Table) -> dict[Key, str]:
    """The predicted answer by question."""
    keys = map(_split, table["key"].to_pylist())
    return dict(zip(keys, table["prediction_text"].to_pylist(), strict=True))


def reported(
    store: Store,
    trials: Sequence[Trial],
    answers: Sequence[Json],
    *,
    tables: Sequence[Json] = (),
    vectors: Sequence[Json] = (),
    inquiry: Inquiry | None = None,
    stages: Sequence[Stage] = (),
) -> Json:
    """One report of several readers' answers: `{"id", "folder", "f1", "exact_match", ..., "systems"}`.

    Args:
        store: where it is published.
        trials: of one benchmark, split, choice of languages and limit; they differ in the reader and its name.
        answers: what `answered` returned for each of them.
        tables: in the paper's layout, as `{"title", "lead", "columns", "rows"}`.
        vectors: for each reader the parts with its question vectors by stage of training, or nothing.
        inquiry: what a plan asks.
        stages: what the work took; it is shown, and the report is the same without.
    """
    first = trials[0]
    call = {
        "store": store.url,
        "trial": {**asdict(replace(first, model="", name="")), "languages": list(first.languages)},
        "models": [trial.model for trial in trials],
        "names": [trial.name for trial in trials],
        "readers": [answer["reader"] for answer in answers],
        "gold": gold_digest(first.pairs()),
        "predictions": [answer["predictions"] for answer in answers],
        "vectors": list(vectors) or [{} for _ in trials],
        "tables": list(tables),
        "inquiry": inquiry.to_json() if inquiry else None,
        "stages": [asdict(stage) for stage in stages],
    }
    value = run_one(report_answers, call, lambda value: intact(store, value["folder"])).value
    say(f"Report {value['id']} on {first.benchmark}: F1 {value['f1']:.1f} over {value['total']:,} questions.")
    return value


def parallel_questions(store: Store, pairs: Sequence[Pair]) -> Json | None:
    """The part with the questions whose vectors are looked at; None where none is asked in two languages."""
    chosen = report.questions_to_embed(pairs)
    if len({key.partition("/")[2] for key in chosen}) == len(chosen):
        return None
    table = pa.table({"key": list(chosen), "question": list(chosen.values())})
    return write_part(store, table).to_json()


def _question_vectors(store: Store, answer: Json, asked: Json | None) -> Json:
    """The parts with a reader's question vectors by stage of its training; none where nothing is parallel."""
    if asked is None:
        return {}
    parts: Json = question_vectors(store, answer["model"], answer["reader"], asked)["parts"]
    return parts


def gold_digest(pairs: Sequence[Pair]) -> str:
    """What names a benchmark's questions and answers by content."""
    return content_id([[pair.name, [_gold(example) for example in pair.examples]] for pair in pairs])


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
        with Progress("predict") as progress:
            run_job(
                job.to_json(),
                on_progress=lambda event: progress.advance(event["done"], event["total"]),
                on_line=get_run_logger().info,
            )
        part = write_part(place, pq.read_table(job.output))
    return {"parts": {"predictions": part.to_json()}, "seconds": round(time.monotonic() - began, 3)}


def _report_key(_context: object, parameters: Json) -> str:
    trial = {name: parameters["trial"][name] for name in ("benchmark", "split", "languages", "limit")}
    named = ("names", "readers", "gold", "predictions", "vectors", "tables", "inquiry")
    return step_key("report", 3, {**trial, **{name: parameters[name] for name in named}})


@task(
    name="score and report",
    description="Score by the benchmark's official metric, compare, and publish the report.",
    task_run_name="score and report {trial[benchmark]}",
    cache_key_fn=_report_key,
    **STEP,
)
def report_answers(
    store: str,
    trial: Json,
    models: list[str],
    names: list[str],
    readers: list[str],
    gold: str,
    predictions: list[Json],
    vectors: list[Json],
    tables: list[Json],
    inquiry: Json | None,
    stages: list[Json],
) -> Json:
    """The report's folder and headline figures; it is published under the id of all that it depends on."""
    place = Store(store)
    wanted = Trial(**{**trial, "languages": tuple(trial["languages"])})
    pairs = wanted.pairs()
    recipes = [recipe_of(place, model) for model in models]
    systems = system_names(models, recipes, names)
    runs = [
        _run(place, wanted, pairs, *one)
        for one in zip(models, readers, recipes, systems, predictions, vectors, strict=True)
    ]
    data = ReportData(
        benchmark=wanted.benchmark,
        split=wanted.split,
        limit=wanted.limit,
        metric=benchmark(wanted.benchmark).metric,
        pairs=pairs,
        runs=runs,
        tables=[_paper_table(one) for one in tables],
        yields=training_yields(place, recipes),
        inquiry=Inquiry.from_json(inquiry) if inquiry else None,
        stages=[Stage(**one) for one in stages],
    )
    return _published(place, data, readers, gold)


def _published(store: Store, data: ReportData, readers: Sequence[str], gold: str) -> Json:
    found = report.analyse(data)
    figures = report.report_json(found)
    lasting = {name: value for name, value in figures.items() if name != report.SECONDS}
    report_id = content_id(
        {"readers": readers, "gold": gold, "benchmark": data.benchmark, "figures": lasting}
    )
    folder = f"{FOLDER}/{report_id}"
    pictures = report.report_pictures(found)
    files: dict[str, Any] = {
        "report.html": report.render_report(found, pictures).encode(),
        "report.json": _json(figures),
        "report.md": report.report_markdown(found, f"{folder}/report.html").encode(),
        "errors.json": _json([one.to_json() for one in found.partings]),
        **pictures,
    }
    manifest = {"kind": "report", "id": report_id, "readers": list(readers), "plumbing": data.plumbing}
    publish(store, folder, files, manifest)
    headline = {name: figures[name] for name in ("f1", "exact_match", "xlt_f1", "total", "missing")}
    systems = {
        one.system: {"f1": one.f1_spread.mean, "exact_match": one.exact_match_spread.mean}
        for one in found.systems
    }
    return {
        "id": report_id,
        "folder": folder,
        **headline,
        "systems": systems,
        "found": report.sentences(found),
    }


def _run(
    store: Store,
    trial: Trial,
    pairs: Sequence[Pair],
    model: str,
    reader: str,
    recipe: Json,
    system: str,
    predictions: Json,
    vectors: Json,
) -> Run:
    table = read_part(store, Part.from_json(predictions))
    keys: list[Key] = [_split(key) for key in table["key"].to_pylist()]
    texts = _texts(table)
    starts = dict(zip(keys, table["answer_start"].to_pylist(), strict=True))
    scores = score_pairs(pairs, texts, metric=benchmark(trial.benchmark).metric)
    return Run(
        system=system,
        seed=recipe.get("seed"),
        answers=Answers(scores, texts, starts),
        model_id=reader_id(reader),
        snapshot_id=", ".join(recipe.get("snapshots", [])) or "not known",
        recipe=recipe,
        overlap=training_overlap(store, recipe, pairs),
        curve=loss_curve_of(store, model),
        training=known_training(store, model),
        plumbing=recipe.get("preset") == "tiny",
        vectors={stage: _vectors(store, part) for stage, part in vectors.items()},
    )


def _vectors(store: Store, part: Json) -> report.Vectors:
    table = read_part(store, Part.from_json(part))
    return report.vectors_of(table["key"].to_pylist(), table["vector"].to_pylist())


def _paper_table(table: Json) -> PaperTable:
    rows = tuple(tuple(row) for row in table["rows"])
    return PaperTable(title=table["title"], lead=table["lead"], table=Table(tuple(table["columns"]), rows))


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


def _gold(example: Any) -> list[Any]:
    return [
        example.id,
        example.question,
        example.context,
        [[a.text, a.answer_start] for a in example.answers],
    ]


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
