"""Where the shards of a flow run: in processes of this machine, or on a Dask cluster."""

from contextvars import Token
from typing import Any, Self

from prefect.client.orchestration import get_client
from prefect.settings import get_current_settings
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from storage.errors import UsageError
from tasks.processes import CREW, Crew, cores

LOCAL_SHARDS = 4
"""Threads at the least: as many shards of few rows, or of an engine that holds its model, run at once; others wait for
a process."""

MOST_PROCESSES = 4
"""Processes where their number is not named: each takes up to half a gigabyte."""


class LocalRunner(ThreadPoolTaskRunner[Any]):
    """Tasks in threads of this process, their work in a crew of further processes."""

    def __init__(self, max_workers: int | None = None, processes: int = 0) -> None:
        self._processes = processes or min(cores(), MOST_PROCESSES)
        super().__init__(max_workers or max(LOCAL_SHARDS, self._processes))
        self._crew: tuple[Crew, Token[Crew | None]] | None = None

    def duplicate(self) -> "LocalRunner":
        """Another one with the same settings."""
        return type(self)(self._max_workers, self._processes)

    def __enter__(self) -> Self:
        super().__enter__()
        crew = Crew(self._processes, _settings)
        self._crew = crew, CREW.set(crew)
        return self

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        try:
            if self._crew:
                crew, before = self._crew
                self._crew = None
                try:
                    CREW.reset(before)
                finally:
                    crew.close(at_once=exc_type is not None)
        finally:
            super().__exit__(exc_type, exc_value, traceback)


def _settings() -> dict[str, str]:
    """What leads a process to this run's Prefect server, one of its own included: keys may lie in its Secret blocks."""
    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    return {**settings, "PREFECT_API_URL": str(get_client(sync_client=True).api_url).rstrip("/")}


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


def _dask(address: str) -> TaskRunner[Any]:
    try:
        from prefect_dask import DaskTaskRunner
    except ImportError as error:
        raise UsageError("The runner 'dask' needs an extra: pip install 'silverspan[dask]'.") from error
    runner: TaskRunner[Any] = DaskTaskRunner(address=address) if address else DaskTaskRunner()
    return runner
