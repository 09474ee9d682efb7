"""The page of a build: its snapshots, what was kept and rejected, and Table 1."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.silver import SilverSet
from storage.snapshots import Snapshot
from tasks.cards import yields_table
from tasks.mt.bill import Bill
from tasks.pages.costs import money
from tasks.scoring.markdown import Cell, Code, Lines, table
from tasks.scoring.statistics import Statistics
from tasks.scoring.tables import FROM, HERE, PAPER, label, table1


def silver_page(snapshots: Mapping[SilverSet, Snapshot], bill: Bill, also: str, picture: str) -> str:
    """The page.

    Args:
        snapshots: what was published, by set.
        bill: what was asked of engines for it.
        also: Markdown that leads to the run's other pages.
        picture: of rows kept and rejected, as Markdown.
    """
    parts = parts_of(snapshots)
    lines: list[list[Cell]] = [
        [label(s), Code(x.id), x.rows, x.manifest["rejected"], Code(x.folder)] for s, x in snapshots.items()
    ]
    sections = [
        "# Silver data",
        also,
        table(["set", "snapshot", "rows", "rejected", "in the store"], lines),
        _asked(bill),
        "## Who translated",
        _engines(next(iter(snapshots.values())).manifest["recipe"].get("engines", {})),
        "## Kept and rejected, by set and language",
        picture,
        yields_table(parts, lambda told: Lines(told, 40)),
        "## Table 1",
        "Average words, and questions by type; *paper* is what is printed there for SQuAD in six languages.",
        _table1(snapshots),
    ]
    return "\n\n".join(sections)


def parts_of(snapshots: Mapping[SilverSet, Snapshot]) -> dict[str, Any]:
    """The counts of each set and language, those that several snapshots share once."""
    found = (snapshot.manifest["statistics"]["parts"] for snapshot in snapshots.values())
    return {name: part for parts in found for name, part in parts.items()}


def _asked(bill: Bill) -> str:
    if not bill.sent.requests and not bill.canary.requests:
        return "Nothing was sent in this run: all translations were at hand."
    sent = f"{bill.sent.requests:,} requests with {bill.sent.characters:,} characters were sent in this run"
    opened = f", and {bill.canary.requests:,} to get to know new engines" if bill.canary.requests else ""
    price = "; their price is not known" if bill.usd is None else f": {money(bill.usd)} USD"
    return f"{sent}{opened}{price}."


def _engines(engines: Mapping[str, Mapping[str, Any]]) -> str:
    rows: list[list[Cell]] = [
        [language, engine["engine"], Lines(engine["version"], 60)] for language, engine in engines.items()
    ]
    return table(["language", "engine", "version that it reports"], rows)


def _table1(snapshots: Mapping[SilverSet, Snapshot]) -> str:
    """Table 1 on its side: as printed it is wider than a page of Prefect's."""
    figures = {str(s): Statistics(**x.manifest["statistics"]["table1"]) for s, x in snapshots.items()}
    made = table1(figures)
    source = made.columns.index(FROM)
    rows = [row for row in made.rows if row[source] in {HERE, PAPER}]
    names = [row[0] if row[source] == HERE else PAPER for row in rows]
    turned: Sequence[list[Cell]] = [
        [made.columns[place], *(row[place] for row in rows)] for place in range(source + 1, len(made.columns))
    ]
    return table(["", *map(str, names)], turned)
