"""A Prefect server's worker, deployments on it, and waiting for what it does: by looking, with a deadline."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

from tests.e2e.conftest import BIN

ROOT = Path(__file__).parents[2]
DEADLINE_S = 240.0
POOL = "operations"

Found = TypeVar("Found")


@contextmanager
def client_of(server: dict[str, str]) -> Iterator[SyncPrefectClient]:
    """A client of that server; whatever asks Prefect's settings meanwhile gets the same server."""
    settings = {PREFECT_API_URL: server["PREFECT_API_URL"], PREFECT_HOME: server["PREFECT_HOME"]}
    with temporary_settings(settings), get_client(sync_client=True) as client:
        yield client


@contextmanager
def worker(server: dict[str, str], client: SyncPrefectClient, log: Path) -> Iterator[None]:
    """A process worker on a pool of its own, in a process group that ends with the block."""
    client.create_work_pool(WorkPoolCreate(name=POOL, type="process"), overwrite=True)
    command = [BIN / "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, env=placed(server), cwd=ROOT, stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield
    finally:
        os.killpg(process.pid, 15)
        process.wait(60)


def placed(server: dict[str, str]) -> dict[str, str]:
    """The environment in which this tree's own code runs, wherever the package was installed from."""
    return {**server, "PYTHONPATH": str(ROOT), "PREFECT_WORKER_QUERY_SECONDS": "2"}


def deployed(flow: Flow[..., Any], name: str, parameters: dict[str, Any]) -> UUID:
    """A deployment by module entry point, as `prefect deploy` makes them."""
    return flow.to_deployment(
        name, parameters=parameters, work_pool_name=POOL, entrypoint_type=EntrypointType.MODULE_PATH
    ).apply()


def wait_until(look: Callable[[], Found | None], what: str, deadline_s: float = DEADLINE_S) -> Found:
    """What `look` finds as soon as it finds anything."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.5)
    raise AssertionError(f"{what}: not within {deadline_s:.0f} s")


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
