"""A few rows of a build for people to look at: kept ones by set and method, rejected ones by reason, in each language.

They are drawn from each part when it is made, by a hash of their ids, so that equal data shows equal examples in
whatever order it was made, and showing them reads no row again.
"""

import heapq
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa

from storage.examples import Answer, Example, Span
from storage.silver import SilverSet
from tasks.projection.review import id_of, shown
from tasks.projection.sets import Label

KEPT, REJECTED = 1, 2
"""So many rows are shown of each kind."""

AROUND_CHARS = 90
"""So much of a context is shown on either side of an answer."""

MOST_CHARS = 600
"""So much of a text is shown: an answer may be as long as its context."""

Json = dict[str, Any]


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

    @property
    def ticket(self) -> tuple[int, str]:
        """Rows of a kind are drawn in the order of this."""
        return zlib.crc32(self.id.encode()), self.id

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`."""
        english, translated = (
            Text(**text) if text else None for text in (value["english"], value["translated"])
        )
        return cls(value["id"], english, translated, value["note"])


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """Rows that are alike: `why` is the method that found their answers, or the reason for which they were rejected."""

    language: str
    rejected: bool
    silver_set: str
    why: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """How many rows of a kind a part has, and those of them that may be shown."""

    kind: Kind
    count: int
    rows: Sequence[Shown]

    def to_json(self) -> Json:
        """As a plain JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(Kind(**value["kind"]), value["count"], [Shown.from_json(row) for row in value["rows"]])


Examples = Mapping[Kind, tuple[int, Sequence[Shown]]]
"""How many rows each kind has, and those that are shown of it."""


def examples_of_build(drawn: Iterable[Drawn]) -> Examples:
    """What was drawn from all parts together."""
    counts: dict[Kind, int] = {}
    rows: dict[Kind, list[Shown]] = {}
    for part in drawn:
        counts[part.kind] = counts.get(part.kind, 0) + part.count
        rows.setdefault(part.kind, []).extend(part.rows)
    return {
        kind: (counts[kind], sorted(rows[kind], key=lambda row: row.ticket)[: _most(kind)])
        for kind in sorted(counts)
    }


def sets_to_show(sets: Sequence[str]) -> list[str]:
    """Those of which examples are drawn.

    T(Q+C) has the questions of T(Q) and the projections of T(C), so it is shown only where one of them is missing.

    >>> sets_to_show(["tq", "tc", "tqc"]), sets_to_show(["tc", "tqc"])
    (['tq', 'tc'], ['tc', 'tqc'])
    """
    joined = {SilverSet.TQ, SilverSet.TC} <= set(sets)
    return [name for name in sets if not (joined and name == SilverSet.TQC)]


def drawn_kept(label: Label, table: pa.Table, english: Mapping[str, Example]) -> Iterator[Drawn]:
    """Examples of a part's kept rows; `english` are the questions by id that they were made of."""
    for method, count, chosen in _chosen(table, "method", table["id"].to_pylist(), KEPT):
        rows = [
            Shown(
                row["id"],
                _english(english.get(row["source_id"])),
                _translated(row),
                f"confidence {row['confidence']:.2f}",
            )
            for row in chosen
        ]
        yield Drawn(Kind(label.language, False, str(label.set), method), count, rows)


def drawn_rejected(label: Label, table: pa.Table, english: Mapping[str, Example]) -> Iterator[Drawn]:
    """Examples of a part's rejected rows."""
    of_label = {
        "set": str(label.set),
        "question_language": label.question_language,
        "context_language": label.context_language,
    }
    ids = [id_of({"source_id": i, **of_label}) for i in table["source_id"].to_pylist()]
    for reason, count, chosen in _chosen(table, "reason", ids, REJECTED):
        rows = [
            Shown(id_of(row), _english(english.get(row["source_id"])), None, _cut(row["detail"] or ""))
            for row in chosen
        ]
        yield Drawn(Kind(label.language, True, str(label.set), reason), count, rows)


def _most(kind: Kind) -> int:
    return REJECTED if kind.rejected else KEPT


def _chosen(
    table: pa.Table, column: str, ids: Sequence[str], most: int
) -> Iterator[tuple[str, int, list[Json]]]:
    """By each value of a column: how many rows have it, and those of them whose ids come first."""
    tickets = [zlib.crc32(i.encode()) for i in ids]
    codes = table[column].combine_chunks().dictionary_encode()
    numbers = codes.indices.to_numpy(zero_copy_only=False)
    for code, value in enumerate(codes.dictionary.to_pylist()):
        own = np.flatnonzero(numbers == code)
        first = heapq.nsmallest(most, own.tolist(), key=lambda row: (tickets[row], ids[row]))
        yield value, len(own), table.take(first).to_pylist()


def _english(example: Example | None) -> Text | None:
    if example is None:
        return None
    return Text(_cut(example.question), excerpt(example.context, example.answers[0].span))


def _translated(row: Mapping[str, Any]) -> Text:
    answer = Answer(row["answers"]["text"][0], row["answers"]["answer_start"][0])
    return Text(_cut(row["question"]), excerpt(row["context"], answer.span))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}…"


def excerpt(context: str, span: Span) -> str:
    """A context as far as it says where the answer stands, the answer between marks.

    >>> excerpt("Of all the cars the red one stopped first.", Span(20, 23))
    'Of all the cars the 【red】 one stopped first.'
    """
    begin, end = _around(context, span)
    piece = shown(context[begin:end], Span(span.start - begin, span.end - begin))
    whole = f"{'…' if begin else ''}{piece}{'…' if end < len(context) else ''}"
    return _cut(whole)


def _around(context: str, span: Span) -> tuple[int, int]:
    """Where an excerpt begins and ends: at a space where there is one, so that no word is cut."""
    begin, end = span.start - AROUND_CHARS, span.end + AROUND_CHARS
    first, last = context.find(" ", max(begin, 0), span.start) + 1, context.rfind(" ", span.end, end)
    whole_words = (first or max(begin, 0), last if last > 0 else end)
    return whole_words[0] if begin > 0 else 0, whole_words[1] if end < len(context) else len(context)
