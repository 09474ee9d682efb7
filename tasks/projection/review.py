"""A stratified sample of projected and rejected rows, for people to look at.

A stratum is a language, a rung of the ladder (the row's method) and a band of confidence, or a language and a reason
for rejection. Rows are drawn by a hash of the seed and their id, so neither the order nor the number of a snapshot's
files changes the sample, and no more than the sample itself is ever held.
"""

import hashlib
import heapq
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from storage.examples import Span
from storage.silver import SilverSet, row_id

REJECTED = "rejected"
"""Stands for the rung of rows that no rung could keep."""

BANDS = (0.5, 0.8, 0.9, 0.95)
"""Where bands of confidence begin, besides 0."""

MARKS = ("【】", "⟦⟧", "⟪⟫")
"""What shows the answer in its context: the first pair that the context itself lacks."""

MOST_AROUND = 5_000
"""Characters of a context shown on each side of an answer; a cell of a spreadsheet holds 32,767."""


class Stratum(NamedTuple):
    """Rows that are alike: `band` is one of confidence, or the reason where `rung` is `REJECTED`."""

    language: str
    rung: str
    band: str


class Tally:
    """The size of each stratum, and the rows that are drawn from it first.

    Args:
        most: how many rows to remember of each.
        seed: of the draw.
    """

    def __init__(self, most: int, seed: int) -> None:
        self.sizes: dict[Stratum, int] = {}
        self._most = most
        self._seed = seed
        self._heaps: dict[Stratum, list[tuple[int, str]]] = {}

    def add(self, stratum: Stratum, row: str) -> None:
        """Count a row, given by its id."""
        self.sizes[stratum] = self.sizes.get(stratum, 0) + 1
        heap = self._heaps.setdefault(stratum, [])
        ticket = -int.from_bytes(hashlib.sha256(f"{self._seed} {row}".encode()).digest()[:8]), row
        if len(heap) < self._most:
            heapq.heappush(heap, ticket)
        else:
            heapq.heappushpop(heap, ticket)

    def drawn(self, total: int) -> dict[str, Stratum]:
        """The ids of `total` rows in the order in which they were drawn, with their strata."""
        chosen: list[tuple[int, str, Stratum]] = []
        for stratum, count in allocated(self.sizes, total).items():
            chosen += ((-t, row, stratum) for t, row in heapq.nlargest(count, self._heaps[stratum]))
        return {row: stratum for _, row, stratum in sorted(chosen)}


def allocated(sizes: Mapping[Stratum, int], total: int) -> dict[Stratum, int]:
    """How many of `total` rows to draw from each stratum: by the square root of its size, and one of each at first.

    Between equal shares, best for comparing strata, and proportional ones, best for their sum (Bankier 1988, "Power
    allocations: determining sample sizes for subnational areas", with power 1/2).

    >>> strata = [Stratum("es", rung, "0.95-1.00") for rung in ("exact", "cover", "words")]
    >>> list(allocated(dict(zip(strata, (900, 100, 1))), 9).values())
    [6, 2, 1]
    """
    counts = dict.fromkeys(sizes, 0)
    waiting = [(-math.inf, -size, stratum) for stratum, size in sizes.items()]
    heapq.heapify(waiting)
    for _ in range(min(total, sum(sizes.values()))):
        _, size, stratum = heapq.heappop(waiting)
        counts[stratum] += 1
        if counts[stratum] < -size:
            heapq.heappush(waiting, (-math.sqrt(-size) / (counts[stratum] + 0.5), size, stratum))
    return {stratum: count for stratum, count in counts.items() if count}


