"""Texts as tokens: flat NumPy tables instead of one Python object per token.

Every distinct text is tokenised once, without special tokens. Where those go in a pair is learnt from the
tokenizer itself (`Layout`), so that one code serves BERT, XLM-R and their kin.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from model.errors import ReaderUnusableError
from model.texts import Ints

Ints32 = npt.NDArray[np.int32]

CHUNK_TEXTS = 1000
"""Texts handed to the tokenizer at once: enough for its threads, few enough for regular progress."""


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The tokens of n texts in one flat table of N tokens.

    `ids`, `starts`, `ends` (N,); the offsets are half-open code points of the token's own text.
    Text i owns the tokens `bounds[i]` to `bounds[i + 1]`; `bounds` is (n + 1,).
    """

    ids: Ints32
    starts: Ints32
    ends: Ints32
    bounds: Ints

    @property
    def lengths(self) -> Ints:
        """(n,) tokens of each text."""
        return np.diff(self.bounds)

    def ids_of(self, text: int, first: int, last: int) -> Ints32:
        """The ids of one text's tokens `first` to `last` (half-open, counted within the text)."""
        base = self.bounds[text]
        return self.ids[base + first : base + last]

    def covering(self, texts: Ints, spans: Ints) -> tuple[Ints, Ints]:
        """For each (text, code point span): its first token and the one after its last, within the text.

        They are the tokens that share a code point with the span; equal numbers mean that there are none.
        texts (R,), spans (R, 2) -> two arrays (R,).
        """
        # Offsets never fall within a text, so adding a multiple of more than any text's length
        # makes one sorted array of all texts and one binary search of all rows.
        unit = int(max(self.ends.max(initial=0), spans.max(initial=0))) + 1
        base = np.repeat(np.arange(len(self.lengths)), self.lengths) * unit
        shift = texts * unit
        first = np.searchsorted(base + self.ends, shift + spans[:, 0], side="right") - self.bounds[texts]
        last = np.searchsorted(base + self.starts, shift + spans[:, 1], side="left") - self.bounds[texts]
        return first, np.maximum(first, last)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a tokenizer joins a question and a context: `prefix question middle context suffix`.

    `types` are the token type ids of these five segments; `cls` is the position of [CLS] in the sequence.
    """

    prefix: tuple[int, ...]
    middle: tuple[int, ...]
    suffix: tuple[int, ...]
    types: tuple[int, int, int, int, int]
    pad: int
    cls: int = 0

    @property
    def specials(self) -> int:
        """Special tokens in a sequence."""
        return len(self.prefix) + len(self.middle) + len(self.suffix)


def backend(tokenizer: Any) -> Any:
    """The Rust tokenizer inside, set neither to cut nor to pad; raises `ReaderUnusableError` without one."""
    rust = getattr(tokenizer, "backend_tokenizer", None)
    if rust is None:
        raise ReaderUnusableError(
            "The encoder has no tokenizer.json, so answers cannot be located; choose another encoder."
        )
    rust.no_truncation()
    rust.no_padding()
    return rust


def layout_of(tokenizer: Any) -> Layout:
    """The layout of a transformers tokenizer, found by letting it encode a pair."""
    pair = backend(tokenizer).encode("a", "b")
    owner = np.array([-1 if index is None else index for index in pair.sequence_ids])
    ids, types = np.array(pair.ids), np.array(pair.type_ids)
    question, context = np.flatnonzero(owner == 0), np.flatnonzero(owner == 1)
    cuts = [0, question[0], question[-1] + 1, context[0], context[-1] + 1, len(ids)]
    segments = [slice(first, last) for first, last in pairwise(cuts)]
    kinds = [int(types[part][0]) if part.start < part.stop else 0 for part in segments]
    prefix, middle, suffix = (tuple(ids[part].tolist()) for part in segments[::2])
    return Layout(
        prefix=prefix,
        middle=middle,
        suffix=suffix,
        types=(kinds[0], kinds[1], kinds[2], kinds[3], kinds[4]),
        pad=int(tokenizer.pad_token_id),
        cls=prefix.index(tokenizer.cls_token_id),
    )


def tokenise(tokenizer: Any, texts: Sequence[str], on_texts: Callable[[int], None]) -> TokenTable:
    """Tokenises the texts; `on_texts` is told the number of texts of each chunk when it is done."""
    rust = backend(tokenizer)
    encodings = []
    for first in range(0, len(texts), CHUNK_TEXTS):
        chunk = list(texts[first : first + CHUNK_TEXTS])
        encodings += [_arrays(e) for e in rust.encode_batch(chunk, add_special_tokens=False)]
        on_texts(len(chunk))
    lengths = [len(ids) for ids, _ in encodings]
    offsets = _join((pairs for _, pairs in encodings), (0, 2))
    return TokenTable(
        ids=_join((ids for ids, _ in encodings), (0,)),
        starts=np.ascontiguousarray(offsets[:, 0]),
        ends=np.ascontiguousarray(offsets[:, 1]),
        bounds=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
    )


def _arrays(encoding: Any) -> tuple[Ints32, Ints32]:
    ids = np.array(encoding.ids, dtype=np.int32)
    return ids, np.array(encoding.offsets, dtype=np.int32).reshape(len(ids), 2)


def _join(arrays: Iterable[Ints32], empty: tuple[int, ...]) -> Ints32:
    return np.concatenate([np.zeros(empty, dtype=np.int32), *arrays])
