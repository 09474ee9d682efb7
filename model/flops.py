"""How much arithmetic a training step needs, and how much the device could do: the share of it that is used.

Model FLOPs utilisation (MFU), after Chowdhery et al. 2022 (PaLM, appendix B): the operations that the model needs
for its tokens, by the seconds that it took and the operations that the device manages in a second.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from model.spec import Precision
from model.texts import Ints

PEAK_SIZE = {"cpu": 1024, "cuda": 8192}
"""Rows of the square matrices that are multiplied to find out what a device manages."""

PEAK_S = 0.1
"""Seconds that this goes on for, at least."""

PEAK_TRIES = 10
"""Products, at least: on a busy machine most of them are interrupted, and the fastest counts."""


def step_flops(network: Any) -> Callable[[Ints], float]:
    """A function of windows' lengths: operations of one forward and one backward pass over so many real tokens each.

    Two for each weight of a linear layer and token, four for each pair of positions and hidden unit of a layer
    (queries with keys, probabilities with values), and the backward pass is twice the forward pass. Padding counts
    as nothing, and passes beyond the first are not counted: what an algorithm spends on them lowers its share.
    """
    linear = (module for module in network.modules() if isinstance(module, torch.nn.Linear))
    weights: int = sum(module.weight.numel() for module in linear)
    attended: int = network.config.num_hidden_layers * network.config.hidden_size

    def count(lengths: Ints) -> float:
        tokens, squares = float(lengths.sum()), float(np.square(lengths).sum())
        return 3.0 * (2 * weights * tokens + 4 * attended * squares)

    return count


def peak_flops(device: torch.device, precision: Precision) -> float:
    """Operations per second of a large matrix product on this device, as measured now."""
    kind = torch.bfloat16 if precision is Precision.BFLOAT16 else torch.float32
    size = PEAK_SIZE.get(device.type, PEAK_SIZE["cpu"])
    left = torch.randn(
        size, size, device=device, dtype=kind, generator=torch.Generator(device).manual_seed(0)
    )
    right = left.t().contiguous()
    # The first product also pays for choosing a kernel.
    _product_s(left, right)
    taken, until = [_product_s(left, right)], time.perf_counter() + PEAK_S
    while len(taken) < PEAK_TRIES or time.perf_counter() < until:
        taken.append(_product_s(left, right))
    return 2 * size**3 / min(taken)


def _product_s(left: torch.Tensor, right: torch.Tensor) -> float:
    began = time.perf_counter()
    torch.mm(left, right)
    if left.is_cuda:
        torch.cuda.synchronize(left.device)
    return time.perf_counter() - began
