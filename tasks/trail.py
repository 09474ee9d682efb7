"""The trail from a report to its readers and on to their snapshots, through the artifacts of Prefect's UI.

A run bears the ids of what it made as tags, such as `reader:c69ef7bd497ffdf5`. By its tag the artifact is found that
tells of a thing, so that pages can lead to it; and in the UI runs can be filtered by it.
"""

import contextlib
from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

import httpx
from prefect import runtime
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterTags,
)
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort

from tasks.scoring.markdown import Link

LOOKED_AT = 20
"""So many of the runs that made a thing are looked at, newest first; most found it done and showed it again."""


class Thing(StrEnum):
    """What pages tell of."""

    SNAPSHOT = "snapshot"
    READER = "reader"
    REPORT = "report"


KEYS = {Thing.SNAPSHOT: "silver-build", Thing.READER: "reader", Thing.REPORT: "evaluation"}
"""The artifact that tells of each."""


def page(artifact: UUID | str | None) -> str:
    """The address of an artifact, as any other artifact's page may call it, wherever the UI is served."""
    return f"../artifact/{artifact}" if artifact else ""


def bear(thing: Thing, ids: Iterable[str]) -> None:
    """Have this run bear what it made; outside of a run nobody does."""
    run = runtime.flow_run.get_id()
    if run is None:
        return
    # What shows the work must not end it: the server may be away for a while.
    with contextlib.suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        known = client.read_flow_run(UUID(run)).tags
        client.update_flow_run(UUID(run), tags=list(dict.fromkeys([*known, *(_tag(thing, i) for i in ids)])))


def leading_to(thing: Thing, name: str) -> Link:
    """The name of a thing, which leads to the newest page that tells of it, if this server knows one."""
    found = None
    with contextlib.suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        found = _told_by(client, thing, name)
    return Link(name, page(found))


def _told_by(client: SyncPrefectClient, thing: Thing, name: str) -> UUID | None:
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[_tag(thing, name)])),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=LOOKED_AT,
    )
    if not runs:
        return None
    artifacts = client.read_artifacts(
        artifact_filter=ArtifactFilter(
            key=ArtifactFilterKey(any_=[KEYS[thing]]),
            flow_run_id=ArtifactFilterFlowRunId(any_=[run.id for run in runs]),
        ),
        sort=ArtifactSort.CREATED_DESC,
        limit=1,
    )
    return artifacts[0].id if artifacts else None


def _tag(thing: Thing, name: str) -> str:
    return f"{thing}:{name}"
