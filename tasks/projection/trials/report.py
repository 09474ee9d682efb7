"""A trial told: the figures of every method, a picture of the curves, and the rows that went worst, for reading."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.examples import Span
from tasks.projection import sheet
from tasks.projection.confidence import Weights
from tasks.projection.trials.figures import Figures, Judge, figures
from tasks.projection.trials.methods import LADDERS, Sighting, Sightings, cover, ladder, paper, rungs
from tasks.projection.trials.rows import Row

WORST = 200
"""So many rows are written for reading."""

RUNG = "rung {method}"
"""What one rung of the ladder by itself is called."""

SHOWN = ("ladder without tags", "ladder of aligner", "paper", "cover, edges as they came")
"""What the picture shows beside the first ladder and the rungs; the other ladders would hide one another."""

LEAST_SHOWN = 0.5
"""A method that keeps a smaller share of the rows is not shown: the curves begin there."""

_AROUND = 60
"""Characters of the translation shown on either side of a span."""

LEGEND = (
    "The rows in which the ladder lost most against the best span of the same translation, worst first.",
    "found: what was projected, in its surroundings; human: the answer that people gave; best: the best F1 possible.",
)


def methods(rows: Sequence[Row], *, machine: bool, weights: Weights | None) -> dict[str, Sightings]:
    """What every method finds, the best ladder first.

    Args:
        rows: of the trial.
        machine: whether an engine translated them, so that there were tags to find, and answers alone.
        weights: of the confidence; the shipped ones if None.
    """
    found: dict[str, Sightings] = {}
    for name, state in LADDERS.items():
        if machine or not (state["tags"] or state["alone"]):
            found[name] = ladder(rows, state, weights)
    if machine:
        found |= {"paper": paper(rows), "cover, edges as they came": cover(rows)}
    return found | {RUNG.format(method=method): seen for method, seen in rungs(rows).items()}


def tabled(
    rows: Sequence[Row], found: Mapping[str, Sightings], judge: Judge, *, odd: bool
) -> dict[str, Figures]:
    """The figures of each method, over all rows or over the articles of odd index alone."""
    chosen = [place for place, row in enumerate(rows) if row.odd or not odd]
    return {
        name: figures([rows[i] for i in chosen], [seen[i] for i in chosen], judge)
        for name, seen in found.items()
    }


def curves(table: Mapping[str, Figures]) -> dict[str, list[tuple[float, float]]]:
    """What the picture shows: a curve for each method that sorts its rows, a dot for each that does not."""
    shown: dict[str, list[tuple[float, float]]] = {}
    best = next(iter(table))
    for name, one in table.items():
        chosen = name == best or name in SHOWN or name.startswith(RUNG.format(method=""))
        if not chosen or one.kept < LEAST_SHOWN * one.total:
            continue
        levels = {round(f1, 6) for _, f1 in one.curve}
        shown[name] = [*one.curve] if len(levels) > 1 else [(one.kept / max(1, one.total), one.f1)]
    return shown


def worst(rows: Sequence[Row], found: Sightings, judge: Judge) -> str:
    """The rows that lost most, as a spreadsheet."""
    told = [_told(row, seen, judge) for row, seen in zip(rows, found, strict=True)]
    ordered = sorted(told, key=lambda row: (row["f1"] - row["best"], row["id"]))
    return sheet.written(ordered[:WORST], LEGEND)


def _told(row: Row, seen: Sighting | None, judge: Judge) -> dict[str, Any]:
    span = seen.span if seen else None
    return {
        "id": row.id,
        "question": row.question,
        "answer": row.case.answer if row.case else "",
        "human": row.gold.text,
        "found": _around(row, span) if span else "",
        "method": str(seen.method) if seen else "",
        "confidence": round(seen.score, 3) if seen else 0.0,
        "f1": round(judge.f1(row, span), 3) if span else 0.0,
        "best": round(judge.best(row), 3),
    }


def _around(row: Row, span: Span) -> str:
    """A span between marks, in its surroundings."""
    text = row.case.text if row.case else ""
    before, after = text[max(0, span.start - _AROUND) : span.start], text[span.end : span.end + _AROUND]
    return f"…{before}【{text[span.start : span.end]}】{after}…".replace("\n", " ")
