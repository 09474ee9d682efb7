"""The discriminator of languages that AT trains a reader against (Sec. 3.2, Sec. 4.2)."""

from itertools import pairwise

import torch

HIDDEN_LAYERS = 2
HIDDEN_FACTOR = 4
"""Its hidden layers are so many times as wide as the encoder: 768 * 4 for the paper's."""


def make_discriminator(width: int, hidden_size: int, languages: int) -> torch.nn.Sequential:
    """A multilayer perceptron from questions' vectors (B, width) to language logits (B, K).

    Two hidden layers of `4 * hidden_size` units (Sec. 4.2). The activation is ReLU, which the paper leaves open.
    Weights are drawn from torch's global generator.
    """
    inner = HIDDEN_FACTOR * hidden_size
    widths = [width, *[inner] * HIDDEN_LAYERS]
    layers: list[torch.nn.Module] = []
    for before, after in pairwise(widths):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(inner, languages))
