"""A real Prefect server is told of the project: pools, deployments, forms; twice is as good as once."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId

from flows.applying import declared
from flows.automations import REBUILD_ON_CHANGE, SILENCE, known_silence
from flows.cli import run
from flows.deployment import anywhere, deploy
from flows.standing import REBUILD, WATCH

pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture(scope="module")
def client(prefect: None) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture(scope="module")
def told(client: SyncPrefectClient) -> dict[str, Any]:
    return deploy("some/where", "")


def test_deploying_twice_changes_nothing(
    client: SyncPrefectClient, told: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert told["pools"] == told["made"] == ["cpu", "gpu"]
    assert len(told["deployments"]) == len(declared()["deployments"])
    client.update_work_pool("gpu", work_pool=WorkPoolUpdate(concurrency_limit=3))
    before = snapshot(client, told["deployments"])
    assert run(["--store", "some/where", "deploy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {**told, "made": []}
    assert snapshot(client, told["deployments"]) == before
    assert client.read_work_pool("gpu").concurrency_limit == 3


def snapshot(client: SyncPrefectClient, names: list[str]) -> list[Any]:
    """What each deployment is, without the times at which it was made so."""
    found = [client.read_deployment_by_name(name) for name in names]
    fields = {
        "id",
        "parameters",
        "tags",
        "work_pool_name",
        "parameter_openapi_schema",
        "schedules",
        "entrypoint",
    }
    return [
        deployment.model_dump(
            mode="json", include=fields, exclude={"schedules": {"__all__": {"id", "created", "updated"}}}
        )
        for deployment in found
    ]


def test_every_form_explains_itself(client: SyncPrefectClient, told: dict[str, Any]) -> None:
    """Each parameter has a sentence, and what has few values is a choice among them."""
    for name in told["deployments"]:
        deployment = client.read_deployment_by_name(name)
        assert deployment.description
        assert "Args:" not in deployment.description
        schema = deployment.parameter_openapi_schema
        mute = [field for field, spec in schema["properties"].items() if not spec.get("description")]
        assert mute == [], name
    build = client.read_deployment_by_name("build-silver/on-demand").parameter_openapi_schema
    assert build["definitions"]["Rule"]["enum"] == ["best", "paper"]
    assert "silverspan" in client.read_deployment_by_name("build-silver/on-demand").tags


def test_runs_keep_everything_in_one_place(client: SyncPrefectClient, told: dict[str, Any]) -> None:
    """A worker runs in another folder: what was a relative path is none any more."""
    for name in told["deployments"]:
        assert client.read_deployment_by_name(name).parameters["store"] == anywhere("some/where")
    assert anywhere("some/where").startswith("/")


def test_a_standing_order_is_watched_by_the_clock_and_kept_until_there_is_another(
    client: SyncPrefectClient, told: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """And a change that a person made in the UI is part of what is kept."""
    given = ("--languages", "es,ca", "--engine", "apertium", "--cron", "5 4 * * 1")
    assert run(["--store", "some/where", "deploy", *given]) == 0
    watch, rebuild = (client.read_deployment_by_name(name) for name in (WATCH, REBUILD))
    assert watch.parameters == {
        "languages": ["es", "ca"],
        "engine": "apertium",
        "store": anywhere("some/where"),
        "memory": "",
    }
    assert [(s.schedule.cron, s.active) for s in watch.schedules] == [("5 4 * * 1", True)]
    assert rebuild.parameters["order"]["languages"] == ["es", "ca"]
    changed = {**rebuild.parameters, "max_loss": 0.5, "memory": "/else/where.sqlite"}
    changed["order"] = {**changed["order"], "budget": "20USD"}
    client.update_deployment(rebuild.id, DeploymentUpdate(parameters=changed))
    assert run(["--store", "some/where", "deploy"]) == 0
    watch.parameters["memory"] = changed["memory"]
    again = [client.read_deployment_by_name(name) for name in (WATCH, REBUILD)]
    assert [(s.schedule.cron, s.active) for s in again[0].schedules] == [("5 4 * * 1", True)]
    assert (again[0].parameters, again[1].parameters) == (watch.parameters, changed)
    assert run(["--store", "some/where", "deploy", "--languages", "es,ca,pt"]) == 0
    wider = client.read_deployment_by_name(REBUILD).parameters
    assert wider == {**changed, "order": {**changed["order"], "languages": ["es", "ca", "pt"]}}
    (automation,) = client.read_automations_by_name(REBUILD_ON_CHANGE)
    assert automation.actions[0].deployment_id == rebuild.id


def test_the_server_can_start_runs_by_the_clock(client: SyncPrefectClient, told: dict[str, Any]) -> None:
    """What its scheduler does every few seconds; with an SQLAlchemy not made for it, it fails without a word."""
    assert run(["--store", "some/where", "deploy", "--languages", "es", "--cron", "5 4 * * *"]) == 0
    watch = client.read_deployment_by_name(WATCH)
    client.request("POST", f"/deployments/{watch.id}/schedule", json={"min_runs": 2})
    due = client.read_flow_runs(deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[watch.id])))
    assert {(one.auto_scheduled, f"{one.expected_start_time:%H:%M}") for one in due} == {(True, "04:05")}


def test_how_long_a_run_may_say_nothing_is_set_once(
    client: SyncPrefectClient, told: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    deploying = ["--store", "some/where", "deploy"]
    assert known_silence(client) == SILENCE
    for options in (["--silence-minutes", "2.5"], []):
        assert run([*deploying, *options]) == 0
        assert known_silence(client) == timedelta(minutes=2.5)
    assert run([*deploying, "--silence-minutes", "0.5"]) == 2
    assert "runs give a sign of life every 30 seconds; give 1 to 1440" in capsys.readouterr().err


def test_it_tells_how_it_goes(told: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error: it takes tens of seconds, and what is for scripts stands alone on standard output."""
    assert run(["--store", "some/where", "deploy", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["deployments"] == told["deployments"]
    server, pools, *deployments, automations = err.splitlines()
    assert server.startswith("Asking the Prefect server at http://")
    assert (pools, automations) == ("Work pools: cpu, gpu", f"Automations: {', '.join(told['automations'])}")
    total = len(told["deployments"])
    assert sorted(line.partition(": ")[2] for line in deployments) == told["deployments"]
    assert [line.partition(": ")[0] for line in deployments] == [
        f"Deployment {i} of {total}" for i in range(1, total + 1)
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--cron", "5 4 * * *"), "A standing order names its languages"),
        (("--languages", "es", "--cron", "at noon"), "--cron 'at noon' is no cron expression"),
        (("--languages", "es", "--engine", "gogle"), "Unknown engine 'gogle'"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["deploy", *options]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ("--memory", "postgresql+psycopg://me:secret@host/db"),
        ("--memory", "postgresql+psycopg://me@host/db?password=secret"),
        ("--memory", "postgresql://me:secret[@host/db"),
        ("--store", "sftp://me:secret@host/silver"),
    ],
)
def test_a_password_is_not_shown_to_all(options: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deploy", *options]) == 2
    said = capsys.readouterr().err
    assert "leave it out of the URL, and start the workers with PGPASSWORD" in said
    assert "secret" not in said


def test_an_unknown_kind_of_pool_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deploy", "--pools", "moon"]) == 2
    assert "choose one of: kubernetes, process" in capsys.readouterr().err
