r"""Translations from a file: bring your own, or replay what an engine once said.

The file is Parquet (`.parquet`) with the string columns `source`, `target`, `text`, `translation`, or else UTF-8 text
with one row per line, the same four columns in the first line and between each two a tab. Nothing is quoted; a tab,
line feed, carriage return or backslash inside a cell is written `\t`, `\n`, `\r` or `\\`. `text` is the segment exactly
as it is sent, marks included. An empty translation means that there is none.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from storage.errors import InputError
from tasks.mt.engine import Billing, Identity, Limits
from tasks.mt.errors import UnknownPair
from tasks.mt.languages import short
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate


class TableRow(NamedTuple):
    """One translation: languages, the segment as sent, and what came back."""

    source: str
    target: str
    text: str
    translation: str


SCHEMA = pa.schema([(column, pa.string()) for column in TableRow._fields])
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {escaped: plain for plain, escaped in _ESCAPES.items()}


class Table:
    """An engine that knows what stands in a file, and nothing else.

    A text that the file lacks is no error: its translation is None, and the row is rejected by name.

    Raises:
        InputError: the file is missing, not in the format above, or gives one text two translations.
    """

    name = "table"
    markup = Markup.HTML
    markups = (Markup.HTML,)
    billing = Billing.NONE
    price_per_million: float | None = None
    limits = Limits(max_segments=1000, max_chars=10_000_000)
    workers = 1
    rate = Rate()

    def __init__(self, path: Path) -> None:
        self._pairs: dict[tuple[str, str], dict[str, str]] = {}
        try:
            self._digest = hashlib.sha256(path.read_bytes()).hexdigest()
            for place, row in _rows(path):
                self._add(path, place, row)
        except OSError as error:
            raise InputError(
                f"The table of translations {path} cannot be read ({error.strerror}); check the path."
            ) from error

    def identity(self, source: str, target: str) -> Identity:
        """The file's content; its place and name do not matter.

        The content is an option, since it is the user who chose it: another file opens another generation.
        """
        self._pair(source, target)
        return Identity(self.name, "not reported", {"sha256": self._digest})

    def targets(self, source: str) -> list[str]:
        """The targets of the file for this source."""
        return sorted(target for known, target in self._pairs if known == short(source))

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        """What the file says, None where it says nothing."""
        pair = self._pair(source, target)
        return [pair.get(text) for text in texts]

    def _pair(self, source: str, target: str) -> dict[str, str]:
        pair = self._pairs.get((short(source), short(target)))
        if pair is None:
            raise UnknownPair.of(self.name, source, target, self.targets(source))
        return pair

    def _add(self, path: Path, place: str, row: TableRow) -> None:
        pair = self._pairs.setdefault((short(row.source), short(row.target)), {})
        if row.translation and pair.setdefault(row.text, row.translation) != row.translation:
            raise InputError(
                f"{path}, {place}: this text has another translation above; keep one of the two."
            )


def write_table(path: Path, rows: Iterable[TableRow]) -> None:
    """Write a table that `Table` reads, in the format that the name's ending says; an existing file is replaced whole.

    Args:
        path: `.parquet` for Parquet, anything else for text.
        rows: in the order in which they will stand.
    """
    aside = path.with_name(f"{path.name}.part")
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([row._asdict() for row in rows], SCHEMA), aside)
    else:
        with aside.open("w", encoding="utf-8", newline="") as file:
            file.writelines("\t".join(map(_escaped, row)) + "\n" for row in (TableRow._fields, *rows))
    aside.replace(path)


def _rows(path: Path) -> Iterator[tuple[str, TableRow]]:
    """The rows of a file with their places, for messages."""
    return _parquet_rows(path) if path.suffix == ".parquet" else _text_rows(path)


def _parquet_rows(path: Path) -> Iterator[tuple[str, TableRow]]:
    try:
        table = pq.read_table(path, columns=list(TableRow._fields)).cast(SCHEMA)
    except (pa.ArrowException, ValueError) as error:
        raise InputError(
            f"{path} is not a Parquet file with the string columns {', '.join(TableRow._fields)}; write it anew."
        ) from error
    columns = [column.to_pylist() for column in table.columns]
    for number, cells in enumerate(zip(*columns, strict=True), 1):
        if None in cells[:3]:
            raise InputError(f"{path}, row {number}: source, target or text is null; fill it in.")
        yield f"row {number}", TableRow._make((*cells[:3], cells[3] or ""))


def _text_rows(path: Path) -> Iterator[tuple[str, TableRow]]:
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 at byte {error.start}; convert it.") from error
    header = "\t".join(TableRow._fields)
    if lines[0].removesuffix("\r") != header:
        raise InputError(
            f"{path}, line 1: the columns must be {', '.join(TableRow._fields)}, with tabs between them."
        )
    for number, line in enumerate(lines[1:], 2):
        cells = line.removesuffix("\r").split("\t")
        if len(cells) == len(TableRow._fields):
            yield f"line {number}", TableRow._make(map(unescaped, cells))
        elif line.strip():
            raise InputError(
                f"{path}, line {number}: {len(cells)} columns instead of {len(TableRow._fields)}; "
                "write a tab inside a cell as \\t."
            )


def _escaped(cell: str) -> str:
    return re.sub(r"[\\\t\n\r]", lambda match: _ESCAPES[match[0]], cell)


def unescaped(cell: str) -> str:
    r"""The text of a cell.

    >>> unescaped(r"a\tb")
    'a\tb'
    """
    return re.sub(r"\\[\\tnr]", lambda match: _UNESCAPES[match[0]], cell)
