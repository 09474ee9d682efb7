"""The page of the whole way: what was made, one from the other, and where each is told of."""

from dataclasses import dataclass

from tasks.scoring.markdown import Cell, Link, escape, table
from tasks.scoring.report.summary import PLUMBING
from tasks.scoring.tables import label


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What a run made: silver data (its rows), a reader of a system (its steps) and a report (its F1 in percent)."""

    system: str
    snapshot: str
    rows: int
    reader: str
    steps: int
    report: str
    f1: float
    plumbing: bool


def chain_page(way: Way, snapshot: Link, reader: Link, report: Link) -> str:
    """The page, with links to those of what was made."""
    made: list[list[Cell]] = [
        ["silver data", snapshot, f"{way.rows:,} rows"],
        ["reader", reader, f"{way.steps:,} steps"],
        ["report", report, f"F1 {way.f1:.1f}"],
    ]
    sections = [
        f"# {escape(label(way.system))} from the source to the report",
        *([PLUMBING] if way.plumbing else []),
        table(["", "id", ""], made),
    ]
    return "\n\n".join(sections)
