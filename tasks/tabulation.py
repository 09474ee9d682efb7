"""What a grid of readers comes to: figures by pair, the paper's tables filled with them, question vectors, reports."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain

from prefect import task

from model.spec import QuestionVector
from storage.parts import Part, read_part
from storage.silver import SilverSet
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store
from tasks.answering import Trial, by_question
from tasks.evaluation import gold_digest, parallel_questions, reported
from tasks.reproduction import Done, exam_name
from tasks.runs import training_of
from tasks.scoring.benchmarks import benchmark
from tasks.scoring.grid import Runs, data_tables, mlqa_tables, tydiqa_tables
from tasks.scoring.inquiry import NOTHING, Inquiry
from tasks.scoring.report import Stage
from tasks.scoring.score import score_pairs
from tasks.scoring.statistics import Statistics, describe
from tasks.scoring.tables import DIFFERENCE, FROM, SQUAD
from tasks.scoring.transfer import f1_by_pair
from tasks.stages import totals
from tasks.steps import STEP, Json, keyed_by, run_one
from tasks.vectors import question_vectors

MAIN = "mlqa"
"""The benchmark whose report holds all tables."""

TABLES_OF = {"mlqa": mlqa_tables, "tydiqa": tydiqa_tables}
"""Which of the paper's tables a benchmark fills."""


ANSWERED, ENCODED, TRAINED = "answering questions", "encoding questions", "training readers"
"""Stages of a grid's work."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose question vectors are looked at: rows by name and seeds, none named meaning all."""

    systems: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    pooling: QuestionVector = QuestionVector.AVERAGE

    def includes(self, done: Done) -> bool:
        """Whether a cell is one of them."""
        named = not self.systems or done.cell.name in self.systems
        return named and (not self.seeds or done.cell.seed in self.seeds)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan asks of the reports."""

    wanted: Wanted | None = None
    """Whose question vectors are looked at; None for nobody's."""
    inquiry: Inquiry = NOTHING
    """Claims and price are the main report's; rows, worlds and what is broken are told of in each."""
    stages: tuple[Stage, ...] = ()
    """What was done before the cells, and what it took."""
    english: str = SQUAD
    """What Table 1 calls the questions that the training data was translated from."""


def grid_reports(
    store: Store, done: Sequence[Done], sets: Mapping[SilverSet, Snapshot], asked: Asked
) -> list[Json]:
    """One report for each benchmark, the main one first: it holds all of the paper's tables, the others their own.

    Args:
        store: where the reports are published.
        done: the cells that did not fail.
        sets: the training data of Table 1.
        asked: what they are to answer.
    """
    exams = _by_exam(done)
    inquiry = asked.inquiry
    tables = {exam: _tables(store, exam, found, inquiry.broken) for exam, found in exams.items()}
    main = next((exam for exam in exams if exam.benchmark == MAIN), next(iter(exams)))
    aside = replace(asked, inquiry=replace(inquiry, claims=(), price=None))
    first = [table.to_json() for table in data_tables(training_sets(store, sets), asked.english)]
    every = [*first, *_once(tables[exam] for exam in sorted(exams, key=lambda exam: exam is not main))]
    return [
        {
            "benchmark": exam_name(exam),
            **_reported(
                store,
                exams[exam],
                every if exam is main else tables[exam],
                asked if exam is main else aside,
            ),
        }
        for exam in sorted(exams, key=lambda exam: exam is not main)
    ]


def without_differences(table: Json) -> Json:
    """A table without what lies between our figures and the paper's: of a made-up world that means nothing."""
    if FROM not in table["columns"]:
        return table
    place = table["columns"].index(FROM)
    return {**table, "rows": [row for row in table["rows"] if row[place] != DIFFERENCE]}


def _once(tables: Iterator[Sequence[Json]]) -> list[Json]:
    """In the paper's order; of a benchmark that is there twice (two splits, say), the first one's tables."""
    by_title: dict[str, Json] = {}
    for table in chain.from_iterable(tables):
        by_title.setdefault(table["title"], table)
    return [by_title[title] for title in sorted(by_title)]


def _by_exam(done: Sequence[Done]) -> dict[Trial, list[tuple[Done, Trial, Json]]]:
    """The trials that differ in their reader alone, and the answers."""
    exams: dict[Trial, list[tuple[Done, Trial, Json]]] = {}
    for cell in done:
        for trial, answers in cell.trials():
            exams.setdefault(replace(trial, model="", name=""), []).append((cell, trial, answers))
    return exams


def _tables(
    store: Store, exam: Trial, found: Sequence[tuple[Done, Trial, Json]], broken: Container[str]
) -> list[Json]:
    """The paper's tables of one exam; what is broken on purpose has no place in them."""
    make = TABLES_OF.get(exam.benchmark)
    if make is None:
        return []
    gold = gold_digest(exam.pairs())
    runs: dict[str, list[dict[tuple[str, str], float]]] = {}
    for done, trial, answers in found:
        if done.cell.name in broken:
            continue
        runs.setdefault(done.cell.name, []).append(figures_of(store, trial, gold, answers["predictions"]))
    filled: Runs = runs
    return [table.to_json() for table in make(filled)]


