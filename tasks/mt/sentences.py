r"""Marked text cut into sentences, and smaller where a model's limit asks for it, without cutting any mark.

The rule is written for the languages of SQuAD-like sources and made to err on the side of too few cuts: a sentence
ends at `.`, `!`, `?` or `…` (with the quotes, brackets and tags that close after it) before white space and something
that may begin a sentence, unless the word before the full stop is an initial, has a full stop inside (`U.S.`) or is
one of `ABBREVIATIONS`; at `。`, `！`, `？`, `।`, `॥`, `؟`, `۔` anywhere before a further text; and at a line's end.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from tasks.mt.markup import Markup, Tag, read

_WORDS = """
adm approx apr assn aug ave bros ca capt cf co col corp dec dept dr ed eds eq est etc feb fig figs fl gen gov hon inc
jan jr jul jun lt ltd maj mar messrs mr mrs ms mt no nos nov oct op pp prof pt rep rev sen sep sept sgt sr st univ vol
vols vs
"""
ABBREVIATIONS = frozenset(_WORDS.split())
"""English words that a full stop follows without ending the sentence."""

VERSION = "1"
"""Version of these rules: raise it when texts are cut in other places."""

# What may stand between the end of a sentence and the space after it: quotes, brackets, and tags of any dialect.
_CLOSERS = r"""(?:["'”’»)\]}]|<[^<>\s]*>|\[[^\[\]\s]*\])*"""
_SPACED = re.compile(rf"(?<![.!?…])(?P<end>[.!?…]+){_CLOSERS}(?P<space>\s+)(?=(?P<next>\S))")
_UNSPACED = re.compile(r"[。！？।॥؟۔]+(?:[”’」』）》]|</[^<>\s]*>)*\s*(?=\S)")
_LINE = re.compile(r"\s*\n\s*(?=\S)")
_CLAUSE = re.compile(rf"(?:[;:,—–]{_CLOSERS}\s+|[，；：、،؛])(?=\S)")
_SPACE = re.compile(r"\s+(?=\S)")
_ANYWHERE = re.compile(r"(?<=.)(?=.)", re.DOTALL)

Fits = Callable[[str], bool]
"""Whether a piece is short enough for the model."""


def fitted(text: str, markup: Markup, fits: Fits, *, alone: bool) -> list[str]:
    """A marked text in pieces that fit, cut as seldom and in as good places as can be.

    Law: the pieces joined are the text, and their tags together are the tags of the text. A cut between the two tags
    of one mark is made only where no other place is left. A piece that fits nowhere (one tag longer than the limit) is
    given back as it is.

    Args:
        text: one segment as an engine gets it.
        markup: the dialect of its marks.
        fits: whether a piece is short enough.
        alone: whether each sentence is to be a piece of its own, also where several would fit together.

    >>> fitted("He <b1>left. He</b1> ran. Dr. No stayed.", Markup.HTML, lambda piece: True, alone=True)
    ['He <b1>left. He</b1> ran. ', 'Dr. No stayed.']
    """
    pieces = _cut(text, markup, _lines, inside=False)
    if alone:
        return [
            part for piece in pieces for s in sentences(piece, markup) for part in _smaller(s, markup, fits)
        ]
    return [
        part
        for piece in pieces
        for part in ([piece] if fits(piece) else _packed(_smaller_sentences(piece, markup, fits), fits))
    ]


def sentences(text: str, markup: Markup) -> list[str]:
    """The sentences of a marked text, the space after each included; no mark is cut in two.

    >>> sentences("It cost 3.5 million. Why? <b1>Nobody</b1> knows.", Markup.HTML)
    ['It cost 3.5 million. ', 'Why? ', '<b1>Nobody</b1> knows.']
    """
    return _cut(text, markup, _sentence_ends, inside=False)


def _smaller_sentences(text: str, markup: Markup, fits: Fits) -> list[str]:
    return [part for sentence in sentences(text, markup) for part in _smaller(sentence, markup, fits)]


def _smaller(text: str, markup: Markup, fits: Fits) -> list[str]:
    """A sentence that is too long, cut at its clauses, else between words, else anywhere."""
    pieces = [text]
    for inside in (False, True):
        for places in (_sentence_ends, _clauses, _spaces, _anywhere):
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


def _sentence_ends(text: str) -> Iterator[int]:
    spaced = (match.end("space") for match in _SPACED.finditer(text) if _ends(match))
    unspaced = (match.end() for match in _UNSPACED.finditer(text))
    return iter(sorted({*spaced, *unspaced}))


def _clauses(text: str) -> Iterator[int]:
    return (match.end() for match in _CLAUSE.finditer(text))


def _spaces(text: str) -> Iterator[int]:
    return (match.end() for match in _SPACE.finditer(text))


def _anywhere(text: str) -> Iterator[int]:
    return (match.end() for match in _ANYWHERE.finditer(text))


def _ends(match: re.Match[str]) -> bool:
    """Whether a full stop before white space ends a sentence."""
    if match["next"].islower():
        return False
    if match["end"] != ".":
        return True
    before = match.string[: match.start("end")].split()[-1:]
    word = re.sub(r"<[^<>]*>|\[[^\[\]]*\]|[^\w.]", "", before[0] if before else "")
    initial = len(word) == 1 and word.isupper()
    return not (initial or "." in word or word.lower() in ABBREVIATIONS)


def _cut(text: str, markup: Markup, places: Places, *, inside: bool) -> list[str]:
    """Cut at those places that leave every tag whole and, unless `inside`, stand between the tags of no mark."""
    whole = _tokens(text, markup)
    pieces: list[str] = []
    done = 0
    for place in places(text):
        head, tail = _tokens(text[:place], markup), _tokens(text[place:], markup)
        sound = head[0] + tail[0] == whole[0] and head[1] + tail[1] == whole[1]
        if sound and (inside or not _open(head[0])):
            pieces.append(text[done:place])
            done = place
    return [*pieces, text[done:]]


def _tokens(text: str, markup: Markup) -> tuple[list[Tag], str]:
    tokens = list(read(text, markup))
    tags = [token for token in tokens if isinstance(token, Tag)]
    return tags, "".join(token for token in tokens if isinstance(token, str))


def _open(tags: Iterable[Tag]) -> bool:
    opened: dict[int, int] = {}
    for tag in tags:
        opened[tag.number] = opened.get(tag.number, 0) + (-1 if tag.closing else 1)
    return any(count > 0 for count in opened.values())
