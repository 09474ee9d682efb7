"""Rows of texts that repeat themselves: each distinct text once, and numbers that point at it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Texts:
    """R rows of a question and a context; `question_of` and `context_of` (R,) number the distinct texts."""

    questions: Sequence[str]
    contexts: Sequence[str]
    question_of: Ints
    context_of: Ints

    @classmethod
    def of(cls, questions: Iterable[str], contexts: Iterable[str]) -> "Texts":
        """The rows of two equally long streams of texts."""
        distinct_questions, question_of = distinct(questions)
        distinct_contexts, context_of = distinct(contexts)
        return cls(distinct_questions, distinct_contexts, question_of, context_of)

    def __len__(self) -> int:
        return len(self.question_of)


class Numbering:
    """Numbers texts in the order of their first appearance, while they come in."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, texts: Iterable[str]) -> Ints:
        """Each text's number, (n,)."""
        numbers = self._numbers
        return np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)

    @property
    def texts(self) -> list[str]:
        """The texts so far, each at its number."""
        return list(self._numbers)


def distinct(texts: Iterable[str]) -> tuple[list[str], Ints]:
    """The distinct texts in the order of their first appearance, and each text's number among them.

    >>> distinct(["b", "a", "b"])
    (['b', 'a'], array([0, 1, 0]))
    """
    numbering = Numbering()
    of = numbering.of(texts)
    return numbering.texts, of


def by_appearance(texts: Sequence[str], of: Ints) -> tuple[list[str], Ints]:
    """`distinct` of rows that are numbers `of` (R,) into `texts`, in which no text stands twice.

    >>> by_appearance(["a", "b", "c"], np.array([2, 0, 2]))
    (['c', 'a'], array([0, 1, 0]))
    """
    used, appears = np.unique(of, return_index=True)
    order = used[np.argsort(appears)]
    numbers = np.empty(len(texts), dtype=np.int64)
    numbers[order] = np.arange(len(order))
    return [texts[number] for number in order.tolist()], numbers[of]
