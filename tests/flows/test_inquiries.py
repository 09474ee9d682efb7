"""What a plan asks of its reports, and the knobs of a world as they are disclosed."""

from typing import Any

from pydantic import BaseModel, Field

from flows.inquiries import inquiry_of, knobs_of
from flows.plan import Plan
from tasks.scoring.inquiry import Inquiry, Knob

PLAN: dict[str, Any] = {
    "title": "t",
    "seeds": [1],
    "silver": {"s": {"languages": ["es"], "engine": "sample"}},
    "training": {"preset": "tiny"},
    "systems": [{"system": "zs"}, {"system": "tq", "name": "mine", "says": "my own", "languages": ["es"]}],
    "benchmarks": [{"benchmark": "mlqa", "data": "sample"}],
    "claims": [{"says": "c", "better": "mine", "than": "zs", "paper": 9.2}],
    "twins": [{"of": "zs", "twin": "mine", "says": "t", "figure": "retrieval", "bound": 10}],
    "price": {"x": "share", "lines": [{"name": "l", "points": [[0.24, "mine"]]}]},
}


class Faults(BaseModel):
    lost: float = Field(0.25, description="Share of lost marks.")


class Knobs(BaseModel):
    languages: list[str] = ["qaa", "qab"]
    faults: Faults = Faults()
    alignment: float = Field(0.3, description="rho.")


def test_every_knob_is_told_with_its_value_and_meaning() -> None:
    assert list(knobs_of(Knobs())) == [
        Knob(name="languages", value="qaa, qab"),
        Knob(name="faults.lost", value="0.25", meaning="Share of lost marks."),
        Knob(name="alignment", value="0.3", meaning="rho."),
    ]


def test_a_plan_is_asked_as_it_says() -> None:
    asked = inquiry_of(Plan.model_validate(PLAN), {"small": Knobs()})
    assert [(row.row, row.system, row.says, row.languages) for row in asked.rows] == [
        ("zs", "zs", "", ()),
        ("mine", "tq", "my own", ("es",)),
    ]
    assert [world.name for world in asked.worlds] == ["small"]
    assert asked.claims[0].paper == 9.2
    assert asked.twins[0].bound == 10
    assert asked.price is not None
    assert asked.price.lines[0].points == ((0.24, "mine"),)
    assert Inquiry.from_json(asked.to_json()) == asked


def test_a_plan_survives_what_prefect_makes_of_it() -> None:
    plan = Plan.model_validate(PLAN)
    assert Plan.model_validate(plan.model_dump(mode="json")) == plan


def test_the_form_of_a_deployment_says_what_the_fields_are_for() -> None:
    claim = Plan.model_json_schema()["$defs"]["Claim"]["properties"]
    assert claim["than"]["description"] == "The row that it is said to be better than."
