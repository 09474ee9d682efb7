"""Standing orders: what a server watches by the clock, and builds anew when it has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, NoSchedule, RRuleSchedule
from prefect.exceptions import ObjectNotFound
from pydantic import ValidationError

from flows.orders import SilverOrder
from storage.errors import UsageError

WATCH, REBUILD = "watch-engine/by-schedule", "rebuild-silver/on-change"

ENTRYPOINTS = {"flows.watch.watch_engine": WATCH, "flows.rebuild.rebuild_silver": REBUILD}
"""The deployments of `prefect.yaml` that a standing order fills in, by what they run."""

NIGHTLY = "0 3 * * *"


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """The silver data that is to be kept up to date, and when its engines are looked at (cron, in UTC).

    What `silver` does not set stays as the server knows it; so does the time where `cron` is empty.

    Raises:
        UsageError: the cron expression is none.
    """

    silver: SilverOrder
    cron: str = ""

    def __post_init__(self) -> None:
        try:
            CronSchedule(cron=self.cron or NIGHTLY)
        except ValidationError as error:
            raise UsageError(
                f"--cron {self.cron!r} is no cron expression; write one such as {NIGHTLY!r}."
            ) from error

    def parameters(self, name: str, known: Mapping[str, Any]) -> dict[str, Any]:
        """What a deployment is told of it; bounds, alarms and whatever else it knew already stay."""
        given = self.silver.model_dump(mode="json", exclude_unset=True)
        if name == WATCH:
            return {**known, **{key: given[key] for key in ("languages", "engine") if key in given}}
        whole = self.silver.model_dump(mode="json")
        return {**known, "order": {**(known.get("order") or whole), **given}}


def filled_in(
    client: SyncPrefectClient, deployments: list[dict[str, Any]], order: StandingOrder | None
) -> list[dict[str, Any]]:
    """The deployments of a file with the standing order, or, where none is given, with the one that there is.

    What a person changed in the UI is part of the one that there is.
    """
    return [
        _filled(deployment, ENTRYPOINTS[deployment["entrypoint"]], client, order)
        if deployment["entrypoint"] in ENTRYPOINTS
        else deployment
        for deployment in deployments
    ]


def known_deployment(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    """The deployment of that name, if the server has one."""
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _filled(
    deployment: dict[str, Any], name: str, client: SyncPrefectClient, order: StandingOrder | None
) -> dict[str, Any]:
    known = known_deployment(client, name)
    before, places = (known.parameters if known else {}), deployment["parameters"]
    parameters = {**(order.parameters(name, before) if order else before), **places}
    schedules = _schedules(known) or deployment.get("schedules", [])
    if order and name == WATCH:
        # An order is one to watch: its clock goes.
        given = [{"cron": order.cron, "timezone": "UTC"}] if order.cron else schedules
        schedules = [{**schedule, "active": True} for schedule in given]
    return {**deployment, "parameters": parameters, "schedules": schedules}


def _schedules(known: DeploymentResponse | None) -> list[dict[str, Any]]:
    """The schedules of the server as a file tells of them."""
    return [
        {**_when(s.schedule), "timezone": s.schedule.timezone, "active": s.active}
        for s in (known.schedules if known else ())
        if not isinstance(s.schedule, NoSchedule)
    ]


def _when(schedule: CronSchedule | IntervalSchedule | RRuleSchedule) -> dict[str, Any]:
    if isinstance(schedule, CronSchedule):
        return {"cron": schedule.cron}
    if isinstance(schedule, RRuleSchedule):
        return {"rrule": schedule.rrule}
    seconds = schedule.interval.total_seconds()
    return {"interval": seconds, "anchor_date": schedule.anchor_date.isoformat()}
