"""The cells of a grid: each is a reader, trained with one seed and put to benchmarks; what is there is not made again.

A cell is a task around the cached steps that train and predict. It is not cached itself: what it did in this run, and
what it found done, is counted.
"""

import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from model.spec import TrainSpec
from storage.errors import JobError
from storage.models import model_folder
from storage.publishing import intact
from storage.snapshots import Snapshot
from storage.store import Store
from tasks.answering import Trial, answered
from tasks.processes import cores
from tasks.progress import Progress
from tasks.steps import Json, run_one
from tasks.training import model_id_of, train_reader


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the tables with one seed; a trial's reader is not known before the cell has run."""

    name: str
    seed: int
    spec: TrainSpec
    snapshot: Snapshot
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a cell: the reader, its answers to each of the trials, and what was made in this run for them."""

    cell: Cell
    model: str
    trained: bool
    answers: tuple[Json, ...]
    """What `tasks.answering.answered` tells, one for each trial."""
    evaluated: tuple[bool, ...]

    def trials(self) -> Iterator[tuple[Trial, Json]]:
        """The trials with their reader, and its answers."""
        for trial, answers in zip(self.cell.trials, self.answers, strict=True):
            yield replace(trial, model=self.model, name=self.cell.name), answers

    def to_json(self) -> Json:
        """As commands print it."""
        made = {exam_name(trial): new for trial, new in zip(self.cell.trials, self.evaluated, strict=True)}
        return {
            "system": self.cell.name,
            "seed": self.cell.seed,
            "model": self.model,
            "trained": self.trained,
            "evaluated": made,
        }


def exam_name(trial: Trial) -> str:
    """What a benchmark and its split are called: `mlqa`, `mlqa-dev`."""
    return trial.benchmark if trial.split == "test" else f"{trial.benchmark}-{trial.split}"


@dataclass(frozen=True, slots=True)
class Lost:
    """A cell that failed, and why."""

    cell: Cell
    error: BaseException

    def __str__(self) -> str:
        return f"{self.cell.name} with seed {self.cell.seed}: {self.error}"


class GridIncomplete(JobError):
    """Some cells of a grid failed; what became of the others is in `result`."""

    def __init__(self, lost: Sequence[Lost], result: Json) -> None:
        told = "; ".join(str(one).rstrip(".") for one in lost)
        super().__init__(f"{len(lost)} of the grid's cells failed, run again to try just these: {told}.")
        self.result = result


class Devices:
    """What trainings run on, one at a time on each: GPUs, or shares of the processor."""

    def __init__(self, gpus: int, workers: int) -> None:
        """`workers` trainings at once: by default (0) one on each GPU, or one where there is none."""
        self.gpus = gpus
        self.at_once = workers or max(1, gpus)
        names = [f"cuda:{place % gpus}" if gpus else "auto" for place in range(self.at_once)]
        self._threads = max(1, cores() // self.at_once)
        self._free: queue.SimpleQueue[str] = queue.SimpleQueue()
        for name in names:
            self._free.put(name)

    def share(self, threads: int) -> int:
        """How many threads a training has that would like so many (0: as many as there are cores)."""
        return threads if self.at_once == 1 else min(threads or self._threads, self._threads)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """One of them, as torch names it, for as long as the block runs; waits until one is free."""
        name = self._free.get()
        try:
            yield name
        finally:
            self._free.put(name)


def run_cells(store: Store, cells: Sequence[Cell], devices: Devices) -> tuple[list[Done], list[Lost]]:
    """Train and evaluate all cells, so many at once as there are devices; one that fails stops no other."""
    pool: ThreadPoolTaskRunner[Json] = ThreadPoolTaskRunner(max_workers=devices.at_once)
    with pool as runner, Progress("cells", key="reproduction") as progress:
        futures = {
            runner.submit(run_cell, {"store": store.url, **_told(cell), "devices": devices}): cell
            for cell in cells
        }
        progress.advance(0, len(cells))
        for number, _ in enumerate(as_completed(list(futures)), 1):
            progress.advance(number, len(cells))
    done: list[Done] = []
    lost: list[Lost] = []
    for future, cell in futures.items():
        value = future.result(raise_on_failure=False)
        if isinstance(value, BaseException):
            lost.append(Lost(cell, value))
        else:
            made = tuple(bool(new) for new in value["evaluated"])
            done.append(Done(cell, value["model"], value["trained"], tuple(value["answers"]), made))
    return done, lost


def _told(cell: Cell) -> Json:
    named = replace(cell.spec, snapshots=(cell.snapshot.id,))
    return {
        "name": cell.name,
        "seed": cell.seed,
        "spec": named.to_json(),
        "parts": cell.snapshot.parts,
        "trials": [asdict(trial) for trial in cell.trials],
    }


@task(
    name="cell",
    description="Train one reader and put it to its benchmarks, as far as that is not done.",
    task_run_name="{name}, seed {seed}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def run_cell(
    store: str,
    name: str,
    seed: int,
    spec: Json,
    parts: Sequence[str],
    trials: Sequence[Json],
    devices: Devices,
) -> Json:
    """The reader's id and its answers; `trained` and `evaluated` say what was not there before."""
    place = Store(store)
    with devices.lent() as device:
        wanted = TrainSpec.from_json(spec)
        placed = replace(wanted, device=device, threads=devices.share(wanted.threads))
        model_id = model_id_of(placed)
        there = intact(place, model_folder(model_id))
        call = {"store": store, "spec": placed.to_json(), "parts": parts}
        run_one(train_reader, call, lambda value: intact(place, model_folder(value["id"])))
        outcomes = [answered(place, _trial(one, model_id), device, placed.threads) for one in trials]
    return {
        "model": model_id,
        "trained": not there,
        "answers": [outcome.value for outcome in outcomes],
        "evaluated": [outcome.fresh for outcome in outcomes],
    }


def _trial(told: Json, model_id: str) -> Trial:
    return Trial(**{**told, "model": model_id, "languages": tuple(told["languages"])})
