"""The network that a pre-training begins with: a BERT of two layers whose heads can already do two things.

Heads 0 and 1 of each layer attend to equal words, heads 2 and 3 to the left neighbour, whose word they add to the
token's. Learning that from nothing takes a network of this size minutes, in which all systems stay near guessing.
And what multilingual pre-training gives a large encoder is put in by hand: `rho` of the variance of a word's first
vector is its concept's, the same in all languages, the rest is the word's own.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from transformers import BertConfig, BertForQuestionAnswering

from model.vocabulary import MAX_TOKENS, SPECIALS

HIDDEN, HEADS, LAYERS = 64, 4, 2
SPREAD = 0.1
"""The standard deviation of new weights."""
QUIET = 0.03
"""The same of weights that must not drown the built-in heads."""
SHARPNESS = 1.2
"""The entries of a built-in head's queries and keys: how sharply it attends."""
COPIED = 0.8
"""How much of the left neighbour's word is added."""
WAVES = (2.4, 0.24)
"""The highest and the lowest frequency of positions, in radians per token."""


def make_network(concepts: Sequence[int], rho: float) -> BertForQuestionAnswering:
    """The network at its beginning; weights are drawn from torch's global generator.

    Args:
        concepts: (N,) of each word the number of its concept, -1 for one that all languages share.
        rho: between 0 and 1.
    """
    config = BertConfig(
        vocab_size=len(SPECIALS) + len(concepts),
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=4 * HIDDEN,
        max_position_embeddings=MAX_TOKENS,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=SPREAD,
        pad_token_id=0,
    )
    network = BertForQuestionAnswering(config)
    with torch.no_grad():
        _split_embeddings(network.bert.embeddings)
        for layer in network.bert.encoder.layer:
            _build_heads(layer)
        _align(network.bert.embeddings.word_embeddings.weight, concepts, rho)
    return network


def _frequencies() -> torch.Tensor:
    """(HIDDEN / 8,) from the highest to the lowest, in equal ratios."""
    count = HIDDEN // 8
    high, low = WAVES
    return high * (low / high) ** (torch.arange(count) / (count - 1))


def _split_embeddings(embeddings: Any) -> None:
    """Words keep to the first half of the dimensions; the second holds the position, twice, as waves."""
    half = HIDDEN // 2
    embeddings.word_embeddings.weight[:, half:] = 0
    embeddings.token_type_embeddings.weight[:, half:] = 0
    phase = torch.arange(MAX_TOKENS)[:, None] * _frequencies()
    waves = math.sqrt(2) * SPREAD * torch.cat([phase.sin(), phase.cos()], dim=1)
    embeddings.position_embeddings.weight[:, :half] = 0
    embeddings.position_embeddings.weight[:, half:] = torch.cat([waves, waves], dim=1)


def _build_heads(layer: Any) -> None:
    attention = layer.attention.self
    query, key, value = (part.weight for part in (attention.query, attention.key, attention.value))
    output = layer.attention.output.dense.weight
    for weight in (query, key, value, output, layer.output.dense.weight):
        weight.normal_(0, QUIET)
    size, half = HIDDEN // HEADS, HIDDEN // 2
    for head in (0, 1):
        own = slice(head * size, (head + 1) * size)
        query[own, own] += SHARPNESS * torch.eye(size)
        key[own, own] += SHARPNESS * torch.eye(size)
    for head in (2, 3):
        rows, words = slice(head * size, (head + 1) * size), slice((head - 2) * size, (head - 1) * size)
        waves = slice(half + (head - 2) * size, half + (head - 1) * size)
        query[rows, waves] += SHARPNESS * _turn(-1)
        key[rows, waves] += SHARPNESS * torch.eye(size)
        value[rows, words] += torch.eye(size)
        output[words, rows] += COPIED * torch.eye(size)


def _turn(tokens: int) -> torch.Tensor:
    """The matrix that turns the waves of a position into those of the position so many tokens further right."""
    angle = tokens * _frequencies()
    cosine, sine = angle.cos().diag(), angle.sin().diag()
    return torch.cat([torch.cat([cosine, sine], dim=1), torch.cat([-sine, cosine], dim=1)])


def _align(weight: torch.Tensor, concepts: Sequence[int], rho: float) -> None:
    half, numbers = HIDDEN // 2, torch.tensor(concepts)
    common = SPREAD * torch.randn(int(numbers.max()) + 1, half)
    of_languages = numbers >= 0
    own = SPREAD * torch.randn(int(of_languages.sum()), half)
    rows = len(SPECIALS) + of_languages.nonzero()[:, 0]
    weight[rows, :half] = math.sqrt(rho) * common[numbers[of_languages]] + math.sqrt(1 - rho) * own
