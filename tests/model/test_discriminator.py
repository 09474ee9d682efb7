"""The discriminator's shape."""

import torch

from model.discriminator import make_discriminator


def test_it_has_two_hidden_layers_four_times_as_wide_as_the_encoder() -> None:
    discriminator = make_discriminator(1536, 768, 6)
    shapes = [tuple(layer.weight.shape) for layer in discriminator if isinstance(layer, torch.nn.Linear)]
    assert shapes == [(3072, 1536), (3072, 3072), (6, 3072)]
    assert [type(layer) for layer in discriminator[1::2]] == [torch.nn.ReLU, torch.nn.ReLU]


def test_its_weights_follow_from_the_seed() -> None:
    torch.manual_seed(0)
    one = make_discriminator(8, 8, 2)
    torch.manual_seed(0)
    other = make_discriminator(8, 8, 2)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
