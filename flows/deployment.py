"""What a Prefect server is told, so that it knows this project: work pools and the deployments of prefect.yaml."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from prefect.workers.process import ProcessWorker

from flows.automations import TAG, put_automation, rebuild_on_change, taken_up
from flows.standing import REBUILD, WATCH, StandingOrder, filled_in, known_deployment
from storage.errors import SilverspanError, UsageError


class DeployError(SilverspanError):
    """The server did not take what it was told."""


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
    store: str, memory: str, kind: PoolType = PoolType.PROCESS, order: StandingOrder | None = None
) -> dict[str, Any]:
    """Make the pools that are missing, and make or renew every deployment; what a person changed of a pool is kept.

    Args:
        store: where the runs keep everything; a folder is made absolute, as a worker runs somewhere else.
        memory: the translation memory, where it is not the store's own; empty leaves the one that the server has.
        kind: what pools are made as.
        order: what is watched and rebuilt; None leaves the order that the server has.

    Raises:
        DeployError: the server refuses something; its own words are in the message.
        UsageError: a URL holds a password, which everybody who reaches the server could read.
    """
    for url in (store, memory):
        check_no_password(url)
    with get_client(sync_client=True) as client:
        made = [pool.name for pool in POOLS if _made(client, pool, kind)]
        place = anywhere(store)
        remembered = anywhere(memory) if memory else _memory(client)
        _apply(client, place, remembered, order)
        rebuild = client.read_deployment_by_name(REBUILD)
        automations = [taken_up(), rebuild_on_change(rebuild.id, place)]
        for automation in automations:
            put_automation(automation)
        return {
            "store": place,
            "memory": remembered,
            "pools": [pool.name for pool in POOLS],
            "made": made,
            "watched": _watched(client),
            "deployments": _known(client),
            "automations": [automation.name for automation in automations],
        }


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


def prefect_file() -> Path:
    """The file that names the deployments."""
    return Path(str(files("deploy"))) / "prefect.yaml"


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


def _apply(client: SyncPrefectClient, store: str, memory: str, order: StandingOrder | None) -> None:
    """Have Prefect read its own file; values of this machine reach it by the environment, as its templates say."""
    content = yaml.safe_load(prefect_file().read_text(encoding="utf-8"))
    content["deployments"] = filled_in(client, content["deployments"], order)
    given = {"SILVERSPAN_STORE": store, "SILVERSPAN_MEMORY": memory, "NO_COLOR": "1"}
    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    with tempfile.TemporaryDirectory(prefix="silverspan-deploy-") as folder:
        file = Path(folder) / "prefect.yaml"
        file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        done = subprocess.run(
            # In a folder of its own, and not looking there: a folder called `flows` where the user stands is not ours.
            [
                sys.executable,
                "-P",
                "-m",
                "prefect",
                "--no-prompt",
                "deploy",
                "--all",
                "--prefect-file",
                file.name,
            ],
            cwd=folder,
            env={**os.environ, **settings, **given},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise DeployError(f"Prefect did not take the deployments: {_last_words(done.stdout + done.stderr)}")


def _last_words(output: str) -> str:
    lines = [line.strip(" │") for line in output.splitlines() if line.strip(" │╭╮╰╯─")]
    return lines[-1] if lines else "it said nothing; run `prefect deploy --all` to see."


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
