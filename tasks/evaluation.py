"""Evaluation: what readers answered to a benchmark (`tasks.answering`) is scored and told in one published report."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pyarrow as pa
from prefect import task

from storage.hashing import content_id
from storage.parts import Part, read_part, write_part
from storage.publishing import intact, publish
from storage.store import Store
from tasks.answering import Trial, answered, by_question
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
from tasks.scoring.benchmarks import Pair, benchmark
from tasks.scoring.error_analysis import Answers
from tasks.scoring.inquiry import Inquiry
from tasks.scoring.report import PaperTable, ReportData, Run, Stage
from tasks.scoring.score import score_pairs
from tasks.scoring.tables import Table
from tasks.steps import STEP, Json, run_one, step_key
from tasks.story import say
from tasks.vectors import question_vectors

FOLDER = "reports"


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
    texts, starts = (by_question(table, column) for column in ("prediction_text", "answer_start"))
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


def _gold(example: Any) -> list[Any]:
    return [
        example.id,
        example.question,
        example.context,
        [[a.text, a.answer_start] for a in example.answers],
    ]


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
