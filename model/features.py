"""Windows over long contexts: `[CLS] question [SEP] part of the context [SEP]`.

The paper's Sec. 4.2: at most 384 tokens, stride 128. As in BERT's and HuggingFace's code, the stride is the
number of context tokens that two neighbouring windows share. Windows are kept as numbers into token tables
and become token ids only when a batch is put together, so that T(ALL)'s 1.2 million rows fit into memory.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from model.progress import OnProgress, Progress, Stage
from model.texts import Ints, Texts
from model.tokens import Ints32, Layout, TokenTable, layout_of, tokenise
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

    def assemble(self) -> Inputs:
        """Token ids of these windows, padded on the right to the longest: a batch is `windows.take(...)`."""
        lengths = self.lengths
        shape = (len(self), int(lengths.max(initial=0)))
        ids = np.full(shape, self.layout.pad, dtype=np.int32)
        types = np.zeros(shape, dtype=np.int32)
        for window, length in enumerate(lengths.tolist()):
            segments = self._segments(window)
            ids[window, :length] = np.concatenate(segments)
            types[window, :length] = np.repeat(self.layout.types, [len(part) for part in segments])
        mask = (np.arange(shape[1]) < lengths[:, None]).astype(np.int32)
        return Inputs(ids, types, mask)

    def is_context(self) -> BoolArray:
        """Which positions hold context tokens, padded as by `assemble`: (W, T)."""
        position = np.arange(int(self.lengths.max(initial=0)))
        begin = self.context_at[:, None]
        length = (self.last - self.first)[:, None]
        return np.asarray((begin <= position) & (position < begin + length))

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

    def _segments(self, window: int) -> list[Any]:
        row = self.row[window]
        question = self.questions.ids_of(self.question_of[row], 0, self.question_tokens[row])
        context = self.contexts.ids_of(self.context_of[row], self.first[window], self.last[window])
        return [self.layout.prefix, question, self.layout.middle, context, self.layout.suffix]


def make_windows(
    tokenizer: Any, texts: Texts, *, max_length: int, doc_stride: int, on_progress: OnProgress
) -> Windows:
    """Tokenises each distinct text once and cuts every row's context into windows.

    A question is used whole unless it left less room than the stride needs; then its end is cut off.

    Raises:
        UsageError: `max_length` is more than the encoder takes, or too small for the stride.
    """
    layout = layout_of(tokenizer)
    limit = max_length - layout.specials - doc_stride - 1
    _check_lengths(tokenizer, max_length, limit)
    questions, contexts = _tokenise_both(tokenizer, texts, on_progress)
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


def _tokenise_both(tokenizer: Any, texts: Texts, on_progress: OnProgress) -> tuple[TokenTable, TokenTable]:
    total = len(texts.questions) + len(texts.contexts)
    done = 0

    def on_texts(count: int) -> None:
        nonlocal done
        done += count
        on_progress(Progress(Stage.FEATURES, done, total))

    return tokenise(tokenizer, texts.questions, on_texts), tokenise(tokenizer, texts.contexts, on_texts)
