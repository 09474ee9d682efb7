"""The pages of a report: its tables with the way back to readers and snapshots, and its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.pages.fitting import MAX_BYTES, fit, fitted
from tasks.scoring.markdown import Cell, Link, Stack, escape, table

SECTION = "\n\n## "

REST = "The rest did not fit here: see the page."


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One reader of a report: what its system is called there, its seed, and the pages of it and of its data."""

    system: str
    seed: int | None
    reader: Link
    snapshots: Sequence[Link]


def evaluation_page(report: str, readers: Sequence[Evaluated], picture: str, also: str) -> str:
    """The tables of a report; the picture stands before them, but only where it takes no table's place.

    Args:
        report: the published Markdown.
        readers: who was evaluated, in the order of the report.
        picture: the first heat map as Markdown; empty where there is none.
        also: Markdown that leads to the run's other pages, that of all heat maps among them.
    """
    head, *sections = report.split(SECTION)
    own = [head, also, f"## Who was evaluated\n\n{readers_table(readers)}"]
    tables = [f"## {section}" for section in sections]
    drawn = [*own, f"## F1 by pair of languages\n\n{picture}", *tables]
    if picture and fit(drawn, MAX_BYTES):
        return fitted(drawn, REST, MAX_BYTES)
    return fitted([*own, *tables], REST, MAX_BYTES)


def readers_table(readers: Sequence[Evaluated]) -> str:
    """The way from a report to its readers, and on to their snapshots."""
    rows: list[list[Cell]] = [
        [one.system, None if one.seed is None else str(one.seed), one.reader, _all(one.snapshots)]
        for one in readers
    ]
    return table(["system", "seed", "reader", "trained on snapshot"], rows)


def pictures_page(title: str, pictures: Sequence[tuple[str, str]]) -> str:
    """Pictures below each other, each with what it shows; those that do not fit are left to the report's page."""
    sections = [f"## {escape(says)}\n\n{picture}" if says else picture for says, picture in pictures]
    return fitted([f"# {title}", *sections], REST, MAX_BYTES)


def _all(links: Sequence[Link]) -> Cell:
    return Stack(tuple(links)) if links else "not known"
