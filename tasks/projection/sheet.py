"""Rows for people as a spreadsheet: CSV that no program takes for formulas, and read again however it was saved."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from storage.errors import InputError

BOM = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""

FORMULAS = tuple("=+-@\t\r\n＝＋－＠")
"""What a cell must not begin with, lest opening the file computes, calls or sends something (OWASP, "CSV injection").
The full-width forms are taken for the others in some languages."""

DELIMITERS = ",;\t"
"""What spreadsheets put between cells, in one country or another."""

LEGEND = "legend"


def harmless(cell: object) -> str:
    """A cell as text, behind an apostrophe if a spreadsheet might take it for a formula.

    >>> [harmless(cell) for cell in ("=1+1", "1+1", -1)]
    ["'=1+1", '1+1', "'-1"]
    """
    text = str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULAS) else text


def written(rows: Iterable[Mapping[str, Any]], legend: Iterable[str]) -> str:
    """A CSV file with the keys of the first row as its header, and beside the rows a legend, line by line."""
    out = io.StringIO(newline="")
    out.write(BOM)
    table = list(rows)
    lines = list(legend)
    writer = csv.DictWriter(out, [*(table[0] if table else ()), LEGEND], restval="")
    writer.writeheader()
    for number in range(max(len(table), len(lines))):
        row = {key: harmless(cell) for key, cell in table[number].items()} if number < len(table) else {}
        writer.writerow(row | {LEGEND: harmless(lines[number]) if number < len(lines) else ""})
    return out.getvalue()


def read(content: bytes, columns: Iterable[str], name: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of such a file after a spreadsheet has saved it, each with the number of its last line.

    Args:
        content: the file.
        columns: what it must have.
        name: of the file, for messages.

    Raises:
        InputError: it is no such table.
    """
    text = _decoded(content, name)
    header = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    try:
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise InputError(
                f"{name} has no column {missing[0]!r}; give a file that `silverspan snapshots sample` wrote."
            )
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputError(
            f"{name} is no CSV behind line {reader.line_num} ({error}); save it as CSV UTF-8."
        ) from None


def _decoded(content: bytes, name: str) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise InputError(f"{name} is not in UTF-8; save it as CSV UTF-8.") from None
