"""What a build has translated, as pairs of plain texts: the data that a word aligner is fitted on."""

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence

from storage.examples import Example
from tasks.mt.markup import Markup
from tasks.projection.cleaning import settled
from tasks.projection.contexts import mark_contexts
from tasks.projection.marking import recover
from tasks.projection.questions import questions_back

Pair = tuple[str, str]
"""A text and its translation, neither with marks."""


def context_pairs(
    examples: Iterable[Example], translations: Mapping[str, str], markup: Markup
) -> Iterator[Pair]:
    """Each distinct context that has a translation, with that of its first copy."""
    seen: set[str] = set()
    for marked in mark_contexts(examples, markup):
        translation = translations.get(marked.text)
        if translation is not None and marked.context not in seen:
            seen.add(marked.context)
            yield marked.context, recover(settled(translation, marked.context, markup), markup).text


def question_pairs(
    examples: Sequence[Example], translations: Mapping[str, str], markup: Markup
) -> Iterator[Pair]:
    """Each distinct question that has a translation."""
    yield from questions_back([example.question for example in examples], translations, markup).items()


def sampled(pairs: Iterable[Pair], limit: int, seed: int = 0) -> list[Pair]:
    """At most `limit` of the pairs, drawn by a hash of their source: the same ones in whatever order they come.

    One pair more or less in the source changes at most one pair of the sample.

    >>> sampled([("a", "1"), ("b", "2"), ("c", "3")], 2) == sampled([("c", "3"), ("a", "1"), ("b", "2")], 2)
    True
    """

    def place(pair: Pair) -> bytes:
        return hashlib.sha256(f"{seed}\0{pair[0]}\0{pair[1]}".encode("utf-8", "surrogatepass")).digest()

    return heapq.nsmallest(limit, pairs, key=place)
