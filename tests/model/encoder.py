"""A pre-trained encoder for the small world (`world`), made in half a minute.

What multilingual pre-training gives a large encoder is put in by hand here, and must be said wherever figures of it
are shown: `rho` of the variance of a word's first vector is its concept's, the same in all languages, the rest is the
word's own. The two layers start so that heads can match equal tokens and copy a left neighbour; without that start
they stay near guessing for minutes.
"""

import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertForQuestionAnswering, BertTokenizer

from model.objectives.extraction import span_loss
from tests.model.world import LANGUAGES, World, text_of

HIDDEN, HEADS, LAYERS, POSITIONS = 64, 4, 2, 64
SPREAD = 0.1
"""The standard deviation of new weights."""
QUIET = 0.03
"""The same of weights that must not drown the built-in heads."""
SHARPNESS = 1.2
"""The entries of a built-in head's queries and keys: how sharply it attends."""
WAVES = (2.4, 0.24)
"""The highest and the lowest frequency of positions, in radians per token."""

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def make_tokenizer(world: World) -> BertTokenizer:
    """WordPiece in which every word of the world is a token."""
    vocabulary = {token: number for number, token in enumerate((*SPECIALS, *world.vocabulary))}
    return BertTokenizer(vocab=vocabulary, do_lower_case=False, model_max_length=POSITIONS)


def make_network(world: World, tokenizer: BertTokenizer, rho: float) -> BertForQuestionAnswering:
    """A BERT with span heads; weights are drawn from torch's global generator."""
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=4 * HIDDEN,
        max_position_embeddings=POSITIONS,
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
        _align(network, world, tokenizer, rho)
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
    phase = torch.arange(POSITIONS)[:, None] * _frequencies()
    waves = math.sqrt(2) * SPREAD * torch.cat([phase.sin(), phase.cos()], dim=1)
    embeddings.position_embeddings.weight[:, :half] = 0
    embeddings.position_embeddings.weight[:, half:] = torch.cat([waves, waves], dim=1)


def _build_heads(layer: Any) -> None:
    """Heads 0 and 1 attend to equal words, heads 2 and 3 to the left neighbour, whose word they add to the token's."""
    attention = layer.attention.self
    query, key, value = (part.weight for part in (attention.query, attention.key, attention.value))
    output = layer.attention.output.dense.weight
    for weight in (query, key, value, output, layer.output.dense.weight):
        weight.normal_(0, QUIET)
    size, half = HIDDEN // HEADS, HIDDEN // 2
    for head in (0, 1):
        rows, columns = slice(head * size, (head + 1) * size), slice(head * size, (head + 1) * size)
        query[rows, columns] += SHARPNESS * torch.eye(size)
        key[rows, columns] += SHARPNESS * torch.eye(size)
    for head in (2, 3):
        rows, words = slice(head * size, (head + 1) * size), slice((head - 2) * size, (head - 1) * size)
        waves = slice(half + (head - 2) * size, half + (head - 1) * size)
        query[rows, waves] += SHARPNESS * _turn(-1)
        key[rows, waves] += SHARPNESS * torch.eye(size)
        value[rows, words] += torch.eye(size)
        output[words, rows] += 0.8 * torch.eye(size)


def _turn(tokens: int) -> torch.Tensor:
    """The matrix that turns the waves of a position into those of the position so many tokens further right."""
    angle = tokens * _frequencies()
    cosine, sine = angle.cos().diag(), angle.sin().diag()
    return torch.cat([torch.cat([cosine, sine], dim=1), torch.cat([-sine, cosine], dim=1)])


def _align(network: BertForQuestionAnswering, world: World, tokenizer: BertTokenizer, rho: float) -> None:
    half = HIDDEN // 2
    concepts = SPREAD * torch.randn(len(world.words[LANGUAGES[0]]), half)
    weight = network.bert.embeddings.word_embeddings.weight
    for words in world.words.values():
        ids = tokenizer.convert_tokens_to_ids(list(words.values()))
        own = SPREAD * torch.randn_like(concepts)
        weight[ids, :half] = math.sqrt(rho) * concepts + math.sqrt(1 - rho) * own


@dataclass(frozen=True, slots=True)
class Pretraining:
    """Monolingual: nothing in a text tells that two words of two languages mean the same."""

    steps: int = 500
    batch_size: int = 48
    learning_rate: float = 2e-3
    seed: int = 0
    rho: float = 0.3


