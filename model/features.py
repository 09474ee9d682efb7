"""Windows over long contexts: `[CLS] question [SEP] part of the context [SEP]`.

The paper's Sec. 4.2: at most 384 tokens, stride 128. As in BERT's and HuggingFace's code, the stride is the
number of context tokens that two neighbouring windows share. Windows are kept as numbers into token tables
and become token ids only when a batch is put together, so that T(ALL)'s 1.2 million rows fit into memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.progress import OnProgress, Stage, counting
from model.texts import Ints, Texts
from model.token_cache import cached_tokens
from model.tokens import Ints32, Layout, TokenTable, layout_of
from storage.errors import UsageError

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Inputs:
    """A batch of B windows padded to the longest, T tokens; all (B, T)."""

    input_ids: Ints32
    token_type_ids: Ints32
    attention_mask: Ints32


@dataclass(frozen=True, slots=True)
class Windows:
    """W windows of R rows, in the order of rows and, within a row, of the context.

    `row` (W,) is a window's row; its context tokens are `first` to `last` (W,), half-open, counted within
    the context. `question_tokens` (R,) is how many tokens of the question are used.
    """

    questions: TokenTable
    contexts: TokenTable
    question_of: Ints
    context_of: Ints
    question_tokens: Ints
    row: Ints
    first: Ints
    last: Ints
    layout: Layout

    def __len__(self) -> int:
        return len(self.row)

    @property
    def lengths(self) -> Ints:
        """(W,) tokens of each window, special ones included."""
        return self.question_tokens[self.row] + self.last - self.first + self.layout.specials

    @property
    def context_at(self) -> Ints:
        """(W,) the position in the sequence of the window's first context token."""
        return self.question_tokens[self.row] + len(self.layout.prefix) + len(self.layout.middle)

    @property
    def cut_questions(self) -> int:
        """Rows whose question was too long to be used whole."""
        return int((self.question_tokens < self.questions.lengths[self.question_of]).sum())

    def take(self, chosen: Ints | BoolArray) -> "Windows":
        """The chosen windows, in that order: numbers (B,) or a mask (W,). Rows keep their numbers."""
        return replace(self, row=self.row[chosen], first=self.first[chosen], last=self.last[chosen])

    @property
    def question_spans(self) -> Ints:
        """(W, 2) half-open positions of the question's tokens in the sequence."""
        begin = np.full(len(self), len(self.layout.prefix), dtype=np.int64)
        return np.stack([begin, begin + self.question_tokens[self.row]], axis=1)

    @property
    def context_spans(self) -> Ints:
        """(W, 2) half-open positions of the context's tokens in the sequence."""
        return np.stack([self.context_at, self.context_at + self.last - self.first], axis=1)

    def assemble(self) -> Inputs:
        """Token ids of these windows, padded on the right to the longest: a batch is `windows.take(...)`."""
        lengths = self.lengths
        column = np.arange(int(lengths.max(initial=0)))
        ids = np.full((len(self), len(column)), self.layout.pad, dtype=np.int32)
        types = np.zeros_like(ids)
        for tokens, base, span, kind in self._segments():
            begin, end = span.T[:, :, None]
            held = (begin <= column) & (column < end)
            window, place = np.nonzero(held)
            ids[window, place] = tokens[base[window] + place - span[window, 0]]
            if kind:
                types[held] = kind
        return Inputs(ids, types, (column < lengths[:, None]).astype(np.int32))

    def is_context(self) -> BoolArray:
        """Which positions hold context tokens, padded as by `assemble`: (W, T)."""
        position = np.arange(int(self.lengths.max(initial=0)))
        begin, end = self.context_spans.T[:, :, None]
        return np.asarray((begin <= position) & (position < end))

    def visible(self, spans: Ints) -> BoolArray:
        """Whether each row's answer (R, 2; code points) is made of any tokens at all, (R,)."""
        first, after = self.contexts.covering(self.context_of, spans)
        return first < after

    def answer_positions(self, spans: Ints) -> Ints:
        """Token positions (W, 2), first and last inclusive, of the rows' answers `spans` (R, 2; code points).

        A window that does not hold the whole answer is labelled with the position of [CLS], twice.
        """
        first, after = self.contexts.covering(self.context_of, spans)
        first, after = first[self.row], after[self.row]
        inside = (self.first <= first) & (after <= self.last) & (first < after)
        shift = self.context_at - self.first
        positions = np.stack([first + shift, after - 1 + shift], axis=1)
        return np.where(inside[:, None], positions, self.layout.cls)

    def code_points(self, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        """The half-open code points of one span per window: context positions `first` to `last`, inclusive, (W,)."""
        shift = self.contexts.bounds[self.context_of[self.row]] + self.first - self.context_at
        starts, ends = self.contexts.starts[first + shift], self.contexts.ends[last + shift]
        return starts.astype(np.int64), ends.astype(np.int64)

    def _segments(self) -> Iterator[tuple[Ints32, Ints, Ints, int]]:
        """The five segments: a table of tokens, where each window's begin in it, their place (W, 2), their type."""
        question, context = self.question_spans, self.context_spans
        fixed = np.zeros(len(self), dtype=np.int64)
        places = (
            np.stack([fixed, question[:, 0]], axis=1),
            question,
            np.stack([question[:, 1], context[:, 0]], axis=1),
            context,
            np.stack([context[:, 1], self.lengths], axis=1),
        )
        tables: tuple[tuple[Ints32, Ints], ...] = (
            (np.array(self.layout.prefix, dtype=np.int32), fixed),
            (self.questions.ids, self.questions.bounds[self.question_of[self.row]]),
            (np.array(self.layout.middle, dtype=np.int32), fixed),
            (self.contexts.ids, self.contexts.bounds[self.context_of[self.row]] + self.first),
            (np.array(self.layout.suffix, dtype=np.int32), fixed),
        )
        for (tokens, base), span, kind in zip(tables, places, self.layout.types, strict=True):
            yield tokens, base, span, kind


def make_windows(
    tokenizer: Any,
    texts: Texts,
    *,
    max_length: int,
    doc_stride: int,
    on_progress: OnProgress,
    cache: Path | None = None,
) -> Windows:
    """Tokenises each distinct text once and cuts every row's context into windows.

    A question is used whole unless it left less room than the stride needs; then its end is cut off.
    Tokens are kept in the folder `cache`, if one is given, and read from there the next time.

    Raises:
        UsageError: `max_length` is more than the encoder takes, or too small for the stride.
    """
    layout = layout_of(tokenizer)
    limit = max_length - layout.specials - doc_stride - 1
    _check_lengths(tokenizer, max_length, limit)
    questions, contexts = _tokenise_both(tokenizer, texts, on_progress, cache)
    question_tokens = np.minimum(questions.lengths[texts.question_of], limit)
    length = contexts.lengths[texts.context_of]
    row, first, last = cut(length, max_length - layout.specials - question_tokens, doc_stride)
    return Windows(
        questions=questions,
        contexts=contexts,
        question_of=texts.question_of,
        context_of=texts.context_of,
        question_tokens=question_tokens,
        row=row,
        first=first,
        last=last,
        layout=layout,
    )


def cut(length: Ints, room: Ints, stride: int) -> tuple[Ints, Ints, Ints]:
    """Cuts contexts of `length` (R,) tokens into windows of at most `room` (R,) that share `stride` tokens.

    Returns row, first and last (exclusive) token of each window, (W,). Every row has a window, an empty one
    if need be; the last window of a row is the first one that reaches the end.

    >>> [part.tolist() for part in cut(np.array([10, 3]), np.array([5, 5]), 2)]
    [[0, 0, 0, 1], [0, 3, 6, 0], [5, 8, 10, 3]]
    """
    step = room - stride
    count = 1 + np.maximum(0, -((room - length) // step))
    row = np.repeat(np.arange(len(length)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    first = number * step[row]
    return row, first, np.minimum(first + room[row], length[row])


def _check_lengths(tokenizer: Any, max_length: int, question_limit: int) -> None:
    if max_length > tokenizer.model_max_length:
        longest = tokenizer.model_max_length
        raise UsageError(
            f"A max_length of {max_length} is more than the encoder's {longest}; choose a smaller one."
        )
    if question_limit < 1:
        raise UsageError(
            f"A max_length of {max_length} leaves no room beside the doc_stride; make the stride smaller."
        )


def _tokenise_both(
    tokenizer: Any, texts: Texts, on_progress: OnProgress, cache: Path | None
) -> tuple[TokenTable, TokenTable]:
    on_texts = counting(Stage.FEATURES, len(texts.questions) + len(texts.contexts), on_progress)
    # No answer is looked for in a question.
    questions = cached_tokens(cache, tokenizer, texts.questions, on_texts, located=False)
    return questions, cached_tokens(cache, tokenizer, texts.contexts, on_texts)
