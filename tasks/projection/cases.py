"""Translations read into cases: each answer with the pieces of its mark, its neighbours, and all else that is known."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from storage.examples import Span
from tasks.mt.markup import Markup
from tasks.projection.alignment.aligner import Alignment
from tasks.projection.cleaning import settled
from tasks.projection.marking import Marked, Recovered, plain, recover
from tasks.projection.rungs.case import Case, hull


class WordAligner(Protocol):
    """What aligns the words of a text with those of its translation: a statistical model or a neural one."""

    def align_many(self, pairs: Sequence[tuple[str, str]]) -> list[Alignment]:
        """The words of every text and of its translation, and how they are linked; in order."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beyond a marked text and its translation.

    Attributes:
        source: language of the marked text; with `target`, lets articles and prepositions be mended.
        target: language of the translation.
        aligner: aligns the words of both.
        alone: what came back for answers that were translated by themselves, by the text that was sent.
    """

    source: str = ""
    target: str = ""
    aligner: WordAligner | None = None
    alone: Mapping[str, str] = field(default_factory=dict)


NOTHING = Known()
"""Not even the languages."""


def read_cases(
    marked: Marked, found: Recovered, places: Mapping[int, Sequence[int]], known: Known
) -> list[Case]:
    """One case per marked span, in their order, none of them aligned (`aligned`).

    Args:
        marked: what was sent.
        found: what came back, its marks read.
        places: where each mark has tags without a partner.
        known: what else there is to go by.
    """
    context, text = marked.context, found.text
    neighbours = [(marked.spans[n - 1], hull(p)) for n, p in found.pieces.items() if n <= len(marked.spans)]
    cases: list[Case] = []
    for number, span in enumerate(marked.spans, 1):
        answer = context[span.start : span.end]
        read = found.pieces.get(number, ())
        pieces = tuple(
            trimmed(text, piece) for piece in read if not is_empty(text[piece.start : piece.end], answer)
        )
        sound = len(pieces) == len(read) and number not in found.unbalanced
        case = Case(
            context=context,
            span=span,
            text=text,
            pieces=pieces,
            loose=() if pieces else places.get(number) or [piece.start for piece in read],
            sound=sound,
            neighbours=neighbours,
            alone=said_alone(answer, marked.markup, known.alone) if known.alone else "",
            source=known.source,
            target=known.target,
        )
        cases.append(case)
    return cases


def aligned(cases: Iterable[Case], aligner: WordAligner) -> list[Case]:
    """The cases with the alignment of their texts; each pair of texts is aligned once, all of them together."""
    found = list(cases)
    pairs = list(dict.fromkeys((case.context, case.text) for case in found if case.text.strip()))
    alignments = dict(zip(pairs, aligner.align_many(pairs), strict=True))
    return [replace(case, alignment=alignments.get((case.context, case.text))) for case in found]


def said_alone(answer: str, markup: Markup, alone: Mapping[str, str]) -> str:
    """The clean translation of an answer by itself, if there is one."""
    translation = alone.get(plain(answer, markup))
    return recover(settled(translation, answer, markup), markup).text.strip() if translation else ""


def trimmed(text: str, span: Span) -> Span:
    """A span without the white space at its ends; it must hold something else."""
    start, end = span.start, span.end
    while text[end - 1].isspace():
        end -= 1
    while text[start].isspace():
        start += 1
    return span if end - start == len(span) else Span(start, end)


def is_empty(text: str, answer: str) -> bool:
    """Whether nothing of an answer is left: not a letter, unless it had none to begin with (`&`, say)."""
    if text and text[0].isalnum():
        return False
    return not text.strip() or (_is_punctuation(text) and not _is_punctuation(answer))


def _is_punctuation(text: str) -> bool:
    return all(char.isspace() or unicodedata.category(char).startswith("P") for char in text)