def pretrain(world: World, recipe: Pretraining, folder: Path) -> Path:
    """Writes a pre-trained encoder, with span heads, as transformers loads it.

    Recurring-span selection (Ram et al. 2021, https://arxiv.org/abs/2101.00438): a statement whose value is masked is
    put before a text that tells it; the heads find the value there. And a little masked language modelling.
    """
    torch.manual_seed(recipe.seed)
    tokenizer = make_tokenizer(world)
    network = make_network(world, tokenizer, recipe.rho)
    words = _WordHead(len(tokenizer))
    documents = _documents(world, tokenizer, recipe)
    parameters = [*network.parameters(), *words.parameters()]
    optimizer = torch.optim.AdamW(parameters, recipe.learning_rate, betas=(0.9, 0.98), fused=True)
    for step in range(recipe.steps):
        share = min(1, (step + 1) / 100) * max(0.05, 1 - step / recipe.steps)
        optimizer.param_groups[0]["lr"] = recipe.learning_rate * share
        first = step * recipe.batch_size
        loss = _loss(network, words, documents.take(first, first + recipe.batch_size))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


class _WordHead(torch.nn.Module):
    """Which word is masked: BERT's head, tied to the embeddings."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.dense = torch.nn.Linear(HIDDEN, HIDDEN)
        self.norm = torch.nn.LayerNorm(HIDDEN)
        self.bias = torch.nn.Parameter(torch.zeros(vocabulary))

    def forward(self, hidden: torch.Tensor, embeddings: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(
            self.norm(torch.nn.functional.gelu(self.dense(hidden))), embeddings, self.bias
        )


@dataclass(frozen=True, slots=True)
class _Documents:
    """`statement [SEP] text`, all int64: ids, types (N, T), the value in the statement and in the text (N, 2).

    Both ranges are inclusive; a statement that asks, instead of telling, has (0, 0).
    """

    ids: torch.Tensor
    types: torch.Tensor
    told: torch.Tensor
    found: torch.Tensor

    def take(self, first: int, after: int) -> "_Documents":
        part = slice(first, after)
        longest = int((self.ids[part] != 0).sum(1).max())
        return _Documents(
            self.ids[part, :longest], self.types[part, :longest], self.told[part], self.found[part]
        )


ASKED = 0.15
"""So many statements are questions: their words want to be known too."""


def _documents(world: World, tokenizer: BertTokenizer, recipe: Pretraining) -> _Documents:
    rng = random.Random(recipe.seed + 1)
    statements, contexts = [], []
    for number in range(recipe.steps * recipe.batch_size):
        language = LANGUAGES[number % len(LANGUAGES)]
        story = world.story(rng, world.names)
        contexts.append(world.context(language, story, rng))
        say = world.question if rng.random() < ASKED else world.answered
        statements.append(say(language, story, rng))
    encoded = tokenizer(
        [text_of(statement.words) for statement in statements],
        [text_of(context.words) for context in contexts],
        padding=True,
        return_tensors="pt",
    )
    told = torch.tensor([_range(s.value, 1) for s in statements])
    begins = [len(statement.words) + 2 for statement in statements]
    found = [_range(context.value, begin) for context, begin in zip(contexts, begins, strict=True)]
    return _Documents(encoded["input_ids"], encoded["token_type_ids"], told, torch.tensor(found))


def _range(value: tuple[int, int], begin: int) -> tuple[int, int]:
    """Half-open among words to inclusive among tokens; (0, 0) where it is empty."""
    return (begin + value[0], begin + value[1] - 1) if value[1] else (0, 0)


def _loss(network: BertForQuestionAnswering, words: _WordHead, documents: _Documents) -> torch.Tensor:
    ids, telling = documents.ids, documents.told[:, 0] > 0
    position = torch.arange(ids.shape[1])
    value = (documents.told[:, :1] <= position) & (position <= documents.told[:, 1:]) & telling[:, None]
    chance = torch.rand(ids.shape)
    masked = ((chance < 0.15) & (ids >= len(SPECIALS))) | value
    shown = ids.masked_fill(value | (masked & (torch.rand(ids.shape) < 0.85)), SPECIALS.index("[MASK]"))
    output = network.bert(
        input_ids=shown, token_type_ids=documents.types, attention_mask=(ids != 0).long()
    ).last_hidden_state
    logits = words(output[masked], network.bert.embeddings.word_embeddings.weight)
    context = (documents.types == 1) & (ids != 0)
    spans = network.qa_outputs(output).masked_fill(~context[..., None], -1e4)[telling]
    gold = documents.found[telling]
    return span_loss(spans[..., 0], spans[..., 1], gold[:, 0], gold[:, 1]) + 0.05 * (
        torch.nn.functional.cross_entropy(logits, ids[masked])
    )
