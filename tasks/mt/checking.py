"""Is what came back a translation? Each check has a name, so that a lost row can say which one it failed.

What projection can put right later (a tag that was split, moved, repeated or invented) is not held against an answer;
`tags_back` reports it. The bounds of length come from XQuAD, whose contexts and questions people translated: measured
in code points, contexts are 0.71 to 1.38 times as long as the English ones (Chinese: 0.23 to 0.75),
questions of 20 and more 0.43 to 2.62 times (Chinese: 0.16 to 0.79).
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from storage.silver import Reason, Refusal
from tasks.mt.languages import short
from tasks.mt.markup import Markup, Tag, read

DENSE = frozenset({"zh", "ja", "ko", "yue", "wuu"})
"""Languages that say in one character what others say in three or four."""

SHORT_CHARS = 40
"""Of a source shorter than this, any length that is not absurd may be the translation."""

LONG_CHARS = 400
"""From here on the bounds are those of contexts."""

SHORTEST = {False: 0.3, True: 0.5}
"""The least share of the source's length that may come back, for sources below and from `LONG_CHARS`."""

LONGEST = {False: 5.0, True: 3.0}
"""The most of it; a shorter source may always grow by `ROOM_CHARS`."""

ROOM_CHARS = 200
DENSITY = 4.0
"""How much shorter than others a text in a dense language may be, and how much longer one translated from it."""

WORDY_CHARS = 10
"""So many letters in words that are no names and no numbers, and the source is something to translate."""

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A segment as it was sent."""

    text: str
    markup: Markup
    source: str
    target: str


Check = Callable[[Asked, str], Refusal | None]
"""Looks at an answer: None where it is usable."""


@dataclass(frozen=True, slots=True)
class TagsBack:
    """What became of the marks of a segment, by number: whole, without any tag left, or in another way changed."""

    sent: frozenset[int]
    whole: frozenset[int]
    lost: frozenset[int]
    changed: frozenset[int]
    invented: frozenset[int]


def is_text(text: str) -> bool:
    """Whether this is text that services, files and databases can hold: no NUL, no half of a surrogate pair."""
    return _NO_TEXT.search(text) is None


def check_answer(asked: Asked, answer: str) -> Refusal | None:
    """Why an answer is not a usable translation, or None where it is one."""
    if not is_text(answer):
        cleaned = _NO_TEXT.sub("\ufffd", answer)
        return Refusal(Reason.NOT_TEXT, "NUL or half a character came back", cleaned)
    (source, sent), (made, back) = _parts(asked.text, asked.markup), _parts(answer, asked.markup)
    if not source:
        return None
    found = _empty(made) or _copied(source, made, asked) or _length(source, made, asked)
    found = found or _tags(sent, back)
    return None if found is None else Refusal(found[0], found[1], answer)


def tags_back(asked: Asked, answer: str) -> TagsBack:
    """What became of the marks of a segment.

    >>> asked = Asked("<b1>a</b1> <b2>b</b2> <b3>c</b3>", Markup.HTML, "en", "es")
    >>> back = tags_back(asked, "<b1>A</b1> <b2>B</b2> <b2>b</b2> <b9>C")
    >>> sorted(back.whole), sorted(back.lost), sorted(back.changed), sorted(back.invented)
    ([1], [3], [2], [9])
    """
    sent, back = _tag_counts(asked.text, asked.markup), _tag_counts(answer, asked.markup)
    numbers, found = {tag.number for tag in sent}, {tag.number for tag in back}
    both = numbers & found
    whole = {n for n in both if back[Tag(n, closing=False)] == back[Tag(n, closing=True)] == 1}
    return TagsBack(
        frozenset(numbers),
        frozenset(whole),
        frozenset(numbers - found),
        frozenset(both - whole),
        frozenset(found - numbers),
    )


Found = tuple[Reason, str] | None


def _empty(made: str) -> Found:
    return None if made else (Reason.EMPTY, "nothing but white space came back")


def _copied(source: str, made: str, asked: Asked) -> Found:
    """The source itself is no translation, unless it is all names, numbers and signs, which stay what they are.

    Names are words that begin with a capital, except at the beginning; in scripts without capitals no word is one.
    """
    if made != source or short(asked.source) == short(asked.target):
        return None
    words = _WORD.findall(source)
    wordy = sum(len(word) for word in words if not word[0].isupper() and not any(map(str.isdigit, word)))
    return (Reason.COPIED, "the source came back as it was") if wordy >= WORDY_CHARS else None


def _length(source: str, made: str, asked: Asked) -> Found:
    long = len(source) >= LONG_CHARS
    least, most = SHORTEST[long], LONGEST[long]
    if short(asked.target) in DENSE:
        least /= DENSITY
    if short(asked.source) in DENSE:
        most *= DENSITY
    detail = f"{len(made)} characters came back for {len(source)}"
    if len(source) >= SHORT_CHARS and len(made) < least * len(source):
        return Reason.TRUNCATED, detail
    if len(made) > max(most * len(source), len(source) + ROOM_CHARS):
        return Reason.RUNAWAY, detail
    return None


def _tags(sent: set[int], back: set[int]) -> Found:
    """Only the loss of every mark is beyond repair."""
    if sent and not sent & back:
        return Reason.TAGS_LOST, f"none of {len(sent)} marks came back"
    return None


def _parts(marked: str, markup: Markup) -> tuple[str, set[int]]:
    """The text without its marks and with single spaces, and the numbers of its marks; it is read but once."""
    pieces: list[str] = []
    numbers: set[int] = set()
    for token in read(marked, markup):
        if isinstance(token, str):
            pieces.append(token)
        else:
            numbers.add(token.number)
    return " ".join("".join(pieces).split()), numbers


def _tag_counts(marked: str, markup: Markup) -> Counter[Tag]:
    return Counter(token for token in read(marked, markup) if isinstance(token, Tag))
