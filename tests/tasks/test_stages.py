"""What the work took is told again by a run that finds it done."""

from collections.abc import Callable
from functools import partial

import pytest
from prefect import flow

from storage.store import Store
from tasks.scoring.report import Stage
from tasks.stages import Watch, totals

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect")]


@flow(name="stages", persist_result=False, validate_parameters=False)
def timed(store: Store, outcomes: list[str], clock: Callable[[], float]) -> list[Stage]:
    """A stage with each of these outcomes, every time by a new watch."""
    told = []
    for outcome in outcomes:
        watch = Watch(store, clock)
        assert watch.first("build", partial(str, outcome), lambda made: [made]) == outcome
        told += watch.stages
    return told


def test_what_was_made_before_keeps_its_seconds(store: Store) -> None:
    """The second run of a stage finds it done; another outcome is timed by itself."""
    ticks = iter([0.0, 2.0, 10.0, 10.5, 20.0, 23.0])
    told = timed(store, ["a", "a", "b"], lambda: next(ticks))
    assert told == [Stage(name="build", times=1, seconds=seconds) for seconds in (2.0, 2.0, 3.0)]


def test_stages_of_one_name_are_added_up() -> None:
    one, other = Stage(name="a", times=1, seconds=1.5), Stage(name="b", times=2, seconds=1.0)
    assert totals([one, other, one]) == [Stage(name="a", times=2, seconds=3.0), other]
