"""Eqs. 3 and 4 against figures by hand, gradients and limits."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.objectives.adversarial import confusion_loss, discriminator_loss


def test_the_discriminators_loss_is_the_cross_entropy_of_the_language() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]))
    loss = discriminator_loss(logits, torch.tensor([1, 2]))
    assert loss.item() == pytest.approx(-(math.log(0.3) + math.log(0.8)) / 2)


def test_its_gradient_is_probability_less_truth() -> None:
    logits = torch.tensor([[0.4, -1.0, 0.3], [2.0, 0.0, -0.5]], requires_grad=True)
    discriminator_loss(logits, torch.tensor([2, 0])).backward()
    truth = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    torch.testing.assert_close(logits.grad, (logits.detach().softmax(-1) - truth) / 2)


def test_a_discriminator_that_knows_costs_nothing_and_one_at_chance_log_k() -> None:
    sure = torch.tensor([[40.0, 0.0, 0.0]])
    assert discriminator_loss(sure, torch.tensor([0])).item() == pytest.approx(0, abs=1e-6)
    assert discriminator_loss(torch.zeros(4, 6), torch.arange(4)).item() == pytest.approx(math.log(6))


def test_the_confusion_is_the_divergence_from_uniform() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25], [0.8, 0.1, 0.1]]))
    by_hand = [sum(math.log(1 / 3 / p) / 3 for p in row) for row in ((0.5, 0.25, 0.25), (0.8, 0.1, 0.1))]
    assert confusion_loss(logits).item() == pytest.approx(sum(by_hand) / 2)


def test_it_agrees_with_torch() -> None:
    logits = torch.randn(5, 6, generator=torch.Generator().manual_seed(0))
    uniform = torch.full_like(logits, 1 / 6)
    expected = torch.nn.functional.kl_div(logits.log_softmax(-1), uniform, reduction="batchmean")
    torch.testing.assert_close(confusion_loss(logits), expected)


def test_its_gradient_leads_towards_chance() -> None:
    logits = torch.tensor([[0.4, -1.0, 0.3], [2.0, 0.0, -0.5]], requires_grad=True)
    confusion_loss(logits).backward()
    torch.testing.assert_close(logits.grad, (logits.detach().softmax(-1) - 1 / 3) / 2)


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=8))
def test_it_is_zero_where_the_discriminator_is_at_chance_and_only_there(values: list[float]) -> None:
    """Law: L_adv >= 0; it is 0 for equal logits, and positive as soon as two differ."""
    logits = torch.tensor([values], dtype=torch.float32)
    loss = confusion_loss(logits).item()
    assert confusion_loss(torch.full_like(logits, values[0])).item() == pytest.approx(0, abs=1e-5)
    assert loss > -1e-5
    if max(values) - min(values) > 0.05:
        assert loss > 1e-5


def test_half_precision_logits_lose_nothing() -> None:
    logits = torch.randn(64, 6, generator=torch.Generator().manual_seed(0)).bfloat16()
    assert confusion_loss(logits).dtype == torch.float32
    torch.testing.assert_close(confusion_loss(logits), confusion_loss(logits.float()))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="language_logits"):
        confusion_loss(torch.zeros(3))
    with pytest.raises(ValueError, match="languages"):
        discriminator_loss(torch.zeros(3, 2), torch.zeros(2, dtype=torch.long))
