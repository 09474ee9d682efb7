"""Whether a piece of a translation says what an answer says when it is translated alone, and where such a piece ends.

Engines put the words of an answer in another order inside a sentence than alone, so what counts is which words there
are, not where.
"""

import re
from collections import Counter
from collections.abc import Iterator

from storage.examples import Span
from tasks.projection.alignment.words import is_unspaced, words
from tasks.projection.rungs.case import hull

_BIT = 2
"""So many letters are a bit of a word."""
_REACH = 40
"""Characters around a tag, beside twice those of the answer alone, in which its words are looked for."""


def wording(text: str) -> list[str]:
    """The words of a text, in lower case and sorted, without its signs.

    >>> wording("Gato negro, gato")
    ['gato', 'gato', 'negro']
    """
    return sorted(form for form in words(text.casefold()).forms if form[0].isalnum())


def cuts(text: str, place: int) -> bool:
    """Whether a place in a text is inside a word, in a script that puts spaces between words.

    >>> [cuts("el gato", place) for place in (0, 1, 2, 3)]
    [False, True, False, False]
    """
    if not 0 < place < len(text) or not (text[place - 1].isalnum() and text[place].isalnum()):
        return False
    return text.isascii() or not (is_unspaced(text[place - 1]) or is_unspaced(text[place]))


def snapped(text: str, span: Span, alone: str) -> Span | None:
    """A span whose edges cut words, with those words whole or left out so that it says what the answer says alone.

    None where no such span says that; the span as it is where that does, for then the engine has glued words together.

    Args:
        text: the translated context.
        span: not empty.
        alone: the answer's own translation; not empty.

    >>> [snapped("el gato negro", Span(start, 9), "gato") for start in (1, 3, 4)]
    [Span(start=3, end=7), Span(start=3, end=7), Span(start=3, end=7)]
    """
    wanted, longest = _letters(alone), 2 * len(alone) + _REACH
    for end in _ends(text, span):
        for start in _starts(text, span):
            if start < end <= start + longest and _letters(text[start:end]) == wanted:
                return Span(start, end)
    return None


def completed(text: str, span: Span) -> Span:
    """A span without the letter or two that it bites off a word, and with those that it leaves of one at its start.

    Elsewhere words that are cut stay so, for engines glue whole words together: a bit that stands in the text as a word
    of its own is taken for one here, too, and a span with letters on both sides for one between two others.

    >>> [completed("el gato negro", Span(*cut)) for cut in ((3, 9), (1, 7), (4, 7))]
    [Span(start=3, end=7), Span(start=1, end=7), Span(start=3, end=7)]
    """
    start, end = span.start, span.end
    if cuts(text, start):
        low, high = _word_at(text, start)
        if high > end:
            return span
        if high < end and _is_bit(text, Span(start, high), start - low):
            start = high + len(text[high:end]) - len(text[high:end].lstrip())
        elif _is_bit(text, Span(low, start), high - start):
            start = low
    if cuts(text, end):
        low, high = _word_at(text, end)
        if low > start and _is_bit(text, Span(low, end), high - end):
            end = start + len(text[start:low].rstrip())
    return Span(start, end) if start < end else span


def _is_bit(text: str, part: Span, rest: int) -> bool:
    """Whether a part of a word is no word, and shorter than the rest."""
    size = part.end - part.start
    if size > _BIT or size >= rest:
        return False
    return not is_word_in(text, text[part.start : part.end])


def is_word_in(text: str, part: str) -> bool:
    """Whether some letters stand in a text as a word of their own.

    >>> is_word_in("de arena", "de"), is_word_in("arenas", "s")
    (True, False)
    """
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) is not None


def _word_at(text: str, place: int) -> tuple[int, int]:
    """Where the word begins and ends that a place cuts."""
    low, high = place - 1, place + 1
    while cuts(text, low):
        low -= 1
    while cuts(text, high):
        high += 1
    return low, high


def _letters(text: str) -> list[str]:
    """Sorted, so that neither the order of words matters nor whether two of them are glued together."""
    return sorted(filter(str.isalnum, text.casefold()))


def _starts(text: str, span: Span) -> Iterator[int]:
    """The start as it is, then before and behind the word that it cuts."""
    yield span.start
    if cuts(text, span.start):
        start = span.start
        while cuts(text, start):
            start -= 1
        yield start
        start = span.start
        while start < span.end and not text[start].isspace():
            start += 1
        yield start + len(text[start : span.end]) - len(text[start : span.end].lstrip())


def _ends(text: str, span: Span) -> Iterator[int]:
    yield span.end
    if cuts(text, span.end):
        end = span.end
        while cuts(text, end):
            end += 1
        yield end
        end = span.end
        while end > span.start and not text[end - 1].isspace():
            end -= 1
        yield span.start + len(text[span.start : end].rstrip())


def runs_at(text: str, place: int, alone: str) -> list[Span]:
    """The words right behind a place, and those right before it, where they say what the answer says alone.

    An answer of several words may have one of the engine's own among them.

    >>> runs_at("el gato muy negro", 3, "negro gato")
    [Span(start=3, end=17)]
    """
    wanted = wording(alone)
    reach = 2 * len(alone) + _REACH
    low, high = max(0, place - reach), min(len(text), place + reach)
    behind = _word_spans(text, place, high)
    before = _word_spans(text, low, place)
    found: list[Span] = []
    for count in (len(wanted), len(wanted) + 1)[: len(wanted)]:
        found += (hull(run) for run in (behind[:count], before[-count:]) if _say(text, run, wanted))
    return found


def _word_spans(text: str, start: int, end: int) -> list[Span]:
    """Where the words of a part of a text stand, without signs."""
    cut = words(text[start:end])
    places = zip(cut.forms, cut.starts.tolist(), cut.ends.tolist(), strict=True)
    return [Span(start + first, start + last) for form, first, last in places if form[0].isalnum()]


def _say(text: str, run: list[Span], wanted: list[str]) -> bool:
    """Whether words are those that are wanted, but for one between the first and the last."""
    said = Counter(text[word.start : word.end].casefold() for word in run)
    more = said - Counter(wanted)
    edges = {text[word.start : word.end].casefold() for word in (*run[:1], *run[-1:])}
    return said.total() - more.total() == len(wanted) > 0 and edges <= set(wanted)
