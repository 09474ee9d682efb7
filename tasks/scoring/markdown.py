"""Markdown of text that nobody vouches for: nothing in it becomes a tag, a link, a table or emphasis."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")
# Line ends of Unicode and control characters would end a paragraph or a table's row, or are shown by no one.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
# Isolates keep right-to-left text from turning the punctuation around it; unpaired ones reach beyond their
# own text.
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_LEFT_TO_RIGHT, _RIGHT_TO_LEFT, _END = "\u2066", "\u2067", "\u2069"
_BACKTICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Code:
    """A text to be shown letter for letter in a table's cell, its tags included."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is to be shown, in a column of numbers."""

    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """A text in lines of so many columns: Prefect's pages break no line in a table, and cut off what is too wide."""

    text: str
    width: int = 44


@dataclass(frozen=True, slots=True)
class Link:
    """A name that leads to another page; `target` is an address of ours, empty where there is none to go to."""

    text: str
    target: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Several texts in one cell, one below the other."""

    cells: tuple["Cell", ...]


Cell = str | int | float | Figure | Code | Lines | Link | Stack | None


def escape(text: str) -> str:
    r"""The text on one line, its ASCII punctuation made inert: entities for `&<>"`, else backslashes.

    CommonMark lets each ASCII punctuation character be escaped (https://spec.commonmark.org/0.31.2/, 2.4).

    >>> escape("[click](javascript:x) <b>|")
    '\\[click\\]\\(javascript\\:x\\) &lt;b&gt;\\|'
    """
    return _ACTIVE.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), _one_line(text))


def code(text: str) -> str:
    """The text as a code span, letter for letter but for line ends; white space alone is an empty span.

    >>> code("<a1>Paris</a1> `x`")
    '`` <a1>Paris</a1> `x` ``'
    """
    line = _one_line(text) or "\u00a0"
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(line)), default=0))
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def link(text: str, target: str) -> str:
    """A name that leads to an address of ours, and a code span where there is none: Prefect shows no code in links.

    >>> link("c69e", "../artifact/1"), link("c69e", "")
    ('[c69e](../artifact/1)', '`c69e`')
    """
    return f"[{escape(text)}]({target})" if target else code(text)


def fenced(text: str) -> str:
    """The lines of a text as a block of code, which scrolls by itself where it is too wide.

    >>> print(fenced("a|b"))
    ```text
    a|b
    ```
    """
    lines = [_one_line(line) for line in text.splitlines()]
    longest = max((len(run) for line in lines for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *lines, fence])


def broken(text: str, width: int) -> list[str]:
    """The text on lines of at most so many columns, cut at spaces where that leaves none near to empty.

    Characters of East Asian scripts take two columns each, and a line may end after any of them.

    >>> broken("the red car stopped", 9), broken("活字 印刷", 6)
    (['the red', 'car', 'stopped'], ['活字', '印刷'])
    """
    lines, rest = [], _one_line(text)
    while (end := _fitting(rest, width)) < len(rest):
        space = -1 if _wide(rest[end - 1]) else rest.rfind(" ", end // 3, end + 1)
        cut = space if space > 0 else end
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*lines, rest]


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table of GitHub's Markdown: text to the left and escaped, numbers to the right (floats to 0.1).

    A column is one of numbers if it holds a number and no text. Raises `ValueError` for a row of another
    length.

    >>> print(table(["set", "F1"], [["<b>", 61.66], [Code("a|b"), None]]))
    | set | F1 |
    | :--- | ---: |
    | &lt;b&gt; | 61.7 |
    | `a\\|b` |  |
    """
    if any(len(row) != len(columns) for row in rows):
        raise ValueError(f"every row needs {len(columns)} cells, one per column")
    rules = ["---:" if _numeric(row[place] for row in rows) else ":---" for place in range(len(columns))]
    lines = [[escape(name) for name in columns], rules, *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _numeric(cells: Iterable[Cell]) -> bool:
    kinds = {type(cell) for cell in cells if cell is not None}
    return bool(kinds) and kinds <= {int, float, Figure}


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case Code(text):
            return code(text).replace("|", "\\|")
        case Figure(text):
            return escape(text)
        case float():
            return f"{value:.1f}"
        case int():
            return f"{value:,}"
        case Lines(text, width):
            return "<br>".join(_isolated(line, text) for line in broken(text, width))
        case Link(text, target):
            return link(text, target).replace("|", "\\|")
        case Stack(cells):
            return "<br>".join(map(_cell, cells))
        case str():
            return escape(value)


def _fitting(text: str, width: int) -> int:
    """How many characters fit into a line, at least one; a mark stays with the letter that bears it."""
    taken = 0
    for place, char in enumerate(text):
        taken += 0 if unicodedata.category(char)[0] == "M" else 1 + _wide(char)
        if taken > width and place:
            return place
    return len(text)


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _isolated(line: str, text: str) -> str:
    """A line of a text, which turns no punctuation around it; it runs as the first letter of the text does."""
    first = next((kind for kind in map(unicodedata.bidirectional, text) if kind in {"L", "R", "AL"}), "L")
    if first == "L" and not any(unicodedata.bidirectional(char) in {"R", "AL"} for char in line):
        return escape(line)
    return f"{_LEFT_TO_RIGHT if first == 'L' else _RIGHT_TO_LEFT}{escape(line)}{_END}"


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", _DIRECTION.sub("", text)).strip()
