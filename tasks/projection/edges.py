"""Small repairs at the edges of a projected answer: what an engine pulls into a mark or pushes out of it.

Each repair is a matter of spelling or grammar, not of statistics, and none leaves an answer empty. Words that a mark
cuts are left alone: an engine that glues words together would have its neighbours swallowed (measured: it costs F1).
"""

import re

from storage.examples import Span

_SEPARATORS = ",;:،؛、，；："
_QUOTES = "\"'“”„«»‘’`「」『』"
_BRACKETS = dict(zip(")]}）】", "([{（【", strict=True))

CONTRACTIONS: dict[str, tuple[str, ...]] = {
    "ca": ("al", "als", "del", "dels", "pel", "pels"),
    "de": ("am", "beim", "im", "vom", "zum", "zur"),
    "es": ("al", "del"),
    "fr": ("au", "aux", "du", "des"),
    "gl": ("ao", "aos", "da", "das", "do", "dos", "na", "nas", "no", "nos"),
    "it": ("al", "allo", "alla", "ai", "agli", "alle", "del", "dello", "della", "dei", "degli", "delle", "dal", "nel"),
    "pt": ("ao", "aos", "da", "das", "do", "dos", "na", "nas", "no", "nos", "pela", "pelo"),
}  # fmt: skip
"""Words that are a preposition and an article in one. For "of the river" with "the river" as the answer, the article's
mark ends up on a word whose first half, the preposition, is not part of the answer."""

PREPOSITIONS: dict[str, tuple[str, ...]] = {
    "en": (
        "about", "above", "after", "against", "along", "among", "around", "as", "at", "before", "behind", "below",
        "between", "beyond", "by", "during", "for", "from", "in", "into", "near", "of", "off", "on", "onto", "out",
        "over", "since", "through", "throughout", "to", "toward", "towards", "under", "until", "up", "upon", "via",
        "with", "within", "without",
    )
}  # fmt: skip
"""An answer that begins with one of these may begin with a contraction in translation."""


def repaired(text: str, span: Span, answer: str, source: str, target: str) -> Span:
    """The span of an answer in a translation, its edges put right by what the original answer looks like.

    Args:
        text: the translated context, without marks.
        span: where the marks put the answer in it; not empty.
        answer: the answer before translation.
        source: its language.
        target: the language of `text`.

    >>> repaired("orilla del río, «larga»", Span(7, 15), "the river", "en", "es")
    Span(start=11, end=14)
    """
    span = _without_separators(text, span, answer)
    span = _with_quotes(text, span, answer)
    first = next(iter(answer.lower().split()), "")
    if source in PREPOSITIONS and first not in PREPOSITIONS[source]:
        span = _without_contraction(text, span, target)
    return span


def _without_separators(text: str, span: Span, answer: str) -> Span:
    start, end = span.start, span.end
    loose = _SEPARATORS if answer[-1] not in _SEPARATORS else ""
    while end - start > 1 and (text[end - 1].isspace() or text[end - 1] in loose):
        end -= 1
    loose = _SEPARATORS if answer[0] not in _SEPARATORS else ""
    while end - start > 1 and (text[start].isspace() or text[start] in loose):
        start += 1
    return Span(start, end)


def _with_quotes(text: str, span: Span, answer: str) -> Span:
    """A quotation mark or bracket just outside comes in if the original answer has one there."""
    start, end = span.start, span.end
    if start and answer[0] in _QUOTES and text[start] not in _QUOTES and text[start - 1] in _QUOTES:
        start -= 1
    if end < len(text) and answer[-1] in _QUOTES and text[end - 1] not in _QUOTES and text[end] in _QUOTES:
        end += 1
    if end < len(text) and answer[-1] in _BRACKETS and text[end] in _BRACKETS:
        inside = text[start:end]
        end += inside.count(_BRACKETS[text[end]]) > inside.count(text[end])
    return Span(start, end)


def _without_contraction(text: str, span: Span, target: str) -> Span:
    words = "|".join(CONTRACTIONS.get(target, ()))
    match = re.match(rf"(?:{words})\s+(?=\S)", text[span.start : span.end], re.IGNORECASE) if words else None
    return Span(span.start + match.end(), span.end) if match else span
