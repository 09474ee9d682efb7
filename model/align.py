"""Word links from the hidden vectors of a multilingual encoder, without any training.

After Jalili Sabet, Dufter, Yvon and Schütze (2020), "SimAlign: High Quality Word Alignments Without Parallel Training
Data Using Static and Contextualized Embeddings": sub-words whose vectors at a middle layer are each other's nearest by
cosine are linked (Sec. 3.2, Argmax), and again what is left, with a discount near links (Itermax).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoModel, AutoTokenizer

from model.errors import ReaderUnusableError, first_line

Floats = npt.NDArray[np.float32]
Links = npt.NDArray[np.bool_]
Ranges = npt.NDArray[np.int32]

LAYER = 8
"""The layer whose vectors align best in mBERT and XLM-R (their Fig. 3)."""
ROUNDS = 2
"""Of Itermax (their Sec. 3.2)."""
DISCOUNT = 0.9
"""Of the similarity of a sub-word that has a link already (their alpha, Sec. 4.2)."""

_OVERLAP = 64
"""Sub-words that two windows of a long text share."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A network with its tokenizer, which must give offsets (a fast one)."""

    network: Any
    tokenizer: Any
    layer: int = LAYER

    def links(
        self, source: str, source_words: Ranges, target: str, target_words: Ranges
    ) -> tuple[Floats, Floats]:
        """(S, T) each: which source words a target word is linked with, and the reverse; columns, rows sum to 1 or 0.

        Args:
            source: a text.
            source_words: (S, 2) its words, half-open code points, ascending.
            target: its translation.
            target_words: (T, 2) the words of that.
        """
        one, ours = self._vectors(source, source_words)
        other, theirs = self._vectors(target, target_words)
        counts = np.zeros((len(source_words), len(target_words)), np.float32)
        rows, columns = np.nonzero(itermax(cosines(one, other)))
        np.add.at(counts, (ours[rows], theirs[columns]), 1)
        total = counts.sum(axis=0, keepdims=True), counts.sum(axis=1, keepdims=True)
        return counts / np.maximum(total[0], 1), counts / np.maximum(total[1], 1)

    def _vectors(self, text: str, words: Ranges) -> tuple[Floats, npt.NDArray[np.int64]]:
        """(N, H) the vectors of all sub-words that are in a word, and (N,) in which."""
        if not len(words):
            return np.zeros((0, 1), np.float32), np.zeros(0, np.int64)
        longest = _longest(self.network, self.tokenizer)
        windows = self.tokenizer(
            text,
            return_offsets_mapping=True,
            return_overflowing_tokens=True,
            truncation=True,
            max_length=longest,
            stride=min(_OVERLAP, longest // 4),
        )
        found: dict[tuple[int, int], tuple[int, Floats]] = {}
        for ids, places in zip(windows["input_ids"], windows["offset_mapping"], strict=True):
            hidden = self._hidden(ids)
            for number, place in enumerate(map(tuple, places)):
                # In two windows: the one with more around it knows the word better.
                margin = min(number, len(ids) - 1 - number)
                if place[0] < place[1] and margin > found.get(place, (-1, hidden))[0]:
                    found[place] = margin, hidden[number]
        return _in_words(found, words)

    def _hidden(self, ids: Sequence[int]) -> Floats:
        with torch.inference_mode():
            output = self.network(torch.tensor([list(ids)]), output_hidden_states=True)
        layers = output.hidden_states
        vectors: Floats = layers[min(self.layer, len(layers) - 1)][0].float().numpy()
        return vectors


def open_encoder(folder: Path, layer: int = LAYER) -> Encoder:
    """The encoder of a folder that transformers saved; raises `ReaderUnusableError` where it cannot be used."""
    try:
        network = AutoModel.from_pretrained(str(folder), use_safetensors=True, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
    except (OSError, ValueError, KeyError) as error:
        raise ReaderUnusableError(
            f"The encoder in {folder} cannot be loaded ({first_line(error)}); check the path."
        ) from error
    if not tokenizer.is_fast:
        raise ReaderUnusableError(
            f"The tokenizer in {folder} gives no offsets; use one that has a fast version."
        )
    return Encoder(network.eval(), tokenizer, layer)


def cosines(source: Floats, target: Floats) -> Floats:
    """(N, M) the cosine of every vector of (N, H) with every vector of (M, H); 0 for a vector of zeros."""
    if not len(source) or not len(target):
        return np.zeros((len(source), len(target)), np.float32)
    one, other = _normalised(source), _normalised(target)
    found: Floats = one @ other.T
    return found


def mutual_argmax(similarity: Floats) -> Links:
    """(N, M) the pairs that are the best of their row and of their column, with a similarity above 0.

    >>> mutual_argmax(np.array([[0.9, 0.8], [0.7, 0.1]], dtype=np.float32)).tolist()
    [[True, False], [False, False]]
    """
    links: Links = np.zeros(similarity.shape, dtype=np.bool_)
    if similarity.size:
        rows, best = np.arange(len(similarity)), np.asarray(similarity.argmax(axis=1))
        back = np.asarray(similarity.argmax(axis=0))
        links[rows, best] = (back[best] == rows) & (similarity[rows, best] > 0)
    return links


def itermax(similarity: Floats, rounds: int = ROUNDS, discount: float = DISCOUNT) -> Links:
    """(N, M) mutual best pairs, then those of what is left: a word linked already has its similarities discounted.

    Pairs of which both are linked are left out (Algorithm 1 of the paper).

    >>> itermax(np.array([[0.9, 0.8], [0.7, 0.1]], dtype=np.float32)).tolist()
    [[True, True], [True, False]]
    """
    links = mutual_argmax(similarity)
    for _ in range(rounds - 1):
        linked = np.add.outer(links.sum(axis=1) > 0, (links.sum(axis=0) > 0).astype(np.int8))
        weight = np.array([1.0, discount, 0.0], dtype=np.float32)[linked]
        links |= mutual_argmax(similarity * weight)
    return links


def _in_words(
    found: dict[tuple[int, int], tuple[int, Floats]], words: Ranges
) -> tuple[Floats, npt.NDArray[np.int64]]:
    places = sorted(found)
    starts = np.array([start for start, _ in places], dtype=np.int64)
    word = np.searchsorted(words[:, 1], starts, side="right")
    ends = np.array([end for _, end in places], dtype=np.int64)
    inside = np.flatnonzero((word < len(words)) & (ends > words[np.minimum(word, len(words) - 1), 0]))
    if not len(inside):
        return np.zeros((0, 1), np.float32), np.zeros(0, np.int64)
    return np.stack([found[places[number]][1] for number in inside]), word[inside].astype(np.int64)


def _normalised(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = vectors / np.maximum(norms, np.float32(1e-12))
    return found


def _longest(network: Any, tokenizer: Any) -> int:
    positions = int(getattr(network.config, "max_position_embeddings", 512))
    # RoBERTa counts its positions from 2, so two of them cannot be used.
    return min(int(tokenizer.model_max_length), positions - 2)
