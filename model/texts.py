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


def distinct(texts: Iterable[str]) -> tuple[list[str], Ints]:
    """The distinct texts in the order of their first appearance, and each text's number among them.

    >>> distinct(["b", "a", "b"])
    (['b', 'a'], array([0, 1, 0]))
    """
    numbers: dict[str, int] = {}
    of = [numbers.setdefault(text, len(numbers)) for text in texts]
    return list(numbers), np.array(of, dtype=np.int64)
