"""How marks are written into the text that an engine gets, and read again from what it gives back.

The dialect is HTML: text is escaped, and mark number 7 is `<b7>...</b7>`. Reading is lenient where engines are known
to be careless (case, spaces inside a tag, full-width brackets, digits of other scripts), and therefore writing
escapes whatever in the source could be taken for such a tag.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Markup(StrEnum):
    """The dialects that engines understand."""

    HTML = "html"


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening or closing tag of one mark."""

    number: int
    closing: bool


# Four digits are plenty for the answers of one context, and keep int() away from endless runs of digits. A capital B in
# foreign brackets is left alone: 《B12》 is the title of a book.
_NUMBER = r"\s*(\d{1,4})\s*[>＞›〉》]"
_FOREIGN = rf"\s*([/／]?)\s*b{_NUMBER}"
_TAG = re.compile(rf"<\s*(/?)\s*[bB]{_NUMBER}|[＜‹〈《]{_FOREIGN}")
_FOREIGN_BRACKET = re.compile(rf"[＜‹〈《](?={_FOREIGN})")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def opening(number: int) -> str:
    """The tag that opens mark `number`."""
    return f"<b{number}>"


def closing(number: int) -> str:
    """The tag that closes mark `number`."""
    return f"</b{number}>"


def escape(text: str) -> str:
    """Plain text as the dialect writes it, so that `"".join(read(escape(text))) == text`.

    >>> escape("R&D <b1>")
    'R&amp;D &lt;b1&gt;'
    """
    return _FOREIGN_BRACKET.sub(lambda match: f"&#{ord(match[0])};", text.translate(_ESCAPES))


def read(marked: str) -> Iterator[str | Tag]:
    """The plain pieces of text and the tags of a marked text, in order; no piece is empty.

    >>> list(read("a &lt; <b1>b</B1 >"))
    ['a < ', Tag(number=1, closing=False), 'b', Tag(number=1, closing=True)]
    """
    done = 0
    for match in _TAG.finditer(marked):
        if match.start() > done:
            yield _unescaped(marked[done : match.start()])
        yield Tag(int(match[2] or match[4]), bool(match[1] or match[3]))
        done = match.end()
    if done < len(marked):
        yield _unescaped(marked[done:])


def _unescaped(text: str) -> str:
    """Entities read, but only whole ones: `html.unescape` alone would take the `&copy` of `?a=1&copy=2` for a sign."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)
