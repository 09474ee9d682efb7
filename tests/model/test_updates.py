"""One optimizer step: clipped, decayed, and for its own parameters alone."""

import pytest
import torch

from model.schedules.updates import make_update, rate_factor, rate_schedule


def test_an_update_clips_the_gradient_and_says_how_long_it_was() -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
    update = make_update([weight], 0.1, 0.0)
    norm = update.apply(update.gradients((1000 * weight).sum()), 1)
    assert norm.item() == pytest.approx(1000 * 2**0.5)
    # Adam's first step is as long as its rate, whatever the gradient.
    torch.testing.assert_close(weight.detach(), torch.full((2,), 0.9))
    moments = update.optimizer.state[weight]["exp_avg"]
    torch.testing.assert_close(moments, torch.full((2,), 0.1 * 0.5**0.5))


def test_a_parameter_that_a_loss_does_not_know_stays() -> None:
    used, unused = (torch.nn.Parameter(torch.ones(1)) for _ in range(2))
    update = make_update([used, unused], 0.1, 0.5)
    found = update.gradients(used.sum())
    assert found[1] is None
    update.apply(found, 1)
    assert used.item() < 1
    assert unused.item() == 1


def test_gradients_add_up() -> None:
    one, other = (torch.nn.Parameter(torch.ones(1)) for _ in range(2))
    update = make_update([one, other], 0.1, 0.0)
    found = update.gradients(2 * one.sum())
    found = update.gradients(3 * one.sum() + 5 * other.sum(), found)
    found = update.gradients(7 * other.sum(), found)
    assert [gradient.item() for gradient in found if gradient is not None] == [5, 12]


def test_no_gradient_is_left_behind() -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    bystander = torch.nn.Parameter(torch.ones(1))
    update = make_update([weight], 0.1, 0.0)
    update.apply(update.gradients((weight * bystander).sum()), 1)
    assert weight.grad is None
    assert bystander.grad is None


def test_the_average_may_change_what_is_applied() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    update = make_update([weight], 0.1, 0.0, lambda gradients, windows: gradients[0].fill_(-windows))
    assert update.apply(update.gradients(weight.sum()), 3).item() == 3
    assert weight.item() == pytest.approx(0.1)


def test_the_rate_rises_then_falls_to_zero() -> None:
    factors = [rate_factor(step, 10, 4) for step in range(11)]
    assert factors[3] == factors[4] == 1
    assert factors[:4] == sorted(factors[:4])
    assert factors[4:] == sorted(factors[4:], reverse=True)
    assert factors[10] == 0
    assert rate_factor(0, 1, 0) == 1
    assert rate_factor(1, 1, 1) == 0


def test_the_schedule_is_that_of_the_factors() -> None:
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.ones(1))], lr=2.0)
    schedule = rate_schedule(optimizer, 10, 0.2)
    rates = []
    for _ in range(10):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates == pytest.approx([2 * rate_factor(step, 10, 2) for step in range(10)])
