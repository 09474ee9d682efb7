"""What a Prefect server is told, so that it knows this project: work pools and the deployments of prefect.yaml."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from prefect.workers.process import ProcessWorker

from flows.automations import renew, taken_up
from storage.errors import SilverspanError, UsageError

TAG = "silverspan"
"""The tag of every deployment of the project, and of nothing else."""


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


def deploy(store: str, memory: str, kind: PoolType = PoolType.PROCESS) -> dict[str, Any]:
    """Make the pools that are missing, and make or renew every deployment; what a person changed of a pool is kept.

    Args:
        store: where the runs keep everything; a folder is made absolute, as a worker runs somewhere else.
        memory: the translation memory, where it is not the store's own.
        kind: what pools are made as.

    Raises:
        DeployError: the server refuses something; its own words are in the message.
        UsageError: the memory's URL holds a password, which everybody who reaches the server could read.
    """
    check_no_password(memory)
    with get_client(sync_client=True) as client:
        made = [pool.name for pool in POOLS if _made(client, pool, kind)]
        _apply(anywhere(store), memory and anywhere(memory))
        automations = [taken_up()]
        for automation in automations:
            renew(client, automation)
        return {
            "pools": [pool.name for pool in POOLS],
            "made": made,
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
    if "://" in url and urlsplit(url).password:
        raise UsageError(
            "The memory's URL would show its password to all who reach the Prefect server;"
            " leave it out of the URL, and start the workers with PGPASSWORD set."
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


def _apply(store: str, memory: str) -> None:
    """Have Prefect read its own file; values of this machine reach it by the environment, as its templates say."""
    command = ["-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(prefect_file())]
    given = {"SILVERSPAN_STORE": store, "SILVERSPAN_MEMORY": memory, "NO_COLOR": "1"}
    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    environment = {**os.environ, **settings, **given}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
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
