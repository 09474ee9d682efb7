"""Curves at their end, and what a training is measured by."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.measures import ABOUT, CURVES, Measure, Training, at_the_end

VALUES = st.lists(st.floats(-10, 10), min_size=1, max_size=200)


@given(VALUES, st.integers(1, 100))
def test_of_single_steps_it_is_the_mean_of_the_last(values: list[float], steps: int) -> None:
    """Law: with a point for each step, at_the_end(curve, n) == mean of the last n values."""
    curve = list(enumerate(values, 1))
    assert at_the_end(curve, steps) == pytest.approx(fmean(values[-steps:]), abs=1e-9)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20), st.floats(-10, 10), st.integers(1, 100))
def test_an_even_curve_has_one_level(lengths: list[int], level: float, steps: int) -> None:
    """Law: wherever the points lie, a curve of one value has that value at its end."""
    curve = [(sum(lengths[: place + 1]), level) for place in range(len(lengths))]
    assert at_the_end(curve, steps) == pytest.approx(level)


def test_a_point_counts_by_its_part_of_the_last_steps() -> None:
    """Of steps 51 to 100 the first point has 10, the second 40."""
    assert at_the_end([(60, 1.0), (100, 2.0)]) == pytest.approx((10 * 1.0 + 40 * 2.0) / 50)


def test_a_training_is_measured_by_its_curves() -> None:
    losses = {
        "adversarial": [(50, 0.5), (100, 0.01)],
        "discriminator_accuracy": [(100, 0.25)],
        "qa": [(100, 1.0)],
    }
    found = Training(rows=1200, steps=100, seconds=3.0, losses=losses).measures()
    assert found == {
        Measure.CONFUSION: 0.01,
        Measure.CONFUSION_PEAK: 0.5,
        Measure.DISCRIMINATOR: 25.0,
        Measure.ROWS: 1200.0,
        Measure.STEPS: 100.0,
    }


def test_every_measure_is_told_about() -> None:
    assert ABOUT.keys() == set(Measure)
    assert all(about.title and about.meaning and about.resolution > 0 for about in ABOUT.values())
    assert len({measure for measure, _ in CURVES.values()}) == len(CURVES)
