"""A reader put to a benchmark: predictions, official figures, and a report to look at."""

import json
from typing import Any

from prefect import flow

from flows.parameters import SAMPLE, Benchmark, resolve_data
from storage.store import DEFAULT_STORE
from tasks.artifacts import show_report
from tasks.downloads import OFFICIAL, benchmark_data
from tasks.evaluation import Trial, evaluated, reader_identity
from tasks.place import Place
from tasks.publication import LATEST


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
    split: str = "test",
    languages: list[str] | None = None,
    store: str = DEFAULT_STORE,
    mirror: str = "",
) -> dict[str, Any]:
    """Evaluate a reader (Sec. 4) and publish a report.

    Args:
        model: An id, a ref (`latest`, `champion`) or a folder that transformers loads.
        benchmark: Which benchmark.
        data: The folder (or file) that holds it, `sample`, or `official` to download it.
        split: MLQA's `test` or `dev`; the other benchmarks have one split.
        languages: Only pairs of these languages; by default all pairs.
        store: Where everything is kept (a folder or an fsspec URL).
        mirror: Another host for official downloads.
    """
    place = Place(store)
    files = benchmark_data(place.store, benchmark, resolve_data(data), mirror)
    report = evaluated(place.store, Trial(model, benchmark, str(files), split, tuple(languages or ())))
    figures = json.loads(place.store.read(f"{report['folder']}/report.json"))
    show_report(place.store, figures, report)
    path = f"{place.store.path(report['folder'])}/report.html"
    headline = {name: report[name] for name in ("f1", "exact_match", "total", "missing")}
    return {"report": report["id"], "path": path, **headline}


def check_evaluation(store: str, trial: Trial) -> None:
    """Refuse an evaluation that cannot be done before anything is started for it.

    Raises:
        StoreError, InputError, UsageError: there is no such reader, or the benchmark's files cannot be used.
    """
    reader_identity(Place(store).store, trial.model)
    if trial.data != OFFICIAL:
        trial.pairs()