def tallied(
    kept: Iterable[Mapping[str, Any]], rejected: Iterable[Mapping[str, Any]], total: int, seed: int
) -> Tally:
    """The strata of all projected rows.

    T(C) and T(Q+C) hold the same projections, so only T(C) is looked at where a snapshot has both; English contexts
    needed no projection.

    Args:
        kept: rows with at least the columns `KEPT_COLUMNS`.
        rejected: rows with at least the columns of rejected rows.
        total: how many rows will be drawn.
        seed: of the draw.
    """
    tallies = {silver_set: Tally(total, seed) for silver_set in (SilverSet.TC, SilverSet.TQC)}
    for row in kept:
        if tally := tallies.get(row["set"]):
            band = band_of(row["confidence"])
            tally.add(Stratum(row["context_language"], row["method"], band), id_of(row))
    for row in rejected:
        if tally := tallies.get(row["set"]):
            tally.add(Stratum(row["context_language"], REJECTED, row["reason"]), id_of(row))
    return tallies[SilverSet.TC] if tallies[SilverSet.TC].sizes else tallies[SilverSet.TQC]


KEPT_COLUMNS = ("source_id", "set", "question_language", "context_language", "method", "confidence")
"""What `tallied` wants to know of a kept row."""


def id_of(row: Mapping[str, Any]) -> str:
    """The id of a kept or of a rejected row.

    >>> id_of({"source_id": "56d9", "set": "tc", "question_language": "en", "context_language": "es"})
    '56d9.tc.en-es'
    """
    return row_id(row["source_id"], SilverSet(row["set"]), row["question_language"], row["context_language"])


def band_of(confidence: float) -> str:
    """The band of a confidence, its lower bound in it.

    >>> [band_of(confidence) for confidence in (0.0, 0.8, 1.0)]
    ['0.00-0.50', '0.80-0.90', '0.95-1.00']
    """
    # Stored confidences are float32, whose 0.8 is a little more than 0.8 and whose 0.95 a little less.
    bounds = [0.0, *BANDS, 1.0]
    below = max(i for i, bound in enumerate(bounds[:-1]) if bound <= confidence + 1e-6 or i == 0)
    return f"{bounds[below]:.2f}-{bounds[below + 1]:.2f}"


def shown(context: str, span: Span) -> str:
    """A context with an answer of it between marks, far-off text left out.

    >>> shown("the red car", Span(4, 7))
    'the 【red】 car'
    """
    marks = next((pair for pair in MARKS if not set(pair) & set(context)), MARKS[0])
    before, after = context[: span.start], context[span.end :]
    if len(before) > MOST_AROUND:
        before = f"…{before[-MOST_AROUND:]}"
    if len(after) > MOST_AROUND:
        after = f"{after[:MOST_AROUND]}…"
    return f"{before}{marks[0]}{context[span.start : span.end]}{marks[1]}{after}"


def sheet_rows(
    drawn: Mapping[str, Stratum],
    sizes: Mapping[Stratum, int],
    rows: Mapping[str, Mapping[str, Any]],
    sources: Mapping[str, Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    """The rows of the sheet, language by language, each language in the order of the draw.

    Args:
        drawn: strata by row id.
        sizes: how many rows each stratum has in all.
        rows: kept and rejected rows by row id.
        sources: the English rows by source id.
    """
    for name, stratum in sorted(drawn.items(), key=lambda item: item[1].language):
        row = rows[name]
        yield {
            "verdict": "",
            "answer": _answer(row),
            "context": _context(row),
            **_source(sources.get(row["source_id"])),
            "detail": row.get("detail", ""),
            **stratum._asdict(),
            "rows_in_stratum": sizes[stratum],
            "confidence": "" if stratum.rung == REJECTED else f"{row['confidence']:.3f}",
            "row": name,
        }


def _source(row: Mapping[str, Any] | None) -> dict[str, str]:
    source = row or {}
    return {
        "english_question": source.get("question", ""),
        "english_answer": _answer(source),
        "english_context": _context(source),
    }


def _answer(row: Mapping[str, Any]) -> str:
    return str(row["answers"]["text"][0]) if "answers" in row else ""


def _context(row: Mapping[str, Any]) -> str:
    if "answers" not in row:
        return ""
    start = row["answers"]["answer_start"][0]
    return shown(row["context"], Span(start, start + len(_answer(row))))
