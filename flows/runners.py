"""Where the shards of a flow run: in processes of this machine, or on a Dask cluster."""

import os
from contextvars import Token
from typing import Any, Self

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from storage.errors import UsageError
from tasks.processes import CREW, Crew

LOCAL_SHARDS = 4
"""Shards that run at once at the least: each may have several requests (or programs) of its own under way."""

MOST_PROCESSES = 4
"""Processes where their number is not named: each takes up to half a gigabyte."""


class LocalRunner(ThreadPoolTaskRunner[Any]):
    """Tasks in threads of this process, their work in a crew of further processes."""

    def __init__(self, max_workers: int | None = None, processes: int = 0) -> None:
        self._processes = processes or min(_cores(), MOST_PROCESSES)
        super().__init__(max_workers or max(LOCAL_SHARDS, self._processes))
        self._crew: tuple[Crew, Token[Crew | None]] | None = None

    def duplicate(self) -> "LocalRunner":
        """Another one with the same settings."""
        return type(self)(self._max_workers, self._processes)

    def __enter__(self) -> Self:
        super().__enter__()
        crew = Crew(self._processes)
        self._crew = crew, CREW.set(crew)
        return self

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if self._crew:
            crew, before = self._crew
            self._crew = None
            CREW.reset(before)
            crew.close(at_once=exc_type is not None)
        super().__exit__(exc_type, exc_value, traceback)


def local_runner(processes: int = 0) -> TaskRunner[Any]:
    """So many processes of this machine; 0 for as many as it has cores, up to `MOST_PROCESSES`."""
    return LocalRunner(processes=processes)


def task_runner(name: str) -> TaskRunner[Any]:
    """The task runner called `local[:PROCESSES]`, `dask` (a cluster of this machine) or `dask:ADDRESS` (one that runs).

    Raises:
        UsageError: an unknown runner, or Dask is not installed.
    """
    kind, _, argument = name.partition(":")
    if kind == "local" and (
        not argument or (argument.isascii() and argument.isdigit() and int(argument) > 0)
    ):
        return local_runner(int(argument or 0))
    if kind == "dask":
        return _dask(argument)
    raise UsageError.unknown("runner", name, ("local", "local:PROCESSES", "dask", "dask:ADDRESS"))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _dask(address: str) -> TaskRunner[Any]:
    try:
        from prefect_dask import DaskTaskRunner
    except ImportError as error:
        raise UsageError("The runner 'dask' needs an extra: pip install 'silverspan[dask]'.") from error
    runner: TaskRunner[Any] = DaskTaskRunner(address=address) if address else DaskTaskRunner()
    return runner
