"""What a Prefect server does by itself for this project, as automations that `silverspan deploy` makes and renews."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.automations import AutomationCore, EventTrigger, Posture, RunDeployment
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.events import ResourceSpecification

from storage.downloads.urls import shown
from tasks.watching import CHANGED, RESOURCE, STORE_LABEL

REBUILD_ON_CHANGE = "silverspan: rebuild when an engine changes"
TAKE_UP = "silverspan: take up lost runs"

HEARTBEAT_S = 30
"""Seconds between two signs of life of a run: the least that Prefect takes; `prefect.yaml` sets it for all runs."""

SILENCE = timedelta(seconds=10 * HEARTBEAT_S)
"""So long a run may say nothing by default: with less, one whose machine is merely busy might be started twice."""

LEAST_SILENCE = timedelta(seconds=2 * HEARTBEAT_S)
"""With less, the next sign of life of a run that is well could come too late."""

MOST_SILENCE = timedelta(days=1)
"""With more, nobody would be helped."""

TAG = "silverspan"
"""The tag of every deployment of the project, and of nothing else."""

ENDED = {"Completed", "Failed", "Cancelled", "Cancelling", "Crashed", "Paused", "Suspended"}
"""States after which a run owes nobody a sign of life."""


def rebuild_on_change(deployment_id: UUID, store: str, name: str = REBUILD_ON_CHANGE) -> AutomationCore:
    """Start a deployment of `rebuild-silver` for exactly the languages that an engine's change is about.

    Args:
        deployment_id: the deployment; its own parameters say what the silver data is made of.
        store: the store that is watched and rebuilt; changes that another store tells of start nothing.
        name: what the automation is called.
    """
    return AutomationCore(
        name=name,
        description="Translate anew the languages whose engine has changed, and put the result in place.",
        trigger=EventTrigger(
            expect={CHANGED},
            match={"prefect.resource.id": f"{RESOURCE}.*", STORE_LABEL: shown(store)},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[
            RunDeployment(
                source="selected",
                deployment_id=deployment_id,
                parameters={"changed": _of_event("languages")},
                job_variables=None,
            )
        ],
    )


def taken_up(silence: timedelta = SILENCE) -> AutomationCore:
    """A run that says nothing for so long, because its worker or the whole machine died, is scheduled again.

    Steps that were done are found, and a training goes on from its last checkpoint, where the machine that takes it
    up sees the results and the working folder of the one that is lost.
    https://docs.prefect.io/v3/advanced/detect-zombie-flows
    """
    heartbeat = "prefect.flow-run.heartbeat"
    return AutomationCore(
        name=TAKE_UP,
        description="A run whose worker died is scheduled again; what it had done is kept.",
        trigger=EventTrigger(
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            # Runs of other projects tell of themselves at other times. And a run within a run has no deployment: it is
            # begun again by the one that it is in.
            match_related=[
                ResourceSpecification({"prefect.resource.id": "prefect.deployment.*"}),
                ResourceSpecification({"prefect.resource.id": f"prefect.tag.{TAG}"}),
            ],
            for_each={"prefect.resource.id"},
            after={heartbeat},
            expect={heartbeat} | {f"prefect.flow-run.{state}" for state in ENDED},
            posture=Posture.Proactive,
            threshold=1,
            within=silence,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.SCHEDULED,
                name="AwaitingRetry",
                message="Its worker gave no sign of life.",
                force=False,
            )
        ],
    )


def put_automation(automation: AutomationCore) -> UUID:
    """Create an automation, or bring the one of its name up to date, switched on or off as it is; returns its id."""
    with get_client(sync_client=True) as client:
        for known in client.read_automations_by_name(automation.name):
            kept = automation.model_copy(update={"enabled": known.enabled})
            client.update_automation(known.id, kept)
            return known.id
        return client.create_automation(automation)


def known_silence(client: SyncPrefectClient) -> timedelta | None:
    """How long the server lets a run say nothing, where it has been told."""
    for known in client.read_automations_by_name(TAKE_UP):
        if isinstance(known.trigger, EventTrigger):
            return known.trigger.within
    return None


def _of_event(field: str) -> dict[str, Any]:
    """A parameter whose value is a field of the event's payload, lists and all."""
    template = "{{ event.payload." + field + " | tojson }}"
    return {"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": template}}
