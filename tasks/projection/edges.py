"""Small repairs at the edges of a projected answer: what an engine pulls into a mark or pushes out of it.

Each repair is a matter of spelling or grammar, not of statistics, and none leaves an answer empty. A word that a mark
cuts is made whole, or left out, where what the answer is alone says so; else only its combining marks and a bit of two
letters come in or go out: an engine that glues words together would have its neighbours swallowed (measured: it costs
F1).
"""

import re
import unicodedata

from storage.examples import Span
from tasks.projection.grammar import ARTICLES, CONTRACTIONS, PREPOSITIONS, SEPARABLE
from tasks.projection.wording import completed, cuts, is_word_in, snapped

_SEPARATORS = ",;:،؛、，；："
_STOPS = ".!?…。！？।۔؟"
_QUOTES = "\"'“”„«»‘’`「」『』"
_PARTNERS = dict(zip(")]}）】([{（【", "([{（【)]}）】", strict=True))
_CLOSING = ")]}）】"
_LOOSE = frozenset(_SEPARATORS + _STOPS + _QUOTES) | _PARTNERS.keys()
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_ENDING = re.compile(r"[^\W\d_]{1,2}(?!\w)")
_ABBREVIATION = re.compile(r"(?:\b\w{1,3}|\.\w+)\.$")
_WORD = re.compile(r"\S")
_BEFORE = re.compile(r"(\w+)\s+$")


def repaired(
    text: str,
    span: Span,
    answer: str,
    source: str,
    target: str,
    *,
    before: str = "",
    alone: str = "",
    is_part: bool = False,
) -> Span:
    """The span of an answer in a translation, its edges put right by what the original answer looks like.

    Args:
        text: the translated context, without marks.
        span: where the answer seems to be in it; not empty.
        answer: the answer before translation; not empty.
        source: its language.
        target: the language of `text`.
        before: the end of what stands before the answer in the source, where known.
        alone: the answer translated by itself, where known.
        is_part: whether the answer is part of a word already in the source, so that its translation may be, too.

    >>> repaired("orilla del río, «larga»", Span(7, 15), "the river", "en", "es")
    Span(start=11, end=14)
    """
    start, end = (span.start, span.end) if is_part else _of_words(text, span, alone)
    if not (text[start].isalnum() and text[end - 1].isalnum()):
        start, end = _without_signs(text, start, end, answer)
    if not (answer[0].isalnum() and answer[-1].isalnum()) or _meets_quote(text, start, end):
        start, end = _with_signs(text, start, end, answer)
    if source in PREPOSITIONS and target in PREPOSITIONS and text.find(" ", start, end) > 0:
        start = _first_word(text, start, end, answer, before, source, target)
        end = _last_word(text, start, end, answer, source, target)
    return span if start == span.start and end == span.end else Span(start, end)


def _of_words(text: str, span: Span, alone: str) -> tuple[int, int]:
    """The span with no word cut that is better whole or left out."""
    start, end = span.start, span.end
    if cuts(text, start) or cuts(text, end):
        if alone and (said := snapped(text, span, alone)):
            return said.start, said.end
        whole = completed(text, span)
        start, end = whole.start, whole.end
    if end < len(text) and (text[end].isalpha() or not text[end].isascii()):
        end = _whole(text, start, end)
    return start, end


def _whole(text: str, start: int, end: int) -> int:
    """The end moved behind the marks that combine with the last character, or a word's ending of two letters.

    No ending is joined where the word before is glued to the answer too.
    """
    while end < len(text) and unicodedata.category(text[end])[0] == "M":
        end += 1
    if start and text[start - 1].isalnum() and text[start].isalnum():
        return end
    ending = _ENDING.match(text, end) if text[end - 1].isalpha() and text[end - 1].isascii() else None
    return ending.end() if ending and not is_word_in(text, ending[0]) else end


def _without_signs(text: str, start: int, end: int, answer: str) -> tuple[int, int]:
    """White space goes, and so do signs that the original answer has not at that edge, unless nothing else is there."""
    start, end = _stripped(text, start, end)
    left, right = start, end
    while right - left > 1 and (
        text[right - 1].isspace() or _is_foreign(text, left, right, right - 1, answer)
    ):
        right -= 1
    while right - left > 1 and (text[left].isspace() or _is_foreign(text, left, right, left, answer)):
        left += 1
    return (start, end) if text[left].isspace() else (left, right)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    inside = text[start:end]
    return end - len(inside.lstrip() or inside), start + len(inside.rstrip() or inside)


