"""Marked text cut into sentences, and smaller where a model's limit asks for it, without cutting any mark.

Where sentences end is Wikimedia's `sentencex` to say (rules and abbreviations of some 300 languages). It is shown the
text without its tags and entities; what is ours are the marks: no tag and no mark is cut, closing tags stay with the
sentence before and opening ones with the next. On XQuAD's paragraphs it finds the same ends with tags as without.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from html import unescape
from importlib.metadata import version
from itertools import pairwise
from typing import NamedTuple

from sentencex import get_sentence_boundaries

from tasks.mt.markup import Markup, Tag, read

VERSION = f"2, sentencex {version('sentencex')}"
"""Version of these rules and of the library's: another one may cut texts in other places."""

# What may be a tag of any style, and the entities that stand for a sign of their own in all of them.
_OPENING, _CLOSING = r"<\s*\w{1,5}\s*>|\[\d{1,4}\]", r"<\s*/[^<>]{1,8}>|\[/\d{1,4}\]"
_HIDDEN = re.compile(rf"(?P<closing>{_CLOSING})|{_OPENING}|(?P<entity>&(?:amp|lt|gt|quot|apos|#\d{{1,7}});)")
# The library fails on initials before white space that is not ASCII, and on halves of surrogate pairs.
_STRANGE = re.compile(r"[^\S\x00-\x7f]|[\ud800-\udfff]")
_CLOSERS = r"""(?:["'”’»)\]}]|<[^<>\s]*>|\[[^\[\]\s]*\])*"""
_LINE = re.compile(r"\s*\n\s*(?=\S)")
_CLAUSE = re.compile(rf"(?:[;:,—–]{_CLOSERS}\s+|[，；：、،؛])(?=\S)")
_SPACE = re.compile(r"\s+(?=\S)")
_ANYWHERE = re.compile(r"(?<=.)(?=.)", re.DOTALL)

SPACELESS = frozenset({"ja", "wuu", "yue", "zh", "zh-Hant"})
"""Languages that put no space between sentences."""

FULL_WIDTH_ENDS = tuple("。！？।॥؟۔，；：、،؛”’」』）》")
"""Signs that may end a piece without a space after it."""

NEAR_CHARS = 48
"""No tag or entity that `tasks.mt.markup` writes is longer."""

Fits = Callable[[str], bool]
"""Whether a piece is short enough for the model."""


def fitted(text: str, markup: Markup, fits: Fits, *, alone: bool, language: str = "en") -> list[str]:
    """A marked text in pieces that fit, cut as seldom and in as good places as can be.

    Law: the pieces joined are the text, and their tags together are the tags of the text. A cut between the two tags
    of one mark is made only where no other place is left. A piece that fits nowhere (one tag longer than the limit) is
    given back as it is.

    Args:
        text: one segment as an engine gets it.
        markup: the dialect of its marks.
        fits: whether a piece is short enough.
        alone: whether each sentence is to be a piece of its own, also where several would fit together.
        language: of the text.

    >>> fitted("He <b1>left. He</b1> ran. Dr. Smith stayed.", Markup.HTML, lambda piece: True, alone=True)
    ['He <b1>left. He</b1> ran. ', 'Dr. Smith stayed.']
    """
    pieces = _cut(text, markup, _lines, inside=False)
    if alone:
        return [
            part
            for piece in pieces
            for sentence in sentences(piece, markup, language)
            for part in _smaller(sentence, markup, fits, language)
        ]
    return [
        part
        for piece in pieces
        for part in (
            [piece] if fits(piece) else _packed(_smaller_sentences(piece, markup, fits, language), fits)
        )
    ]


def sentences(text: str, markup: Markup, language: str = "en") -> list[str]:
    """The sentences of a marked text, the space after each included; no mark is cut in two.

    Law: joined, they are the text.

    >>> sentences("It cost 3.5 million. Why? <b1>Nobody</b1> knows.", Markup.HTML)
    ['It cost 3.5 million. ', 'Why? ', '<b1>Nobody</b1> knows.']
    """
    return _cut(text, markup, partial(_sentence_ends, language), inside=False)


class Piece(NamedTuple):
    """One piece of a text: what is sent of it, and the white space round that."""

    before: str
    core: str
    after: str


def piece_of(part: str) -> Piece:
    r"""A piece without the white space round it.

    >>> piece_of("He left.\n")
    Piece(before='', core='He left.', after='\n')
    """
    core = part.strip()
    start = part.index(core)
    return Piece(part[:start], core, part[start + len(core) :])


def space_after(piece: Piece, source: str, target: str) -> str:
    """The white space between the translations of a piece and of the next one, as their language has it.

    >>> [space_after(piece, "zh", "en") for piece in (piece_of("他走了。"), piece_of("1"))]
    [' ', '']
    """
    if piece.after == " " and target in SPACELESS:
        return ""
    if source in SPACELESS and target not in SPACELESS and piece.core.endswith(FULL_WIDTH_ENDS):
        return piece.after or " "
    return piece.after


