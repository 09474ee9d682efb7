"""Scores of parts of a benchmark: by type of question, by length of answer and context, by languages.

In a breakdown every example weighs the same, whatever its pair; G-XLT, where every pair does, is in `transfer`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from storage.examples import Example
from tasks.scoring.benchmarks import Pair
from tasks.scoring.score import PairScore, Statistic
from tasks.scoring.statistics import QUESTION_TYPES, count_words, question_type

UNKNOWN = "not known"
"""The type of a question of which there is no English version."""

ANSWER_WORDS = (1, 2, 3, 5, 10)
"""The most words of an answer in each part but the last; XQuAD's English answers have 2.9 words on average."""

CONTEXT_WORDS = (100, 150, 200, 300)
"""The same of contexts; XQuAD's English ones have 124 words on average, its Chinese ones 221."""

Label = Callable[[Pair, Example], str]


@dataclass(frozen=True, slots=True)
class Part:
    """Exact match and F1 in percent over the `total` examples of one part."""

    name: str
    total: int
    exact_match: float
    f1: float


def breakdowns(pairs: Sequence[Pair], scores: Sequence[PairScore]) -> dict[str, list[Part]]:
    """Every breakdown by its name; parts without examples are left out, the others stand in their natural order.

    Lengths are words of the first gold answer and of the context, counted as in Table 1 (`statistics.count_words`).
    """
    english = english_questions(pairs)
    contexts: dict[str, str] = {}

    def kind(_: Pair, example: Example) -> str:
        question = english.get(example.id)
        return UNKNOWN if question is None else question_type(question)

    def answer_length(_: Pair, example: Example) -> str:
        return bucket(count_words(example.answers[0].text), ANSWER_WORDS)

    def context_length(_: Pair, example: Example) -> str:
        if example.context not in contexts:
            contexts[example.context] = bucket(count_words(example.context), CONTEXT_WORDS)
        return contexts[example.context]

    return {
        "question type": parts(pairs, scores, kind, (*QUESTION_TYPES, UNKNOWN)),
        "answer length": parts(pairs, scores, answer_length, buckets(ANSWER_WORDS)),
        "context length": parts(pairs, scores, context_length, buckets(CONTEXT_WORDS)),
        "context language": parts(pairs, scores, lambda pair, _: pair.context_language),
        "question language": parts(pairs, scores, lambda pair, _: pair.question_language),
        "language pair": parts(pairs, scores, lambda pair, _: pair.name),
    }


def parts(
    pairs: Sequence[Pair], scores: Sequence[PairScore], label: Label, order: Sequence[str] = ()
) -> list[Part]:
    """The score of the examples of each label: in the given order, then in that of their first example."""
    found: dict[str, list[Statistic]] = {name: [] for name in order}
    for pair, score in zip(pairs, scores, strict=True):
        for example, statistic in zip(pair.examples, score.statistics, strict=True):
            found.setdefault(label(pair, example), []).append(statistic)
    return [_part(name, statistics) for name, statistics in found.items() if statistics]


def english_questions(pairs: Sequence[Pair]) -> Mapping[str, str]:
    """The English question of each id that is asked in English somewhere."""
    return {e.id: e.question for pair in pairs if pair.question_language == "en" for e in pair.examples}


def bucket(length: int, edges: Sequence[int]) -> str:
    """The name of the part that a length falls into.

    >>> [bucket(n, (1, 2, 5)) for n in (0, 1, 2, 3, 5, 6)]
    ['up to 1', 'up to 1', '2', '3 to 5', '3 to 5', 'over 5']
    """
    place = sum(length > edge for edge in edges)
    return buckets(edges)[place]


def buckets(edges: Sequence[int]) -> tuple[str, ...]:
    """The names of the parts that ascending edges cut lengths into; an edge belongs to the part below it.

    >>> buckets((1, 2, 5))
    ('up to 1', '2', '3 to 5', 'over 5')
    """
    inner = [f"{high}" if high == low + 1 else f"{low + 1} to {high}" for low, high in pairwise(edges)]
    return (f"up to {edges[0]}", *inner, f"over {edges[-1]}")


def _part(name: str, statistics: Sequence[Statistic]) -> Part:
    total = len(statistics)
    return Part(
        name,
        total,
        100.0 * sum(s.exact_match for s in statistics) / total,
        100.0 * sum(s.f1 for s in statistics) / total,
    )
