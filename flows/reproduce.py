"""The paper whole: a grid of systems and seeds trained on silver data, put to benchmarks, and told in its tables."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

from prefect import flow, runtime

from flows.build import build_silver
from flows.inquiries import inquiry_of
from flows.plan import Exam, Plan, System
from flows.plan_files import check_plan, spec_of
from flows.train import preferred_set
from flows.worlds import Sites, benchmark_of, engines_of, english_of, made_worlds, named, source_of
from storage.silver import SilverSet
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import DEFAULT_STORE, Store
from tasks.answering import Trial
from tasks.artifacts import show_report
from tasks.downloads import benchmark_data
from tasks.place import Place
from tasks.processes import cores
from tasks.publication import DATASET
from tasks.reproduction import Cell, Devices, Done, GridIncomplete, Lost, run_cells
from tasks.scoring.report import Stage
from tasks.stages import Watch
from tasks.tabulation import Asked, Wanted, grid_reports
from tasks.warm_jobs import kept_warm

BUILT = "building training data"
"""The stage of the build flow."""

Sets = Mapping[SilverSet, Snapshot]

MOST_CORES = 8
"""So many small trainings run at once where nobody says otherwise: each takes half a gigabyte of memory."""


def run_name() -> str:
    """The plan's title."""
    plan = runtime.flow_run.parameters["plan"]
    return str(plan["title"] if isinstance(plan, dict) else plan.title)


@flow(name="reproduce", flow_run_name=run_name, persist_result=True, result_serializer="json")
def reproduce(
    plan: Plan,
    store: str = DEFAULT_STORE,
    memory: str = "",
    mirror: str = "",
    workers: int = 0,
) -> dict[str, Any]:
    """Build, train and evaluate all that a plan asks for, and publish the paper's Tables 1 to 5 beside ours.

    What is there already, with all its bytes, is not made again: a run that was killed goes on.

    Args:
        plan: Which systems, seeds, data and benchmarks.
        store: Where everything is kept (a folder or an fsspec URL).
        memory: The translation memory, where it is not the store's own.
        mirror: Another host for official downloads.
        workers: Trainings at once; 0 for one on each GPU; where there is none, one, or of small encoders one a core.
    """
    check_plan(plan, f"{plan.title!r}")
    place = Place(store, memory)
    devices, watch = trainings_at_once(plan, workers), Watch(place.store)
    with nullcontext() if devices.gpus else kept_warm():
        sites = made_worlds(place.store, plan)
        silver = {
            name: watch.first(BUILT, partial(built, place, plan, name, mirror, sites), snapshot_ids)
            for name in plan.silver
        }
        trials = [trial_of(place.store, exam, mirror, sites) for exam in plan.benchmarks]
        cells = [
            cell_of(plan, row, seed, silver[plan.silver_of(row)], trials, sites)
            for row in plan.systems
            for seed in plan.seeds
        ]
        done, lost = run_cells(place.store, cells, devices)
        stages = (*pretrainings(sites), *watch.stages)
        english = english_of(next(iter(plan.silver.values())).source)
        asked = Asked(wanted_of(plan), inquiry_of(plan, plan.worlds), stages, english)
        reports = grid_reports(place.store, done, next(iter(silver.values())), asked) if done else []
    result = grid_result(place.store, reports, done, lost)
    if lost:
        raise GridIncomplete(lost, result)
    return result


def built(place: Place, plan: Plan, name: str, mirror: str, sites: Sites) -> dict[SilverSet, Snapshot]:
    """The snapshots of one of the plan's training data, built by the build flow."""
    silver = plan.silver[name]
    result = build_silver(
        silver.languages,
        source_of(silver.source, sites),
        silver.sets,
        engine=engines_of(silver.engines, sites),
        projection=silver.projection,
        filters=silver.filters,
        retry_markup=silver.retry_markup,
        sentencewise=silver.sentencewise,
        answers_alone=silver.answers_alone,
        budget=silver.budget,
        store=place.store_url,
        memory=place.memory_url,
        mirror=mirror,
    )
    shelf = SnapshotStore(place.store)
    ids = result["snapshots"]
    return {s: shelf.get(DATASET.format(set=s), ids[s]) for s in silver.sets}


def pretrainings(sites: Sites) -> list[Stage]:
    """What the worlds' encoders took."""
    seconds = [one for site in sites.values() for one in site.seconds]
    return [Stage(name="pre-training encoders", times=1, seconds=one) for one in seconds]


def snapshot_ids(sets: Sets) -> list[str]:
    """What names a build by what came out of it."""
    return sorted(snapshot.id for snapshot in sets.values())


def trial_of(store: Store, exam: Exam, mirror: str, sites: Sites) -> Trial:
    """A benchmark as evaluations know it, its files at hand; which reader is put to it is left open."""
    data = benchmark_data(store, exam.benchmark, benchmark_of(exam.path, sites), mirror)
    return Trial("", exam.benchmark, str(data), exam.split, tuple(exam.languages), exam.limit)


def cell_of(
    plan: Plan, row: System, seed: int, sets: Sets, trials: Sequence[Trial], sites: Sites | None = None
) -> Cell:
    """A row of the plan with one seed; English alone is in every set."""
    snapshot = sets.get(preferred_set(row.system)) or sets.get(SilverSet.TALL) or next(iter(sets.values()))
    put_to = [trial for exam, trial in zip(plan.benchmarks, trials, strict=True) if row in plan.rows_of(exam)]
    return Cell(row.label, seed, spec_of(plan, row, seed, sites), snapshot, tuple(put_to))


def wanted_of(plan: Plan) -> Wanted | None:
    """Whose question vectors the plan asks for."""
    asked = plan.invariance
    return Wanted(tuple(asked.systems), tuple(asked.seeds), asked.question_vector) if asked else None


def trainings_at_once(plan: Plan, workers: int) -> Devices:
    """What the plan is trained on: encoders of a world are so small that a core each is best for them."""
    gpus = gpu_count()
    small = all(named(plan.settings_of(row).get("encoder", "")) for row in plan.systems)
    at_once = min(MOST_CORES, cores()) if small and not gpus else 0
    return Devices(gpus, workers or at_once)


def gpu_count() -> int:
    """How many GPUs this machine has; torch is imported only where that is asked."""
    from model.runtime import gpus

    return gpus()


def grid_result(
    store: Store, reports: Sequence[Mapping[str, Any]], done: Sequence[Done], lost: Sequence[Lost]
) -> dict[str, Any]:
    """What the run says of itself: where the reports are, and how much of the grid was made in this run."""
    trained = sum(one.trained for one in done)
    evaluated = sum(sum(one.evaluated) for one in done)
    steps = sum(1 + len(one.evaluated) for one in done)
    paths = {one["benchmark"]: f"{store.path(one['folder'])}/report.html" for one in reports}
    # Artifacts of one kind share a key, under which the UI shows the last: the main report's.
    for report in reversed(reports):
        show_report(store, report["folder"])
    return {
        "report": reports[0]["id"] if reports else None,
        "path": next(iter(paths.values()), None),
        "reports": paths,
        "found": reports[0]["found"] if reports else [],
        "trained": trained,
        "evaluated": evaluated,
        "reused": steps - trained - evaluated,
        "runs": [one.to_json() for one in done],
        "failed": [{"system": one.cell.name, "seed": one.cell.seed, "why": str(one.error)} for one in lost],
    }
