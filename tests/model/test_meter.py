"""Curves, speed, and the end of a training whose numbers are none."""

import math

import pytest
import torch

from model.errors import DivergedError
from model.meter import Figures, Meter, Work
from model.progress import Progress, ignore

WORK = Work(windows=8, tokens=800, flops=1e6)


def add(meter: Meter, loss: float, windows: int = 8, **more: float) -> bool:
    losses = {name: torch.tensor(value) for name, value in {"loss": loss, **more}.items()}
    return meter.add(losses, WORK, windows)


@pytest.mark.parametrize(("value", "said"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")])
@pytest.mark.parametrize("name", ["loss", "gradient_norm"])
def test_a_figure_that_is_no_number_ends_the_training(name: str, value: float, said: str) -> None:
    meter = Meter(4, 2, ignore)
    add(meter, 1.0, gradient_norm=1.0)
    what = name.replace("_", " ")
    with pytest.raises(DivergedError, match=f"The {what} was {said} at step 2; lower the learning rate"):
        add(meter, **{"loss": 1.0, "gradient_norm": 1.0, name: value})


def test_a_checkpoint_between_points_is_not_written_on_bad_numbers() -> None:
    meter = Meter(100, 50, ignore)
    add(meter, 1.0)
    meter.stop()
    add(meter, math.nan)
    with pytest.raises(DivergedError, match="at step 2"):
        meter.stop()


def test_a_curve_has_about_a_hundred_points() -> None:
    meter = Meter(1050, 0, ignore)
    points = sum(add(meter, 1.0) for _ in range(1050))
    curve = meter.figures.curves["loss"]
    assert len(curve) == points == 105
    assert curve[-1] == (1050, 1.0)


def test_a_point_is_the_mean_over_windows_since_the_last() -> None:
    meter = Meter(4, 2, ignore)
    for loss, windows in ((1.0, 1), (4.0, 3), (2.0, 1), (2.0, 1)):
        add(meter, loss, windows)
    assert meter.figures.curves["loss"] == [(2, 3.25), (4, 2.0)]


def test_progress_has_speeds() -> None:
    events: list[Progress] = []
    meter = Meter(2, 1, events.append, peak_flops=1e12)
    add(meter, 1.0)
    assert events[0].samples_per_s
    assert events[0].tokens_per_s == pytest.approx(100 * events[0].samples_per_s, rel=1e-3)
    assert meter.mfu == pytest.approx(meter.samples_per_s * 1e6 / 8 / 1e12)


def test_an_interrupted_meter_goes_on_as_if_it_had_not_been() -> None:
    losses = [float(number) for number in range(10)]
    whole, part = Meter(10, 4, ignore), Meter(10, 4, ignore)
    for loss in losses:
        add(whole, loss)
    for loss in losses[:6]:
        add(part, loss)
    part.stop()
    other = Meter(10, 4, ignore)
    other.resume(6, Figures.from_json(part.figures.to_json()))
    for loss in losses[6:]:
        add(other, loss)
    assert other.figures.curves == whole.figures.curves
    assert other.figures.work.tokens == whole.figures.work.tokens
    assert other.figures.work.seconds > part.figures.work.seconds
