"""What a Prefect server does by itself for this project, as automations that `silverspan deploy` makes and renews."""

from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

HEARTBEAT_S = 30
"""Seconds between two signs of life of a run: the least that Prefect takes; `prefect.yaml` sets it for all runs."""

SILENCE = timedelta(seconds=4 * HEARTBEAT_S)
"""So long a run may say nothing: with less, one whose machine is merely busy would be started a second time."""

ENDED = {"Completed", "Failed", "Cancelled", "Cancelling", "Crashed", "Paused", "Suspended"}
"""States after which a run owes nobody a sign of life."""


def taken_up() -> AutomationCore:
    """A run that fell silent, because its worker or the whole machine died, is scheduled again.

    Steps that were done are found, and a training goes on from its last checkpoint.
    https://docs.prefect.io/v3/advanced/detect-zombie-flows
    """
    heartbeat = "prefect.flow-run.heartbeat"
    return AutomationCore(
        name="silverspan: take up lost runs",
        description="A run whose worker died is scheduled again; what it had done is kept.",
        trigger=EventTrigger(
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            # A run within a run has no deployment: it is begun again by the one that it is in.
            match_related=ResourceSpecification({"prefect.resource.id": "prefect.deployment.*"}),
            for_each={"prefect.resource.id"},
            after={heartbeat},
            expect={heartbeat} | {f"prefect.flow-run.{state}" for state in ENDED},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
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


def renew(client: SyncPrefectClient, wanted: AutomationCore) -> None:
    """Make an automation, or make the one of that name what it should be; whether it is switched on is kept."""
    found = client.read_automations_by_name(wanted.name)
    if not found:
        client.create_automation(wanted)
        return
    kept = wanted.model_copy(update={"enabled": found[0].enabled})
    client.update_automation(found[0].id, kept)
