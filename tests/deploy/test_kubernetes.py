"""The job template as Prefect's Kubernetes worker and the cluster's own types read it."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes_asyncio.client import ApiClient, V1Job
from prefect_kubernetes.worker import KubernetesWorkerJobConfiguration

from flows.deployment import POOLS, Pool, PoolType, job_template

CPU, GPU = POOLS

pytestmark = pytest.mark.usefixtures("prefect")


def manifest(pool: Pool, **values: Any) -> dict[str, Any]:
    """What the worker would ask the cluster for."""

    async def made() -> dict[str, Any]:
        configuration = await KubernetesWorkerJobConfiguration.from_template_and_values(
            base_job_template=job_template(pool, PoolType.KUBERNETES),
            values={"command": "prefect flow-run execute", "name": "train", **values},
        )
        return dict(configuration.job_manifest)

    return asyncio.run(made())


@pytest.mark.parametrize("pool", POOLS, ids=lambda pool: pool.name)
def test_the_cluster_knows_every_field(pool: Pool) -> None:
    """A field that Kubernetes has no name for would be lost in silence."""
    wanted = manifest(pool)

    async def read() -> tuple[V1Job, Any]:
        async with ApiClient() as client:
            job = client.deserialize(SimpleNamespace(data=json.dumps(wanted)), "V1Job")
            return job, client.sanitize_for_serialization(job)

    job, again = asyncio.run(read())
    assert unnamed(again, wanted) == []
    (container,) = job.spec.template.spec.containers
    assert container.resources.limits["nvidia.com/gpu"] == ("1" if pool is GPU else "0")
    assert container.image == f"silverspan:{'cuda' if pool is GPU else 'cpu'}"


def unnamed(kept: Any, wanted: Any, path: str = "") -> list[str]:
    """Where `kept` lacks something of `wanted`."""
    if isinstance(wanted, dict):
        return [
            found
            for key, value in wanted.items()
            if value is not None
            for found in (unnamed(kept[key], value, f"{path}.{key}") if key in kept else [f"{path}.{key}"])
        ]
    if isinstance(wanted, list):
        return [found for i, value in enumerate(wanted) for found in unnamed(kept[i], value, f"{path}[{i}]")]
    return []


def test_a_job_can_be_given_more() -> None:
    spec = manifest(GPU, gpus=4, memory_limit="64Gi", env={"A": "b"})["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["resources"]["limits"] == {"memory": "64Gi", "nvidia.com/gpu": 4}
    assert container["env"]["A"] == "b"
    assert spec["securityContext"]["runAsNonRoot"] is True
