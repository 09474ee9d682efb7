"""Broken twins: by which figure they are seen, and that what overlaps tells nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.inquiry import Twin
from tasks.scoring.measures import Measure, Training
from tasks.scoring.report import Analysis, ReportData, Run
from tasks.scoring.report.twins import Values, clearly_apart, measured_rows, split_by, twins_found
from tasks.scoring.report.vectors import AFTER

VALUES = st.lists(st.floats(-100, 100), min_size=1, max_size=5)
TWIN = Twin(of="at", twin="at-off", says="L_adv has no weight")

ROWS: Mapping[str, Mapping[Measure, Values]] = {
    "at": {Measure.G_XLT: [60.0, 61.0], Measure.CONFUSION: [0.01, 0.02], Measure.STEPS: [10.0, 10.0]},
    "at-off": {Measure.G_XLT: [60.5, 59.5], Measure.CONFUSION: [1.9, 2.0], Measure.STEPS: [99.0, 99.0]},
}


@given(VALUES, VALUES, st.floats(0, 10))
def test_who_is_sound_does_not_matter(one: list[float], other: list[float], resolution: float) -> None:
    """Law: clearly_apart is symmetric, and sets that share a value are never apart."""
    assert clearly_apart(one, other, resolution) == clearly_apart(other, one, resolution)
    assert not clearly_apart(one, [*other, one[0]], resolution)
    assert split_by(0.0, one, other) == split_by(0.0, other, one)


@given(VALUES, VALUES)
def test_a_bound_between_leaves_none_on_the_wrong_side(one: list[float], other: list[float]) -> None:
    """Law: where the sets do not touch, the lowest value of the higher one is a bound."""
    bound = min(other)
    assert split_by(bound, one, other) == (max(one) < bound)


def test_the_clearest_figure_tells_where_the_plan_names_none() -> None:
    (found,) = twins_found(ROWS, [TWIN])
    assert found.telling is not None
    assert found.telling.measure is Measure.CONFUSION
    assert found.telling.apart
    assert [(one.measure, one.apart) for one in found.others] == [(Measure.G_XLT, False)]


def test_the_plans_figure_and_bound_decide() -> None:
    """A bound between the two tells them apart, one beside them does not, whatever the gap."""
    named = replace(TWIN, figure=Measure.G_XLT)
    assert [one.telling and one.telling.apart for one in twins_found(ROWS, [named])] == [False]
    for bound, apart in ((0.1, True), (0.015, False), (3.0, False)):
        (found,) = twins_found(ROWS, [replace(TWIN, figure=Measure.CONFUSION, bound=bound)])
        assert found.telling is not None
        assert found.telling.apart is apart


def test_a_figure_that_was_not_measured_tells_nothing() -> None:
    (found,) = twins_found(ROWS, [replace(TWIN, figure=Measure.RETRIEVAL)])
    assert found.telling is None
    assert {one.measure for one in found.others} == {Measure.G_XLT, Measure.CONFUSION}
    (gone,) = twins_found(ROWS, [replace(TWIN, twin="no-such-row")])
    assert (gone.telling, gone.others) == (None, [])


def test_every_measure_of_a_run_is_found(several: Analysis, make_run: Callable[..., Run]) -> None:
    training = Training(rows=7, steps=2, seconds=1.0, losses={"similarity": [(2, 0.25)]})
    data: ReportData = replace(
        several.data, runs=[replace(run, training=training) for run in several.data.runs]
    )
    rows = measured_rows(data, several.invariance)
    assert rows["tq"][Measure.G_XLT] == pytest.approx([100.0, 50.0])
    assert rows["tq"][Measure.AGREEMENT] == [100.0, 100.0]
    assert rows["tq"][Measure.SIMILARITY] == [0.25, 0.25]
    assert Measure.RETRIEVAL not in rows["tq"]
    inside = several.invariance["ZS, seed 1"][AFTER]
    assert rows["zs"][Measure.RETRIEVAL] == [100 * inside.retrieval.accuracy]
    assert rows["zs"][Measure.ROWS] == [7.0]