def _reported(
    store: Store, found: Sequence[tuple[Done, Trial, Json]], tables: Sequence[Json], asked: Asked
) -> Json:
    trials = [trial for _, trial, _ in found]
    questions = parallel_questions(store, trials[0].pairs()) if asked.wanted else None
    vectors = [_vectors(store, one, questions, asked.wanted) for one in found]
    return reported(
        store,
        trials,
        [answers for *_, answers in found],
        tables=[without_differences(table) for table in tables] if asked.inquiry.worlds else tables,
        vectors=[one["parts"] for one in vectors],
        inquiry=asked.inquiry,
        stages=totals([*asked.stages, *_stages(store, found, vectors)]),
    )


def _vectors(
    store: Store, found: tuple[Done, Trial, Json], questions: Json | None, wanted: Wanted | None
) -> Json:
    """A reader's question vectors, or none where they are not wanted."""
    done, trial, answers = found
    if not (wanted and questions and wanted.includes(done)):
        return {"parts": {}, "seconds": {}}
    return question_vectors(
        store,
        trial.model,
        answers["reader"],
        questions,
        pooling=wanted.pooling,
        encoder_path=done.cell.spec.encoder_path,
    )


def _stages(
    store: Store, found: Sequence[tuple[Done, Trial, Json]], vectors: Sequence[Json]
) -> Iterator[Stage]:
    """What training, answering and encoding took; vectors that several readers share were made once."""
    for done, _, answers in found:
        yield Stage(name=TRAINED, times=1, seconds=training_of(store, done.model).seconds)
        if answers.get("seconds"):
            yield Stage(name=ANSWERED, times=1, seconds=answers["seconds"])
    encoded = {digest: seconds for one in vectors for digest, seconds in one["seconds"].items()}
    if encoded:
        yield Stage(name=ENCODED, times=len(encoded), seconds=sum(encoded.values()))


def figures_of(store: Store, trial: Trial, gold: str, predictions: Json) -> dict[tuple[str, str], float]:
    """F1 in percent by (context language, question language); `gold` is the digest of the trial's questions."""
    call = {
        "store": store.url,
        "trial": {**asdict(trial), "languages": list(trial.languages)},
        "metric": str(benchmark(trial.benchmark).metric),
        "gold": gold,
        "predictions": predictions,
    }
    outcome = run_one(score_answers, call, lambda _: True)
    return {(context, question): f1 for context, question, f1 in outcome.value["f1"]}


@task(
    name="score",
    description="Score answers by the benchmark's official metric.",
    task_run_name="score {trial[benchmark]}",
    cache_key_fn=keyed_by("score", 1, "metric", "gold", "predictions"),
    **STEP,
)
def score_answers(store: str, trial: Json, metric: str, gold: str, predictions: Json) -> Json:
    """F1 of each pair; `metric`, `gold` and `predictions` say by content what is scored, `trial` where it lies."""
    asked = Trial(**{**trial, "languages": tuple(trial["languages"])})
    table = read_part(Store(store), Part.from_json(predictions), ["key", "prediction_text"])
    answers = by_question(table, "prediction_text")
    scores = score_pairs(asked.pairs(), answers, metric=benchmark(asked.benchmark).metric)
    return {"f1": [[context, question, f1] for (context, question), f1 in f1_by_pair(scores).items()]}


def training_sets(store: Store, sets: Mapping[SilverSet, Snapshot]) -> dict[str, Statistics]:
    """Table 1's figures of the training sets, by name; those of English by itself come first."""
    found = {
        str(name): Statistics(**snapshot.manifest["statistics"]["table1"]) for name, snapshot in sets.items()
    }
    if not sets:
        return {}
    english = run_one(
        describe_english,
        {"store": store.url, "snapshot": next(iter(sets.values())).id},
        lambda _: True,
    )
    return {str(SilverSet.EN): Statistics(**english.value), **found}


@task(
    name="describe English",
    description="Table 1's figures of the English rows, which are in every set.",
    task_run_name="describe English",
    cache_key_fn=keyed_by("describe-english", 1, "snapshot"),
    **STEP,
)
def describe_english(store: str, snapshot: str) -> Json:
    """Average words and question types of the rows of a snapshot that nobody translated."""
    shelf = SnapshotStore(Store(store))
    columns = ["set", "question", "answers", "question_type"]
    rows = (
        (row["question"], row["answers"]["text"][0], row["question_type"])
        for batch in shelf.batches(shelf.find(snapshot), columns)
        for row in batch.to_pylist()
        if row["set"] == SilverSet.EN
    )
    return asdict(describe(rows))
