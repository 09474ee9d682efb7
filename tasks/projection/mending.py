"""Tags that came back in another form than they were sent, read for what they must have been.

Only for translations in which the plain reading misses a tag. Nothing is guessed: a renamed tag still bears its number,
or is the only one that can be meant, or encloses what that answer is alone; and a half pair has its other half where
the slash went missing.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from storage.examples import Span
from tasks.mt.markup import Markup, closing, opening, read
from tasks.projection.cases import said_alone
from tasks.projection.cleaning import leftover, settled
from tasks.projection.marking import Marked, Recovered, recover
from tasks.projection.wording import wording

_NUMBERED = (Markup.HTML, Markup.XML, Markup.TAGS)
_HALF_ESCAPED = re.compile(r"(?:&lt;|<)(\s*+[/／]?\s*+[bB]\s*+\d{1,4}\s*+)(?:&gt;|>)")
_RENAMED = re.compile(r"<\s*+([/／]?)\s*+[^\W\d_]{1,16}\s*+(\d{1,4})\s*+[/／]?\s*+>")
_NONE: Mapping[str, str] = MappingProxyType({})
_NAMED = re.compile(r"<\s*+([/／]?)\s*+[^\W\d_]{1,16}\s*+>")


def read_again(
    translation: str, marked: Marked, plainly: Recovered, alone: Mapping[str, str] = _NONE
) -> tuple[Recovered, dict[int, list[int]]]:
    """The translation read with its misspelt tags, or as it was read already where that would change the text.

    Also where in the text each mark has a tag at all, opening or closing.

    Args:
        translation: what came back.
        marked: what was sent.
        plainly: the plain reading of it.
        alone: what came back for answers that were translated by themselves, by the text that was sent.

    >>> sent = Marked("red car", (Span(0, 3),), "<b1>red</b1> car")
    >>> read_again("<strong1>rojo</strong1> coche", sent, Recovered("rojo coche"))[0].pieces
    {1: (Span(start=0, end=4),)}
    """
    spelt = translation
    if marked.markup in _NUMBERED and "<" not in marked.context and "&lt;" not in marked.context:
        spelt = _named(_renamed(_HALF_ESCAPED.sub(r"<\1>", translation)), marked, plainly, alone)
    cleaned = settled(spelt, marked.context, marked.markup)
    found = recover(cleaned, marked.markup)
    wrecked = leftover(plainly.text, marked.context, marked.markup)
    if found.text != plainly.text and not wrecked:
        found, cleaned = plainly, settled(translation, marked.context, marked.markup)
    places = _places(cleaned, marked.markup)
    return _paired(found, places), places


def _places(cleaned: str, markup: Markup) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    length = 0
    for token in read(cleaned, markup):
        if isinstance(token, str):
            length += len(token)
        else:
            places.setdefault(token.number, []).append(length)
    return places


def _renamed(translation: str) -> str:
    """Tags whose name was translated but whose number was not."""

    def restored(match: re.Match[str]) -> str:
        number = int(match[2])
        return closing(number) if match[1] else opening(number)

    return _RENAMED.sub(restored, translation)


def _named(translation: str, marked: Marked, plainly: Recovered, alone: Mapping[str, str]) -> str:
    """The pairs without a number (`<fuerte>`) that can only be meant for one of the marks that are missing."""
    present = plainly.pieces.keys() | plainly.unbalanced
    missing = [number for number in range(1, len(marked.spans) + 1) if number not in present]
    pairs = _pairs(translation) if missing else []
    if len(missing) == 1 == len(pairs):
        meant = {missing[0]: pairs[0]}
    else:
        meant = (
            _meant(translation, pairs, marked, missing, alone) if alone and len(pairs) <= len(missing) else {}
        )
    tags = {opened.start(): opening(number) for number, (opened, _) in meant.items()}
    tags |= {closed.start(): closing(number) for number, (_, closed) in meant.items()}
    return _NAMED.sub(lambda match: tags.get(match.start(), match[0]), translation) if tags else translation


_Pair = tuple[re.Match[str], re.Match[str]]
"""Where a pair opens and where it closes."""


def _pairs(translation: str) -> list[_Pair]:
    """The pairs without a number, as they nest; none where one lacks its partner."""
    opened: list[re.Match[str]] = []
    pairs: list[_Pair] = []
    for match in _NAMED.finditer(translation):
        if not match[1]:
            opened.append(match)
        elif opened:
            pairs.append((opened.pop(), match))
        else:
            return []
    return [] if opened else pairs


def _meant(
    translation: str, pairs: list[_Pair], marked: Marked, missing: list[int], alone: Mapping[str, str]
) -> dict[int, _Pair]:
    """For each missing mark the first pair left that says what its answer says alone."""
    left = [
        (wording(recover(_NAMED.sub("", translation[a.end() : b.start()]), marked.markup).text), (a, b))
        for a, b in pairs
    ]
    meant: dict[int, _Pair] = {}
    for number in missing:
        span = marked.spans[number - 1]
        wanted = wording(said_alone(marked.context[span.start : span.end], marked.markup, alone))
        place = next((i for i, (said, _) in enumerate(left) if wanted and said == wanted), None)
        if place is not None:
            meant[number] = left.pop(place)[1]
    return meant


def _paired(found: Recovered, places: dict[int, list[int]]) -> Recovered:
    """Two tags of a mark that both open, both close, or stand the wrong way round, taken for its two ends."""
    pieces = dict(found.pieces)
    for number in found.unbalanced:
        ends = places.get(number, [])
        if number not in pieces and len(ends) == 2 and ends[0] < ends[1]:
            pieces[number] = (Span(ends[0], ends[1]),)
    return Recovered(found.text, pieces, found.unbalanced)
