"""Where the shards of a flow run: in threads of this process, or on a Dask cluster."""

from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from storage.errors import UsageError

LOCAL_SHARDS = 4
"""Shards that run at once in one process: each may have several requests (or programs) of its own under way."""


def local_runner() -> TaskRunner[Any]:
    """Threads of this process."""
    return ThreadPoolTaskRunner(max_workers=LOCAL_SHARDS)


def task_runner(name: str) -> TaskRunner[Any]:
    """The task runner called `local`, `dask` (a cluster of this machine) or `dask:ADDRESS` (one that runs).

    Raises:
        UsageError: an unknown runner, or Dask is not installed.
    """
    kind, _, address = name.partition(":")
    if kind == "local" and not address:
        return local_runner()
    if kind == "dask":
        return _dask(address)
    raise UsageError.unknown("runner", name, ("local", "dask", "dask:ADDRESS"))


def _dask(address: str) -> TaskRunner[Any]:
    try:
        from prefect_dask import DaskTaskRunner
    except ImportError as error:
        raise UsageError("The runner 'dask' needs an extra: pip install 'silverspan[dask]'.") from error
    runner: TaskRunner[Any] = DaskTaskRunner(address=address) if address else DaskTaskRunner()
    return runner
