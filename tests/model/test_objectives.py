"""Equations against figures by hand, gradients and limits."""

import math

import pytest
import torch

from model.objectives.extraction import span_loss


def test_uniform_logits_cost_the_logarithm_of_the_length() -> None:
    zeros = torch.zeros(3, 5)
    loss = span_loss(zeros, zeros, torch.tensor([0, 1, 4]), torch.tensor([4, 2, 0]))
    assert loss.item() == pytest.approx(math.log(5))


def test_it_is_half_the_sum_of_both_ends_averaged_over_the_batch() -> None:
    start = torch.log(torch.tensor([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]]))
    end = torch.log(torch.tensor([[0.1, 0.1, 0.8], [0.6, 0.3, 0.1]]))
    loss = span_loss(start, end, torch.tensor([1, 2]), torch.tensor([2, 0]))
    by_hand = -(math.log(0.2) + math.log(0.8) + math.log(0.5) + math.log(0.6)) / 2 / 2
    assert loss.item() == pytest.approx(by_hand)


def test_a_certain_and_right_reader_costs_nothing_and_a_wrong_one_its_margin() -> None:
    logits = torch.tensor([[30.0, 0.0]])
    assert span_loss(logits, logits, torch.tensor([0]), torch.tensor([0])).item() == pytest.approx(
        0, abs=1e-6
    )
    assert span_loss(logits, logits, torch.tensor([1]), torch.tensor([1])).item() == pytest.approx(30)


def test_the_gradient_is_probability_less_truth() -> None:
    start = torch.tensor([[0.3, -1.2, 0.8], [2.0, 0.1, 0.0]], requires_grad=True)
    end = torch.zeros(2, 3, requires_grad=True)
    span_loss(start, end, torch.tensor([2, 0]), torch.tensor([1, 1])).backward()
    truth = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    torch.testing.assert_close(start.grad, (start.detach().softmax(-1) - truth) / 4)


def test_it_agrees_with_torch_where_nothing_is_ignored() -> None:
    generator = torch.Generator().manual_seed(0)
    start, end = torch.randn(2, 4, 9, generator=generator)
    first, last = torch.randint(9, (2, 4), generator=generator)
    expected = torch.nn.functional.cross_entropy(start, first) + torch.nn.functional.cross_entropy(end, last)
    torch.testing.assert_close(span_loss(start, end, first, last), expected / 2)


@pytest.mark.parametrize("position", [-100, -1, 4])
def test_a_position_outside_of_the_window_is_never_ignored(position: int) -> None:
    logits, good = torch.zeros(1, 4), torch.tensor([0])
    with pytest.raises(RuntimeError):
        span_loss(logits, logits, torch.tensor([position]), good)
    with pytest.raises(RuntimeError):
        span_loss(logits, logits, good, torch.tensor([position]))


def test_shapes_that_do_not_fit_are_refused() -> None:
    two, good = torch.zeros(2, 4), torch.zeros(2, dtype=torch.long)
    with pytest.raises(ValueError, match="logits"):
        span_loss(two, torch.zeros(2, 5), good, good)
    with pytest.raises(ValueError, match="logits"):
        span_loss(torch.zeros(4), torch.zeros(4), good, good)
    with pytest.raises(ValueError, match="positions"):
        span_loss(two, two, good, good[:1])