def _is_foreign(text: str, start: int, end: int, place: int, answer: str) -> bool:
    """Whether the sign at an edge of a span belongs to the sentence around it."""
    char = text[place]
    if char not in _LOOSE:
        return False
    at_start = place == start
    theirs = answer[0] if at_start else answer[-1]
    if char in _PARTNERS:
        return _is_unmatched(text[start:end], char) and not _is_unmatched(answer, theirs)
    if char in _SEPARATORS:
        return theirs not in _SEPARATORS
    if char in _QUOTES:
        return _is_foreign_quote(text[start:end], answer, at_start)
    return not at_start and theirs not in _STOPS and not _ABBREVIATION.search(text, max(start, end - 8), end)


def _is_foreign_quote(text: str, answer: str, at_start: bool) -> bool:
    """Whether a quotation mark at an edge has no partner further in, or has it at the other edge, unlike the answer."""
    first, last = (text[0], answer[0]) if at_start else (text[-1], answer[-1])
    inner = text[1:] if at_start else text[:-1]
    partners = _quotes(inner)
    if last in _QUOTES:
        doubled = inner[:1] if at_start else inner[-1:]
        return doubled == first and partners % 2 == 0
    opposite = inner[-1:] if at_start else inner[:1]
    return partners % 2 == 0 or (partners == 1 and opposite in _QUOTES)


def _quotes(text: str) -> int:
    """How many quotation marks a text has; apostrophes inside words are none."""
    return sum(char in _QUOTES for char in _APOSTROPHE.sub("", text))


def _is_unmatched(text: str, char: str) -> bool:
    """Whether a text has more of a bracket than of its partner."""
    return char in _PARTNERS and text.count(char) > text.count(_PARTNERS[char])


def _meets_quote(text: str, start: int, end: int) -> bool:
    """Whether a quotation mark stands just outside."""
    return (end < len(text) and text[end] in _QUOTES) or (start > 0 and text[start - 1] in _QUOTES)


def _with_signs(text: str, start: int, end: int, answer: str) -> tuple[int, int]:
    """A quotation mark or bracket just outside comes in if the original answer has one there, or if its partner is in.

    The partner of a quotation mark is only looked for where the original answer quotes something too.
    """
    if start and answer[0] in _QUOTES and text[start] not in _QUOTES and text[start - 1] in _QUOTES:
        start -= 1
    if end < len(text) and answer[-1] in _QUOTES and text[end - 1] not in _QUOTES and text[end] in _QUOTES:
        end += 1
    if _quotes(answer) and _quotes(answer) % 2 == 0 and _quotes(text[start:end]) % 2:
        if end < len(text) and text[end] in _QUOTES:
            end += 1
        elif start and text[start - 1] in _QUOTES:
            start -= 1
    if end < len(text) and answer[-1] in _CLOSING and text[end] in _CLOSING:
        end += _is_unmatched(text[start:end], _PARTNERS[text[end]])
    if start and answer[0] in _PARTNERS and text[start - 1] in _PARTNERS and text[start - 1] not in _CLOSING:
        start -= _is_unmatched(text[start:end], _PARTNERS[text[start - 1]])
    return start, end


def _first_word(text: str, start: int, end: int, answer: str, before: str, source: str, target: str) -> int:
    """The start without a preposition or an article that stood outside the answer, or in a contraction half outside."""
    place = text.find(" ", start, end)
    word = text[start:place].lower()
    is_article, is_preposition = word in ARTICLES[target], word in PREPOSITIONS[target]
    if not (is_article or is_preposition or word in CONTRACTIONS[target]):
        return start
    outside = match[1].lower() if (match := _BEFORE.search(before[-24:])) else ""
    if (is_article and outside not in ARTICLES[source]) or (
        is_preposition and outside not in PREPOSITIONS[source]
    ):
        return start
    if answer.split(maxsplit=1)[0].lower() in PREPOSITIONS[source]:
        return start
    rest = _WORD.search(text, place, end)
    return rest.start() if rest else start


def _last_word(text: str, start: int, end: int, answer: str, source: str, target: str) -> int:
    """The end without a preposition that the answer did not end in."""
    place = text.rfind(" ", start, end)
    if place <= start or text[place + 1 : end] not in PREPOSITIONS[target] or target in SEPARABLE:
        return end
    if answer.split()[-1].lower() in PREPOSITIONS[source]:
        return end
    return start + len(text[start:place].rstrip())
