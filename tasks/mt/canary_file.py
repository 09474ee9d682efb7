r"""Canary sets of people's own: the texts that an engine is watched by, and what people say their translations are.

Either UTF-8 text with one row per line, the names of the columns in the first line and a tab between each two (a tab,
line feed, carriage return or backslash inside a cell is written `\t`, `\n`, `\r` or `\\`), or, where the name ends in
`.json`, a list of objects with the same names:

    text        plain English; or instead of it
    segment     English with numbered tags (`<b1>...</b1>`) and the entities `&amp;`, `&lt;`, `&gt;`, as
                `silverspan segments` writes it
    reference   what a person made of it, without tags; may be empty or left out
    language    of the reference; a row without one is for every language
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.errors import InputError
from tasks.mt.languages import short
from tasks.mt.markup import Markup, Tag, closing, escape, opening, read
from tasks.mt.table import unescaped

COLUMNS = ("text", "segment", "reference", "language")


@dataclass(frozen=True, slots=True)
class CanaryRow:
    """One text in the style of HTML, and what a person made of it (empty: not known)."""

    segment: str
    reference: str = ""
    language: str = ""

    def written(self, markup: Markup) -> str:
        """As an engine of that style is sent it.

        >>> CanaryRow("<b1>A</b1> &amp; B").written(Markup.TAGS)
        '<b1>A</b1> & B'
        """
        return "".join(_written(token, markup) for token in read(self.segment, Markup.HTML))


def plain(marked: str, markup: Markup) -> str:
    """The words alone, without tags and entities.

    >>> plain("<b1>A</b1> &amp; B", Markup.HTML)
    'A & B'
    """
    return "".join(token for token in read(marked, markup) if isinstance(token, str))


def read_canary(path: Path) -> list[CanaryRow]:
    """All rows of a file.

    Raises:
        InputError: it cannot be read, is in neither format, or has no row.
    """
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"The canary set {path} cannot be read ({error.strerror}); check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 at byte {error.start}; convert it.") from error
    found = [_row(path, place, cells) for place, cells in _cells(path, content)]
    if not found:
        raise InputError(f"{path} holds no row; give at least one text.")
    return found


def rows_for(rows: Sequence[CanaryRow], language: str) -> list[CanaryRow]:
    """The rows of one language and those of every language, each text once, with its reference where there is one.

    Raises:
        InputError: there is none.
    """
    chosen = [row for row in rows if not row.language or short(row.language) == short(language)]
    if not chosen:
        raise InputError(
            f"The canary set holds no row for {language!r}; add some, or rows without a language."
        )
    found: dict[str, CanaryRow] = {}
    for row in chosen:
        if not found.get(row.segment, _NOTHING).reference:
            found[row.segment] = row
    return list(found.values())


_NOTHING = CanaryRow("")


def _written(token: str | Tag, markup: Markup) -> str:
    if isinstance(token, str):
        return escape(token, markup)
    return (closing if token.closing else opening)(token.number, markup)


def _cells(path: Path, content: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if path.suffix == ".json":
        yield from _objects(path, content)
        return
    lines = [line.removesuffix("\r") for line in content.split("\n")]
    header = lines[0].split("\t")
    if set(header) - set(COLUMNS):
        raise InputError(f"{path}, line 1: the columns may be {', '.join(COLUMNS)}, with tabs between them.")
    for number, line in enumerate(lines[1:], 2):
        cells = [unescaped(cell) for cell in line.split("\t")]
        if line.strip():
            if len(cells) != len(header):
                raise InputError(
                    f"{path}, line {number}: {len(cells)} columns instead of {len(header)}; fill in what lacks."
                )
            yield f"line {number}", dict(zip(header, cells, strict=True))


def _objects(path: Path, content: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON ({error}); write it anew.") from error
    if not isinstance(rows, list):
        raise InputError(f'{path} is no list of objects; write [{{"text": ...}}, ...].')
    for number, row in enumerate(rows, 1):
        strings = isinstance(row, dict) and all(isinstance(cell, str) for cell in row.values())
        if not strings or set(row) - set(COLUMNS):
            raise InputError(
                f"{path}, row {number}: an object may hold texts named {', '.join(COLUMNS)} alone."
            )
        yield f"row {number}", row


def _row(path: Path, place: str, cells: Mapping[str, str]) -> CanaryRow:
    text, segment = cells.get("text", ""), cells.get("segment", "")
    if bool(text.strip()) == bool(segment.strip()):
        raise InputError(f"{path}, {place}: fill in either text (plain) or segment (with tags).")
    marked = segment or escape(text, Markup.HTML)
    return CanaryRow(marked, cells.get("reference", "").strip(), cells.get("language", ""))
