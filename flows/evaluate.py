"""A reader put to a benchmark: predictions, official figures, and a report to look at."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from prefect import flow

from flows.forms import Split
from flows.parameters import SAMPLE, Benchmark, resolve_data
from storage.downloads.datasets import OFFICIAL
from storage.store import DEFAULT_STORE
from tasks.answering import Trial
from tasks.artifacts import show_report
from tasks.downloads import benchmark_data
from tasks.evaluation import evaluated
from tasks.place import Place
from tasks.publication import LATEST
from tasks.runs import reader_identity


@flow(
    name="evaluate-reader",
    flow_run_name="evaluate {model} on {benchmark}",
    persist_result=True,
    result_serializer="json",
)
def evaluate_reader(
    model: str = LATEST,
    benchmark: Benchmark = Benchmark.MLQA,
    data: str = SAMPLE,
    split: Split = "test",
    languages: list[str] = [],  # noqa: B006 - Prefect copies it into each run
    store: str = DEFAULT_STORE,
    mirror: str = "",
    others: list[str] = [],  # noqa: B006 - Prefect copies it into each run
    limit: int = 0,
) -> dict[str, Any]:
    """Evaluate a reader (Sec. 4), or several beside each other, and publish a report.

    Args:
        model: An id, a ref (`latest`, `champion`) or a folder that transformers loads.
        benchmark: Which benchmark.
        data: The folder, zip archive or file that holds it, `sample`, or `official` to download it.
        split: MLQA's `test` or `dev`; the other benchmarks have one split.
        languages: Only pairs of these languages; by default all pairs.
        store: Where everything is kept (a folder or an fsspec URL).
        mirror: Another host for official downloads.
        others: Further readers, held against the first: systems, and seeds of one system.
        limit: So many questions of each pair at most, drawn by lot; 0 for all.
    """
    place = Place(store)
    files = benchmark_data(place.store, benchmark, resolve_data(data, benchmark), mirror)
    trial = Trial(model, benchmark, str(files), split, tuple(languages), limit)
    report = evaluated(place.store, [replace(trial, model=name) for name in (model, *others)])
    show_report(place.store, report["folder"])
    path = f"{place.store.path(report['folder'])}/report.html"
    headline = {name: report[name] for name in ("f1", "exact_match", "total", "missing")}
    return {"report": report["id"], "path": path, **headline, "systems": report["systems"]}


def check_evaluation(store: str, models: Sequence[str], trial: Trial) -> None:
    """Refuse an evaluation that cannot be done before anything is started for it.

    Raises:
        StoreError, InputError, UsageError: there is no such reader, or the benchmark's files cannot be used.
    """
    for model in models:
        reader_identity(Place(store).store, model)
    if trial.data != OFFICIAL:
        files = benchmark_data(Place(store).store, trial.benchmark, trial.data)
        replace(trial, data=str(files)).pairs()
