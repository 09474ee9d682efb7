"""Markdown of text that nobody vouches for: nothing in it becomes a tag, a link, a table or emphasis."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")
# Line ends of Unicode and control characters would end a paragraph or a table's row, or are shown by no one.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
# Isolates keep right-to-left text from turning the punctuation around it; unpaired ones reach beyond their
# own text.
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_BACKTICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Code:
    """A text to be shown letter for letter in a table's cell, its tags included."""

    text: str


Cell = str | int | float | Code | None


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
    return bool(kinds) and kinds <= {int, float}


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case Code(text):
            return code(text).replace("|", "\\|")
        case float():
            return f"{value:.1f}"
        case int():
            return f"{value:,}"
        case str():
            return escape(value)


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", _DIRECTION.sub("", text)).strip()
