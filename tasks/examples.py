"""A few rows of a build for people to look at: kept ones by set and method, rejected ones by reason, in each language.

Rows are drawn by a hash of their ids, so that equal data shows equal examples, in whatever order it was made.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from storage.diffing import language_of
from storage.examples import Span
from storage.silver import SilverSet
from storage.snapshots import Snapshot, opened
from storage.store import Store
from tasks.projection.review import id_of, shown

KEPT, REJECTED = 1, 2
"""So many rows are shown of each kind."""

AROUND_CHARS = 90
"""So much of a context is shown on either side of an answer."""

MOST_CHARS = 600
"""So much of an excerpt is shown: an answer may be as long as its context."""

TEXTS = ("question", "context", "answers")
IDS = ("source_id", "set", "question_language", "context_language")
KEPT_COLUMNS, LOST_COLUMNS = (*IDS, "method", "confidence"), (*IDS, "reason", "detail")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A question, and the answer between marks where it stands in its context."""

    question: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: what it was made of, what was kept of it (None: nothing), and how surely, or why not."""

    id: str
    english: Text | None
    translated: Text | None
    note: str


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """Rows that are alike: `why` is the method that found their answers, or the reason for which they were rejected."""

    language: str
    rejected: bool
    silver_set: str
    why: str


def examples_of_build(store: Store, snapshots: Iterable[Snapshot]) -> dict[Kind, tuple[int, list[Shown]]]:
    """How many rows each kind has, and those that are shown of it.

    T(Q+C) has the questions of T(Q) and the projections of T(C), so it is looked at only where one of them is missing.

    Raises:
        StoreError: a file is missing or damaged.
    """
    files = _files(snapshots)
    draws = _draws(store, files)
    ids = {i for kind, draw in draws.items() if not kind.rejected for _, i, _ in draw.rows}
    sources = {row["source_id"] for draw in draws.values() for *_, row in draw.rows}
    made = [file for file in files if not file.rejected]
    kept = _texts(store, (file for file in made if file.part != SilverSet.EN), "id", ids)
    english = _texts(store, (file for file in made if file.part == SilverSet.EN), "source_id", sources)
    return {
        kind: (draw.count, [_shown(i, row, kept.get(i), english) for _, i, row in draw.rows])
        for kind, draw in sorted(draws.items())
    }


@dataclass(frozen=True, slots=True)
class _File:
    """One file of a build: of which part (`tc-es`), and of which rows."""

    path: str
    part: str
    rejected: bool


@dataclass(slots=True)
class _Draw:
    """How many rows there are of a kind, and the few that come first by the hash of their id."""

    most: int
    count: int = 0
    rows: list[tuple[int, str, Row]] = field(default_factory=list)

    def add(self, row_id: str, row: Row) -> None:
        self.count += 1
        ticket = (zlib.crc32(row_id.encode()), row_id)
        if len(self.rows) < self.most or ticket < self.rows[-1][:2]:
            self.rows = sorted([*self.rows, (*ticket, row)], key=lambda drawn: drawn[:2])[: self.most]


def _files(snapshots: Iterable[Snapshot]) -> list[_File]:
    """The files of a build, those that its sets share once."""
    paths = {p.rpartition("/")[2]: p for s in snapshots for p in (*s.parts, *s.rejected_parts)}
    found = []
    for name, path in sorted(paths.items()):
        side, _, label = name.removesuffix(".parquet").partition("-")
        found.append(_File(path, label.rpartition("-")[0] or label, side == "rejected"))
    parts = {file.part for file in found}
    return [file for file in found if not _told_elsewhere(file.part, parts)]


def _told_elsewhere(part: str, parts: Set[str]) -> bool:
    """Whether the rows of a part are those of two others, joined."""
    silver_set, _, language = part.partition("-")
    return (
        silver_set == SilverSet.TQC and {f"{one}-{language}" for one in (SilverSet.TQ, SilverSet.TC)} <= parts
    )


def _draws(store: Store, files: Iterable[_File]) -> dict[Kind, _Draw]:
    found: dict[Kind, _Draw] = {}
    for file in files:
        if file.part == SilverSet.EN and not file.rejected:
            continue
        for row in _rows(store, file.path, LOST_COLUMNS if file.rejected else KEPT_COLUMNS):
            silver_set = file.part.partition("-")[0]
            kind = Kind(
                language_of(file.part),
                file.rejected,
                silver_set,
                row["reason" if file.rejected else "method"],
            )
            draw = found.setdefault(kind, _Draw(REJECTED if file.rejected else KEPT))
            draw.add(id_of(row), row)
    return found


def _texts(store: Store, files: Iterable[_File], column: str, wanted: Set[str]) -> dict[str, Text]:
    """Questions and excerpts by the value of a column; only the rows that are wanted are read."""
    if not wanted:
        return {}
    chosen = pc.field(column).isin(sorted(wanted))
    rows = (row for file in files for row in _rows(store, file.path, (column, *TEXTS), chosen))
    return {row[column]: _text(row) for row in rows}


def _rows(store: Store, path: str, columns: Sequence[str], wanted: Any = None) -> Iterator[Row]:
    with opened(store, path) as stream:
        for batch in pq.read_table(stream, columns=list(columns), filters=wanted).to_batches(10_000):
            yield from batch.to_pylist()


def _shown(row_id: str, row: Row, kept: Text | None, english: Mapping[str, Text]) -> Shown:
    note = row["detail"] if "detail" in row else f"confidence {row['confidence']:.2f}"
    return Shown(row_id, english.get(row["source_id"]), kept, note or "")


def _text(row: Row) -> Text:
    answer, start = row["answers"]["text"][0], row["answers"]["answer_start"][0]
    return Text(row["question"], excerpt(row["context"], Span(start, start + len(answer))))


def excerpt(context: str, span: Span) -> str:
    """A context as far as it says where the answer stands, the answer between marks.

    >>> excerpt("Of all the cars the red one stopped first.", Span(20, 23))
    'Of all the cars the 【red】 one stopped first.'
    """
    begin, end = _around(context, span)
    piece = shown(context[begin:end], Span(span.start - begin, span.end - begin))
    whole = f"{'…' if begin else ''}{piece}{'…' if end < len(context) else ''}"
    return whole if len(whole) <= MOST_CHARS else f"{whole[:MOST_CHARS]}…"


def _around(context: str, span: Span) -> tuple[int, int]:
    """Where an excerpt begins and ends: at a space where there is one, so that no word is cut."""
    begin, end = span.start - AROUND_CHARS, span.end + AROUND_CHARS
    first, last = context.find(" ", max(begin, 0), span.start) + 1, context.rfind(" ", span.end, end)
    whole_words = (first or max(begin, 0), last if last > 0 else end)
    return whole_words[0] if begin > 0 else 0, whole_words[1] if end < len(context) else len(context)
