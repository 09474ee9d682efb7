"""Workers of a Prefect server, what runs do on them, and waiting for it: by looking, with a deadline."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.deployments.runner import EntrypointType
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

from tests.prefect_server import BIN

ROOT = Path(__file__).parents[2]
DEADLINE_S = 240.0
POOL = "operations"

Found = TypeVar("Found")


def wait_until(
    look: Callable[[], Found | None],
    what: str,
    deadline_s: float = DEADLINE_S,
    why: Callable[[], object] = str,
    pause_s: float = 0.1,
) -> Found:
    """What `look` finds as soon as it finds anything; `why` tells what was there instead."""
    end = time.monotonic() + deadline_s
    while not (found := look()):
        assert time.monotonic() < end, f"{what}: not within {deadline_s:.0f} s {why()}"
        time.sleep(pause_s)
    return found


@contextmanager
def client_of(server: dict[str, str]) -> Iterator[SyncPrefectClient]:
    """A client of that server; whatever asks Prefect's settings meanwhile gets the same server."""
    settings = {PREFECT_API_URL: server["PREFECT_API_URL"], PREFECT_HOME: server["PREFECT_HOME"]}
    with temporary_settings(settings), get_client(sync_client=True) as client:
        yield client


def placed(server: dict[str, str]) -> dict[str, str]:
    """The environment in which this tree's own code runs, wherever the package was installed from."""
    return {**server, "PYTHONPATH": str(ROOT)}


def start_worker(server: dict[str, str], pool: str, log: Path) -> subprocess.Popen[bytes]:
    """A worker that looks for runs of a pool every second, in a session of its own; what it says goes to `log`."""
    command = [BIN / "prefect", "worker", "start", "--pool", pool]
    environment = {**placed(server), "PREFECT_WORKER_QUERY_SECONDS": "1"}
    with log.open("ab") as said:
        return subprocess.Popen(
            command, env=environment, cwd=log.parent, stdout=said, stderr=said, start_new_session=True
        )


@contextmanager
def worker(server: dict[str, str], client: SyncPrefectClient, log: Path) -> Iterator[None]:
    """A process worker on a pool of its own, which ends with the block."""
    client.create_work_pool(WorkPoolCreate(name=POOL, type="process"), overwrite=True)
    process = start_worker(server, POOL, log)
    try:
        yield
    finally:
        end_all(process)


def end_all(process: "subprocess.Popen[Any]") -> None:
    """End a process and whatever it started, in whatever group, at once: as when the machine goes."""
    if process.poll() is not None:
        return
    known: set[int] = set()
    while fresh := {process.pid, *children(process.pid)} - known:
        # Stopped first: nothing is started meanwhile, and nobody's children are taken away.
        tell_all(fresh, signal.SIGSTOP)
        known |= fresh
    tell_all(known, signal.SIGKILL)
    process.wait()


def tell_all(pids: Iterable[int], sign: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, sign)


def children(pid: int) -> list[int]:
    """A process's children and theirs, in whatever group or session they are."""
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, listed.read_text().split())
    return [*found, *(below for child in found for below in children(child))]


def running(pid: int, words: bytes) -> bool:
    """Whether a process goes on whose command has these words in it."""
    with suppress(OSError):
        return words in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    return False


def deployed(flow: Flow[..., Any], name: str, parameters: dict[str, Any]) -> UUID:
    """A deployment by module entry point, as `prefect deploy` makes them."""
    return flow.to_deployment(
        name, parameters=parameters, work_pool_name=POOL, entrypoint_type=EntrypointType.MODULE_PATH
    ).apply()


def ended_run(client: SyncPrefectClient, deployment: UUID, number: int) -> FlowRun:
    """The run number `number` (from 1) of a deployment, once it has ended."""

    def look() -> FlowRun | None:
        runs = runs_of(client, deployment)
        done = len(runs) >= number and runs[number - 1].state
        return runs[number - 1] if done and done.is_final() else None

    return wait_until(look, f"run {number} of the deployment has ended")


def runs_of(client: SyncPrefectClient, deployment: UUID) -> list[FlowRun]:
    """All runs of a deployment, oldest first."""
    runs = client.read_flow_runs(deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])))
    return sorted(runs, key=lambda run: str(run.created))


def one_event(client: SyncPrefectClient, name: str, store: str) -> dict[str, Any]:
    """The only event of that name about that store, once it is there: the server files events at its leisure."""

    def look() -> dict[str, Any] | None:
        own = [event for event in events(client, name) if event["resource"]["silverspan.store"] == store]
        assert len(own) < 2
        return own[0] if own else None

    return wait_until(look, f"the event {name} is there")


def events(client: SyncPrefectClient, name: str) -> list[dict[str, Any]]:
    """The events of that name, newest first."""
    answer = client.request(
        "POST", "/events/filter", json={"filter": {"event": {"name": [name]}}, "limit": 50}
    )
    found: list[dict[str, Any]] = answer.json()["events"]
    return found
