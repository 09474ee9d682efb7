"""Operations counted by hand, and what a device manages."""

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from model.flops import peak_flops, step_flops
from model.spec import Precision


def test_the_operations_of_a_bert_are_those_of_its_matrices() -> None:
    """2 layers of 4 d^2 + 2 d f weights, and the two heads; attention is 4 T^2 d in each layer."""
    d, f, layers = 8, 20, 2
    config = BertConfig(
        vocab_size=30, hidden_size=d, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=f
    )
    count = step_flops(BertForQuestionAnswering(config))
    weights = layers * (4 * d * d + 2 * d * f) + 2 * d
    expected = sum(3 * (2 * weights * tokens + layers * 4 * tokens**2 * d) for tokens in (5, 7))
    assert count(np.array([5, 7])) == expected


@pytest.mark.parametrize("precision", Precision)
def test_a_device_manages_something(precision: Precision, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.flops.PEAK_SIZE", {"cpu": 64})
    assert peak_flops(torch.device("cpu"), precision) > 0