def _smaller_sentences(text: str, markup: Markup, fits: Fits, language: str) -> list[str]:
    found = sentences(text, markup, language)
    return [part for sentence in found for part in _smaller(sentence, markup, fits, language)]


def _smaller(text: str, markup: Markup, fits: Fits, language: str) -> list[str]:
    """A sentence that is too long, cut at its clauses, else between words, else anywhere."""
    pieces = [text]
    for inside in (False, True):
        for places in (partial(_sentence_ends, language), _clauses, _spaces, _anywhere):
            if all(map(fits, pieces)):
                return pieces
            if inside or places is not _anywhere:
                pieces = [part for piece in pieces for part in _split(piece, markup, places, inside, fits)]
    return pieces


def _split(text: str, markup: Markup, places: "Places", inside: bool, fits: Fits) -> list[str]:
    return [text] if fits(text) else _packed(_cut(text, markup, places, inside=inside), fits)


def _packed(pieces: Iterable[str], fits: Fits) -> list[str]:
    """Neighbours joined again as long as they fit."""
    packed: list[str] = []
    for piece in pieces:
        if packed and fits(packed[-1] + piece):
            packed[-1] += piece
        else:
            packed.append(piece)
    return packed


Places = Callable[[str], Iterator[int]]
"""Finds where a text may be cut."""


def _lines(text: str) -> Iterator[int]:
    return (match.end() for match in _LINE.finditer(text))


def _sentence_ends(language: str, text: str) -> Iterator[int]:
    """Where a sentence begins, if it says anything: a bracket or quotation mark left over stays with the one before."""
    shown, places = _shown(text)
    starts = [found["start_index"] for found in get_sentence_boundaries(language, shown)]
    for start, end in pairwise([*starts, len(shown)]):
        if start and any(map(str.isalnum, shown[start:end])):
            yield places[start]


def _shown(text: str) -> tuple[str, list[int]]:
    """A marked text without marks, and for each of its characters where a cut before it falls in the marked text."""
    parts: list[str] = []
    places: list[int] = []
    done = cut = 0
    for match in _HIDDEN.finditer(text):
        parts.append(text[done : match.start()])
        if match.start() > done:
            places += [cut, *range(done + 1, match.start())]
            cut = match.start()
        done = match.end()
        if match["closing"]:
            cut = done
        elif match["entity"]:
            parts.append(unescape(match[0])[:1] or " ")
            places.append(cut)
            cut = done
    if done < len(text):
        places += [cut, *range(done + 1, len(text))]
    return _STRANGE.sub(" ", "".join([*parts, text[done:]])), places


def _clauses(text: str) -> Iterator[int]:
    return (match.end() for match in _CLAUSE.finditer(text))


def _spaces(text: str) -> Iterator[int]:
    return (match.end() for match in _SPACE.finditer(text))


def _anywhere(text: str) -> Iterator[int]:
    return (match.end() for match in _ANYWHERE.finditer(text))


def _cut(text: str, markup: Markup, places: Places, *, inside: bool) -> list[str]:
    """Cut at those places that leave every tag whole and, unless `inside`, stand between the tags of no mark."""
    whole = _tokens(text, markup)
    pieces = _pieces(text, markup, places(text), inside, NEAR_CHARS)
    found = [_tokens(piece, markup) for piece in pieces]
    if ([tag for tags, _ in found for tag in tags], "".join(plain for _, plain in found)) != whole:
        pieces = _pieces(text, markup, places(text), inside, len(text))
    return pieces


def _pieces(text: str, markup: Markup, places: Iterable[int], inside: bool, reach: int) -> list[str]:
    """The same, looking for a tag or an entity at a place no further than `reach` characters to either side."""
    pieces: list[str] = []
    opened: Counter[int] = Counter()
    done = 0
    for place in places:
        before, after = text[max(done, place - reach) : place], text[place : place + reach]
        if not _sound(before, after, markup):
            continue
        here = _opened(text[done:place], markup)
        here.update(opened)
        if inside or not any(count > 0 for count in here.values()):
            pieces.append(text[done:place])
            done, opened = place, here
    return [*pieces, text[done:]]


def _opened(text: str, markup: Markup) -> Counter[int]:
    """How many more tags of each mark open in a text than close."""
    opened: Counter[int] = Counter()
    for tag in _tokens(text, markup)[0]:
        opened[tag.number] += -1 if tag.closing else 1
    return opened


def _sound(before: str, after: str, markup: Markup) -> bool:
    """Whether nothing reads otherwise for being cut between the two."""
    (head, first), (tail, rest) = _tokens(before, markup), _tokens(after, markup)
    return (head + tail, first + rest) == _tokens(before + after, markup)


def _tokens(text: str, markup: Markup) -> tuple[list[Tag], str]:
    tags: list[Tag] = []
    parts: list[str] = []
    for token in read(text, markup):
        if isinstance(token, Tag):
            tags.append(token)
        else:
            parts.append(token)
    return tags, "".join(parts)
