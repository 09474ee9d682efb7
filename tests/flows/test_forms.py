"""The forms of Prefect's UI: what can be chosen is offered, and everything is explained."""

from typing import Any

import pytest

from flows.build import build_silver
from flows.chain import silver_reader
from flows.challenge import challenge_champion
from flows.evaluate import evaluate_reader
from flows.rebuild import rebuild_silver
from flows.reproduce import reproduce
from flows.train import train_reader
from flows.watch import watch_engine
from model.systems import SYSTEMS

DEPLOYED = [
    build_silver,
    train_reader,
    evaluate_reader,
    silver_reader,
    reproduce,
    watch_engine,
    rebuild_silver,
    challenge_champion,
]


def schema(flow: Any) -> dict[str, Any]:
    found: dict[str, Any] = flow.parameters.model_dump()
    return found


@pytest.mark.parametrize("flow", DEPLOYED, ids=lambda flow: flow.name)
def test_every_field_is_explained(flow: Any) -> None:
    assert [name for name, field in schema(flow)["properties"].items() if not field.get("description")] == []


@pytest.mark.parametrize("flow", [train_reader, silver_reader])
def test_systems_are_offered(flow: Any) -> None:
    assert schema(flow)["properties"]["system_name"]["enum"] == list(SYSTEMS)


@pytest.mark.parametrize("flow", [rebuild_silver, challenge_champion])
def test_a_challenge_offers_systems_and_splits(flow: Any) -> None:
    fields = schema(flow)["definitions"]["Challenge"]["properties"]
    assert fields["system_name"]["enum"] == list(SYSTEMS)
    assert fields["split"]["enum"] == ["test", "dev"]


@pytest.mark.parametrize("flow", DEPLOYED, ids=lambda flow: flow.name)
def test_lists_are_lists(flow: Any) -> None:
    """A list that may also be nothing is drawn as a choice between two types, none of which says what it is for."""
    lists = [field for field in schema(flow)["properties"].values() if "array" in str(field)]
    assert [field for field in lists if field.get("type") != "array"] == []
