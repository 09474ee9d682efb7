"""How marks are written into the text that an engine gets, and read again from what it gives back.

There are five styles, because engines differ in what they parse and in what they leave alone:

    html        `<b7>...</b7>`, text escaped          engines that read HTML and give HTML back
    xml         the same, and nothing XML forbids     engines that read XML strictly
    tags        `<b7>...</b7>` in plain text          engines that read plain text, large language models
    letters     `<g>...</g>` in plain text            neural models: a letter is one token that they know
    brackets    `[7]...[/7]` in plain text            engines that take anything in angle brackets away

Reading is lenient where engines are known to be careless (case, spaces inside a tag, full-width brackets, digits of
other scripts), and therefore writing escapes whatever in the source could be taken for such a tag. In plain text
nothing else is escaped, for such engines would translate an entity like a word.
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Markup(StrEnum):
    """The styles of marks."""

    HTML = "html"
    XML = "xml"
    TAGS = "tags"
    LETTERS = "letters"
    BRACKETS = "brackets"


class Tag(NamedTuple):
    """An opening or closing tag of one mark."""

    number: int
    closing: bool


@dataclass(frozen=True, slots=True)
class _Style:
    """How one style is written (`{}` stands for the label of a mark) and read.

    The last two groups of `tag` that take part in a match are the slash, empty for an opening tag, and the label.
    """

    written: tuple[str, str]
    label: Callable[[int], str]
    number: Callable[[str], int]
    tag: re.Pattern[str]
    escape: Callable[[str], str]
    unescape: Callable[[str], str]


MOST_MARKS = 9_999
"""The highest number of a mark. It keeps int() away from endless runs of digits."""

# White space is matched possessively: a tag that comes to nothing is given up after one look at each character.
# A capital B in foreign brackets is left alone: 《B12》 is the title of a book.
_NUMBER = r"\s*+(\d{1,4})\s*+[>＞›〉》】]"
_FOREIGN = rf"\s*+([/／]?)\s*+b{_NUMBER}"
_CLOSED = r"\s*+[>＞›〉》]"
# A pattern that begins with a set of characters is looked for twice as fast as one that begins with a choice.
_EITHER = r"(?:(?<=<)\s*+(/?)\s*+{}|(?<!<)\s*+([/／]?)\s*+{})"
_TAG = re.compile("[<＜‹〈《【]" + _EITHER.format(f"[bB]{_NUMBER}", f"b{_NUMBER}"))
_LETTER_TAG = re.compile(
    "[<＜‹〈《]" + _EITHER.format(rf"([a-zA-Z]{{1,3}}){_CLOSED}", rf"([a-z]{{1,3}}){_CLOSED}")
)
_BRACKET_TAG = re.compile(r"[\[［【]\s*+([/／]?)\s*+(\d{1,4})\s*+[\]］】]")
_FOREIGN_BRACKET = re.compile(rf"[＜‹〈《【](?={_FOREIGN})")
_ANY_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")

# XML has no way to write these, not even as entities. They become their pictures behind U+241B, itself behind U+241B.
_FORBIDDEN = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF]
_PICTURES = {chr(code): f"\u241b{chr(0x2400 + index)}" for index, code in enumerate(_FORBIDDEN)} | {
    "\u241b": "\u241b\u2420"
}
_UNPICTURES = {picture: char for char, picture in _PICTURES.items()}
_PICTURE = re.compile("\u241b[\u2400-\u2420]")
_TO_BE_PICTURED = re.compile(f"[{''.join(map(re.escape, _PICTURES))}]")


def opening(number: int, markup: Markup = Markup.HTML) -> str:
    """The tag that opens mark `number` (from 1).

    >>> [opening(28, markup) for markup in Markup]
    ['<b28>', '<b28>', '<b28>', '<ab>', '[28]']
    """
    style = _STYLES[markup]
    return style.written[0].format(style.label(number))


def closing(number: int, markup: Markup = Markup.HTML) -> str:
    """The tag that closes mark `number`."""
    style = _STYLES[markup]
    return style.written[1].format(style.label(number))


def escape(text: str, markup: Markup = Markup.HTML) -> str:
    """Plain text as the style writes it, so that `"".join(read(escape(text))) == text`.

    >>> [escape("R&D <b1> [1]", markup) for markup in (Markup.HTML, Markup.TAGS, Markup.BRACKETS)]
    ['R&amp;D &lt;b1&gt; [1]', 'R&D &lt;b1> [1]', 'R&D <b1> &#91;1]']
    """
    return _STYLES[markup].escape(text)


def read(marked: str, markup: Markup = Markup.HTML) -> Iterator[str | Tag]:
    """The plain pieces of text and the tags of a marked text, in order; no piece is empty.

    >>> list(read("a &lt; <b1>b</B1 >"))
    ['a < ', Tag(number=1, closing=False), 'b', Tag(number=1, closing=True)]
    """
    style = _STYLES[markup]
    done = 0
    for match in style.tag.finditer(marked):
        if match.start() > done:
            yield style.unescape(marked[done : match.start()])
        label = match.lastindex or 0
        yield Tag(style.number(match[label]), bool(match[label - 1]))
        done = match.end()
    if done < len(marked):
        yield style.unescape(marked[done:])


def tags_as_html(marked: str) -> str:
    """A text in the style `tags` for an engine that reads HTML but gives back text without entities.

    >>> tags_as_html("R&D <b1>a < b</b1> &lt;b2>")
    'R&amp;D <b1>a &lt; b</b1> &amp;lt;b2&gt;'
    """
    parts: list[str] = []
    done = 0
    for match in _TAG.finditer(marked):
        parts += html.escape(marked[done : match.start()], quote=False), match[0]
        done = match.end()
    return "".join([*parts, html.escape(marked[done:], quote=False)])


def _escape_html(text: str) -> str:
    text = html.escape(text, quote=False)
    if text.isascii():
        return text
    return _FOREIGN_BRACKET.sub(lambda match: f"&#{ord(match[0])};", text)


def _unescape_html(text: str) -> str:
    """Entities read, but only whole ones: `html.unescape` alone would take the `&copy` of `?a=1&copy=2` for a sign."""
    return _ANY_ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def _escape_xml(text: str) -> str:
    text = _TO_BE_PICTURED.sub(lambda match: _PICTURES[match[0]], text)
    return _escape_html(text).replace("\r", "&#13;")


def _unescape_xml(text: str) -> str:
    return _PICTURE.sub(lambda match: _UNPICTURES.get(match[0], match[0]), _unescape_html(text))


def _escape_text(tag: re.Pattern[str]) -> Callable[[str], str]:
    """Escapes what would read as a tag or as one of the entities that say so, and nothing else."""

    def escaped(text: str) -> str:
        if "&" in text:
            text = _ENTITY.sub(lambda match: f"&amp;{match[0][1:]}", text)
        return tag.sub(lambda match: _entity(match[0][0]) + match[0][1:], text)

    return escaped


def _entity(char: str) -> str:
    return "&lt;" if char == "<" else f"&#{ord(char)};"


def _unescape_text(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def _letters(number: int) -> str:
    """1 is a, 26 is z, 27 is aa."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("a") + place) + letters
    return letters


def _of_letters(letters: str) -> int:
    number = 0
    for letter in letters.lower():
        number = 26 * number + ord(letter) - ord("a") + 1
    return number


_ANGLES, _SQUARES = ("<b{}>", "</b{}>"), ("[{}]", "[/{}]")
_STYLES = {
    Markup.HTML: _Style(_ANGLES, str, int, _TAG, _escape_html, _unescape_html),
    Markup.XML: _Style(_ANGLES, str, int, _TAG, _escape_xml, _unescape_xml),
    Markup.TAGS: _Style(_ANGLES, str, int, _TAG, _escape_text(_TAG), _unescape_text),
    Markup.LETTERS: _Style(
        ("<{}>", "</{}>"), _letters, _of_letters, _LETTER_TAG, _escape_text(_LETTER_TAG), _unescape_text
    ),
    Markup.BRACKETS: _Style(_SQUARES, str, int, _BRACKET_TAG, _escape_text(_BRACKET_TAG), _unescape_text),
}
