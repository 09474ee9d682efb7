"""What a Prefect server is told, so that it knows this project: work pools and the deployments of prefect.yaml."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL
from prefect.workers.process import ProcessWorker

from flows.applying import applied, declared
from flows.automations import SILENCE, TAG, known_silence, put_automation, rebuild_on_change, taken_up
from flows.standing import REBUILD, WATCH, StandingOrder, filled_in, known_deployment
from storage.downloads.urls import shown
from storage.errors import UsageError


class PoolType(StrEnum):
    """What a worker of a pool makes of a run: a process of its own machine, or a pod of its cluster."""

    PROCESS = "process"
    KUBERNETES = "kubernetes"


@dataclass(frozen=True, slots=True)
class Pool:
    """A work pool: where runs wait for a worker, and how many may go on at once."""

    name: str
    description: str
    concurrency_limit: int | None
    on_kubernetes: Mapping[str, Any]
    """Defaults of its jobs there, where they differ from those of `deploy/k8s/job.yaml`."""


POOLS = (
    Pool("cpu", "Builds, watches, reports: a machine without a GPU will do.", None, {}),
    Pool(
        "gpu", "Trainings and evaluations, one after the other.", 1, {"image": "silverspan:cuda", "gpus": 1}
    ),
)


def deploy(
    store: str,
    memory: str,
    kind: PoolType = PoolType.PROCESS,
    order: StandingOrder | None = None,
    silence: timedelta | None = None,
    tell: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Make the pools that are missing, and make or renew every deployment; what a person changed of a pool is kept.

    Args:
        store: where the runs keep everything; a folder is made absolute, as a worker runs somewhere else.
        memory: the translation memory, where it is not the store's own; empty leaves the one that the server has.
        kind: what pools are made as.
        order: what is watched and rebuilt; None leaves the order that the server has.
        silence: so long a run may say nothing before it is taken up again; None leaves what the server has.
        tell: is told how it goes, line by line: all of it takes tens of seconds.

    Raises:
        DeployError: the server refuses something; its own words are in the message.
        UsageError: a URL holds a password, which everybody who reaches the server could read.
    """
    for url in (store, memory):
        check_no_password(url)
    tell(_asking(PREFECT_API_URL.value()))
    with get_client(sync_client=True) as client:
        made = [pool.name for pool in POOLS if _made(client, pool, kind)]
        tell(f"Work pools: {', '.join(pool.name for pool in POOLS)}")
        place = anywhere(store)
        remembered = anywhere(memory) if memory else _memory(client)
        _deployed(client, {"SILVERSPAN_STORE": place, "SILVERSPAN_MEMORY": remembered}, order, tell)
        automations = _automated(client, place, silence, tell)
        return {
            "store": place,
            "memory": remembered,
            "pools": [pool.name for pool in POOLS],
            "made": made,
            "watched": _watched(client),
            "deployments": _known(client),
            "automations": automations,
        }


def _asking(api: str | None) -> str:
    if api is None:
        return (
            "PREFECT_API_URL names no Prefect server: starting one of this machine's own for now; for workers, which "
            "ask that server too, set it (`make ui` listens at http://127.0.0.1:4200/api) and deploy again"
        )
    return f"Asking the Prefect server at {shown(api)}"


def _automated(
    client: SyncPrefectClient, store: str, silence: timedelta | None, tell: Callable[[str], None]
) -> list[str]:
    """The names of the automations, which are made or brought up to date."""
    automations = [
        taken_up(silence or known_silence(client) or SILENCE),
        rebuild_on_change(client.read_deployment_by_name(REBUILD).id, store),
    ]
    for automation in automations:
        put_automation(automation)
    names = [automation.name for automation in automations]
    tell(f"Automations: {', '.join(names)}")
    return names


def _deployed(
    client: SyncPrefectClient,
    values: dict[str, str],
    order: StandingOrder | None,
    tell: Callable[[str], None],
) -> None:
    content = declared()
    content["deployments"] = filled_in(client, content["deployments"], order)
    done = count(1)
    total = len(content["deployments"])
    applied(content, values, lambda name: tell(f"Deployment {next(done)} of {total}: {name}"))


def anywhere(store: str) -> str:
    """The store as a worker in another folder finds it.

    >>> anywhere("s3://bucket/silver")
    's3://bucket/silver'
    """
    return store if "://" in store else str(Path(store).expanduser().resolve())


def check_no_password(url: str) -> None:
    """Refuse a URL that cannot be a deployment's parameter.

    Raises:
        UsageError: it holds a password.
    """
    try:
        parts = urlsplit(url)
        open_to_all = bool(parts.password) or "password" in parse_qs(parts.query)
    except ValueError:
        # What cannot be taken apart cannot be known to hold none.
        open_to_all = True
    if "://" in url and open_to_all:
        raise UsageError(
            "A password in the URL of the store or the memory would be shown to all who reach the Prefect server;"
            " leave it out of the URL, and start the workers with PGPASSWORD (or what the store asks for) set."
        )


def job_template(pool: Pool, kind: PoolType) -> dict[str, Any]:
    """How a worker makes a job of a run: Prefect's own way for processes, that of `deploy/k8s/job.yaml` for pods."""
    if kind is PoolType.PROCESS:
        return ProcessWorker.get_default_base_job_template()
    template: dict[str, Any] = yaml.safe_load((files("deploy") / "k8s" / "job.yaml").read_text("utf-8"))
    for name, value in pool.on_kubernetes.items():
        template["variables"]["properties"][name]["default"] = value
    return template


def _memory(client: SyncPrefectClient) -> str:
    """The memory of an earlier deployment: to lose sight of it would be to pay for everything again."""
    known = known_deployment(client, REBUILD)
    return str(known.parameters.get("memory", "")) if known else ""


def _made(client: SyncPrefectClient, pool: Pool, kind: PoolType) -> bool:
    try:
        client.read_work_pool(pool.name)
    except ObjectNotFound:
        wanted = WorkPoolCreate(
            name=pool.name,
            description=pool.description,
            type=kind,
            base_job_template=job_template(pool, kind),
            concurrency_limit=pool.concurrency_limit,
        )
        client.create_work_pool(wanted)
        return True
    return False


def _known(client: SyncPrefectClient) -> list[str]:
    """The project's deployments as `prefect deployment run` names them."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    found = client.read_deployments(deployment_filter=ours)
    return sorted(f"{client.read_flow(deployment.flow_id).name}/{deployment.name}" for deployment in found)


def _watched(client: SyncPrefectClient) -> dict[str, Any]:
    """The standing order as the server has it; empty where there is none."""
    known = known_deployment(client, WATCH)
    if known is None or not known.parameters.get("languages"):
        return {}
    order = {name: known.parameters.get(name) for name in ("languages", "engine")}
    return {**order, "active": any(schedule.active for schedule in known.schedules)}
