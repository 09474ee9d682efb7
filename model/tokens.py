"""Texts as tokens: flat NumPy tables instead of one Python object per token.

Every distinct text is tokenised once, without special tokens. Where those go in a pair is learnt from the
tokenizer itself (`Layout`), so that one code serves BERT, XLM-R and their kin.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
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

BLOCK_TEXTS = 4096
"""Texts in which answers are looked for at once: their tokens are for a moment held as 64-bit numbers."""


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

    def covering(self, texts: Ints, spans: Ints) -> tuple[Ints, Ints]:
        """For each (text, code point span): its first token and the one after its last, within the text.

        They are the tokens that share a code point with the span; equal numbers mean that there are none.
        texts (R,), spans (R, 2) -> two arrays (R,).
        """
        if len(texts) and not (texts.min() >= 0 and texts.max() < len(self.lengths)):
            raise IndexError("a row names a text that the table does not hold")
        first, after = np.empty((2, len(texts)), dtype=np.int64)
        order = np.argsort(texts, kind="stable")
        for begin in range(0, len(self.lengths), BLOCK_TEXTS):
            block = self._texts(begin, begin + BLOCK_TEXTS)
            rows = order[slice(*np.searchsorted(texts, [begin, begin + BLOCK_TEXTS], sorter=order))]
            first[rows], after[rows] = block._covering(texts[rows] - begin, spans[rows])
        return first, after

    def _texts(self, begin: int, end: int) -> "TokenTable":
        """The table of the texts `begin` to `end` alone; fewer where there are not so many."""
        bounds = self.bounds[begin : end + 1]
        held = slice(bounds[0], bounds[-1])
        return TokenTable(self.ids[held], self.starts[held], self.ends[held], bounds - bounds[0])

    def _covering(self, texts: Ints, spans: Ints) -> tuple[Ints, Ints]:
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


def tokenise(
    tokenizer: Any, texts: Sequence[str], on_texts: Callable[[int], None], *, located: bool = True
) -> TokenTable:
    """Tokenises the texts; `on_texts` is told the number of texts of each chunk when it is done.

    Not `located`, the tokens have no offsets (all are 0): enough for questions, and quicker.
    """
    chunks = list(token_chunks(tokenizer, texts, on_texts, located=located))
    nothing = np.zeros(0, dtype=np.int32)
    return TokenTable(
        ids=np.concatenate([nothing, *(chunk.ids for chunk in chunks)]),
        starts=np.concatenate([nothing, *(chunk.starts for chunk in chunks)]),
        ends=np.concatenate([nothing, *(chunk.ends for chunk in chunks)]),
        bounds=bounds_of(chunk.lengths for chunk in chunks),
    )


def token_chunks(
    tokenizer: Any, texts: Sequence[str], on_texts: Callable[[int], None], *, located: bool
) -> Iterator[TokenTable]:
    """The parts of what `tokenise` gives, one after the other, each of at most `CHUNK_TEXTS` texts."""
    rust = backend(tokenizer)
    encode = rust.encode_batch if located else rust.encode_batch_fast
    for first in range(0, len(texts), CHUNK_TEXTS):
        chunk = list(texts[first : first + CHUNK_TEXTS])
        encodings = encode(chunk, add_special_tokens=False)
        ids = np.concatenate([np.array(encoding.ids, dtype=np.int32) for encoding in encodings])
        placed = np.concatenate(list(map(_offsets, encodings, chunk))) if located else _nowhere(len(ids))
        yield TokenTable(
            ids=ids,
            starts=np.ascontiguousarray(placed[:, 0]),
            ends=np.ascontiguousarray(placed[:, 1]),
            bounds=bounds_of([np.array([len(encoding) for encoding in encodings])]),
        )
        on_texts(len(chunk))


def bounds_of(lengths: Iterable[Ints]) -> Ints:
    """The `bounds` (n + 1,) of a table whose texts have so many tokens, told in parts.

    >>> bounds_of([np.array([2, 0]), np.array([1])])
    array([0, 2, 2, 3])
    """
    return np.cumsum(np.concatenate([[0], *lengths]), dtype=np.int64)


_LAST_SPACE = 0x3000
_IS_SPACE = np.array([chr(number).isspace() for number in range(_LAST_SPACE + 2)])
"""Unicode's white space by code point; what lies above is none, as the last entry says."""


def _offsets(encoding: Any, text: str) -> Ints32:
    """Where the tokens of a text lie (n, 2), without the white space that byte-level tokens begin with."""
    offsets = np.array(encoding.offsets, dtype=np.int32).reshape(len(encoding.ids), 2)
    starts, ends = offsets[:, 0], offsets[:, 1]
    points = np.frombuffer((text + " ").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    space = _IS_SPACE[np.minimum(points, _LAST_SPACE + 1)]
    while (leading := space[starts] & (starts < ends)).any():
        starts += leading
    return offsets


def _nowhere(tokens: int) -> Ints32:
    return np.zeros((tokens, 2), dtype=np.int32)
