import doctest
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from transformers import BertConfig, BertModel

import model.align
from model.align import Encoder, cosines, itermax, mutual_argmax, open_encoder
from model.errors import ReaderUnusableError
from model.vocabulary import train_tokenizer

SIMILARITIES = st.tuples(st.integers(0, 5), st.integers(0, 5)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.floats(-1, 1, width=32))
)


def ranges(text: str) -> np.ndarray:
    found, place = [], 0
    for word in text.split():
        start = text.index(word, place)
        place = start + len(word)
        found.append((start, place))
    return np.array(found, dtype=np.int32).reshape(-1, 2)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """Random weights but for this: a word's vector is its own alone, and `hund` has that of `dog`, and so on."""
    tokenizer = train_tokenizer(["the dog sees a cat at home", "der hund sieht eine katze daheim"] * 3)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32,
    )  # fmt: skip
    network = BertModel(config).eval()
    return Encoder(network, tokenizer, layer=2)


class ByHand(torch.nn.Module):
    """An encoder whose hidden vectors are given, token by token."""

    def __init__(self, config: BertConfig, table: torch.Tensor) -> None:
        super().__init__()
        self.config, self.table = config, table

    def forward(self, ids: torch.Tensor, output_hidden_states: bool) -> object:
        assert output_hidden_states
        return type("Output", (), {"hidden_states": (self.table[ids],)})()


@pytest.fixture(scope="module")
def by_hand(encoder: Encoder) -> Encoder:
    """Words that translate each other have the same vector, all others orthogonal ones."""
    tokenizer = encoder.tokenizer
    size = len(tokenizer)
    table = torch.eye(size)
    for one, other in [("the", "der"), ("dog", "hund"), ("sees", "sieht"), ("cat", "katze")]:
        ids = [tokenizer(word, add_special_tokens=False)["input_ids"] for word in (one, other)]
        # Every piece of a word points the same way, a bit less with each.
        for pieces in ids:
            for number, piece in enumerate(pieces):
                table[piece] = table[ids[0][0]] + 0.01 * number * torch.eye(size)[piece]
    return Encoder(ByHand(encoder.network.config, table), tokenizer)


def test_words_with_the_same_vectors_are_linked(by_hand: Encoder) -> None:
    source, target = "the dog sees cat", "katze der sieht hund"
    forward, backward = by_hand.links(source, ranges(source), target, ranges(target))
    assert forward.argmax(axis=0).tolist() == [3, 0, 2, 1]
    assert backward.argmax(axis=1).tolist() == [1, 3, 2, 0]
    np.testing.assert_allclose(forward.sum(axis=0), 1)


@pytest.mark.parametrize(
    "texts", [("", ""), ("", "der hund"), ("dog", ""), ("dog", "hund"), ("漢 dog", "☃ ☃")]
)
def test_short_and_unknown_texts_are_no_trouble(encoder: Encoder, texts: tuple[str, str]) -> None:
    words = [ranges(text) for text in texts]
    forward, backward = encoder.links(texts[0], words[0], texts[1], words[1])
    assert forward.shape == backward.shape == (len(words[0]), len(words[1]))
    assert set(np.round(forward.sum(axis=0), 4)) <= {0.0, 1.0}
    assert set(np.round(backward.sum(axis=1), 4)) <= {0.0, 1.0}


def test_a_text_aligns_with_itself_beyond_the_length_of_a_window(encoder: Encoder, by_hand: Encoder) -> None:
    text = "the dog sees a cat " * 12
    assert len(encoder.tokenizer(text)["input_ids"]) > 32
    forward, _ = encoder.links(text, ranges(text), text, ranges(text))
    assert forward.shape == (60, 60)
    assert (forward.sum(axis=0) > 0).mean() > 0.5


def test_vectors_are_those_of_the_layer_that_is_asked_for(encoder: Encoder) -> None:
    text = "the dog"
    ids = encoder.tokenizer(text)["input_ids"]
    states = encoder.network(torch.tensor([ids]), output_hidden_states=True).hidden_states
    for layer in (0, 2, 99):
        vectors, _ = Encoder(encoder.network, encoder.tokenizer, layer)._vectors(text, ranges(text))
        expected = states[min(layer, 2)][0, 1:-1].detach().numpy()
        np.testing.assert_allclose(vectors, expected, rtol=1e-5)


def test_an_encoder_is_opened_from_its_folder(encoder: Encoder, tmp_path: Path) -> None:
    encoder.network.save_pretrained(tmp_path)
    encoder.tokenizer.save_pretrained(tmp_path)
    opened, text = open_encoder(tmp_path, layer=2), "the dog sees"
    for one, other in zip(
        opened.links(text, ranges(text), text, ranges(text)),
        encoder.links(text, ranges(text), text, ranges(text)), strict=True,
    ):  # fmt: skip
        np.testing.assert_array_equal(one, other)


def test_a_folder_without_an_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReaderUnusableError, match="check the path"):
        open_encoder(tmp_path)


@given(SIMILARITIES)
def test_law_mutual_links_are_one_to_one_and_itermax_only_adds(similarity: np.ndarray) -> None:
    links = mutual_argmax(similarity)
    assert links.shape == similarity.shape
    assert (links.sum(axis=0) <= 1).all()
    assert (links.sum(axis=1) <= 1).all()
    assert (itermax(similarity) >= links).all()


def test_a_word_linked_already_gives_way_to_one_that_is_not() -> None:
    similarity = np.array([[0.9, 0.85], [0.1, 0.8]], np.float32)
    assert itermax(similarity).tolist() == [[True, False], [False, True]]
    assert itermax(similarity, discount=1.0).tolist() == [[True, True], [False, False]]


def test_cosines_are_those_of_the_formula() -> None:
    one, other = np.array([[3, 4], [0, 0]], np.float32), np.array([[4, 3], [-3, -4], [1, 0]], np.float32)
    np.testing.assert_allclose(cosines(one, other), [[0.96, -1, 0.6], [0, 0, 0]], atol=1e-6)


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(model.align).failed == 0
