"""Statistics of question-answer pairs as in Table 1 of Bornea et al., AAAI 2021: lengths and types."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

QUESTION_TYPES = ("why", "how", "what", "when", "where", "who", "which", "other")
"""In the order of the columns of Table 1."""

_FIRST_WORD = re.compile(r"\W*(\w+)")
# Chinese, Japanese and Thai are written without spaces: each of their characters counts as a word. The
# paper does not say how it counts, but its T(Q) has longer questions than English alone (11.9 words, not
# 10.1). So have the professional translations of XQuAD in its six languages counted like this (11.6,
# English 10.4); by white space they would be shorter (8.9).
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]|[^\s\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]+")


@dataclass(frozen=True, slots=True)
class Statistics:
    """One row of Table 1: average words of a question and of an answer, and pairs by question type."""

    question_words: float
    answer_words: float
    types: Mapping[str, int]
    pairs: int


def question_type(question: str) -> str:
    """The type of an ENGLISH question: its first word where that is one of `QUESTION_TYPES`, else `other`.

    A translated example bears the type of its English source (Table 1).

    >>> [question_type(q) for q in ("Who's there?", "In what year was it?", " “What” is it?")]
    ['who', 'other', 'what']
    """
    first = _FIRST_WORD.match(question.lower())
    return first[1] if first and first[1] in QUESTION_TYPES else "other"


def count_words(text: str) -> int:
    """Words between white space; of scripts written without spaces, characters.

    >>> count_words("Where is Lyon?"), count_words("里昂在哪里")
    (3, 5)
    """
    return len(text.split()) if text.isascii() else len(_WORD.findall(text))


def describe(rows: Iterable[tuple[str, str, str]]) -> Statistics:
    """The statistics of (question, answer, question type) triples, in one pass; of no rows, zeros."""
    question_words = answer_words = 0
    types: Counter[str] = Counter()
    for question, answer, kind in rows:
        question_words += count_words(question)
        answer_words += count_words(answer)
        types[kind] += 1
    pairs = types.total()
    counts = {kind: types[kind] for kind in QUESTION_TYPES}
    return Statistics(question_words / max(pairs, 1), answer_words / max(pairs, 1), counts, pairs)
