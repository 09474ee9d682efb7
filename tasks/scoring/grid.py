"""The paper's five tables, filled by a grid of systems and seeds: each with its title and one sentence about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from tasks.scoring import paper
from tasks.scoring.statistics import Statistics
from tasks.scoring.tables import SQUAD, Cell, Table, label, table1, table2, table3_beside, table4, table5
from tasks.scoring.transfer import PairFigures, transfer

Runs = Mapping[str, Sequence[PairFigures]]
"""By system, F1 by pair of each of its runs (seeds)."""


PRINTED_4 = {
    name: (label(name), [row[code] for code in paper.MLQA_LANGUAGES], row["xlt"])
    for name, row in paper.TABLE_4.items()
}
PRINTED_5 = {row.system: (row.label, list(row.by_language.values()), row.mean) for row in paper.TABLE_5}
"""By system what the paper calls it, its cells, and the mean that it prints."""


@dataclass(frozen=True, slots=True)
class Titled:
    """A table as a page shows it: with a title, and one sentence that says what it holds."""

    title: str
    lead: str
    table: Table

    def to_json(self) -> dict[str, object]:
        """Title, lead, columns and rows, differences as signed text."""
        rows: list[list[Cell]] = [list(row) for row in self.table.shown()]
        return {"title": self.title, "lead": self.lead, "columns": list(self.table.columns), "rows": rows}


def data_tables(sets: Mapping[str, Statistics], english: str = SQUAD) -> list[Titled]:
    """Table 1, of training sets by name (`en` is the source itself, which is called `english`)."""
    lead = "Training sets: average words of a question and of an answer, and pairs by type of the question."
    return [Titled("Table 1", lead, table1(sets, english))] if sets else []


def mlqa_tables(runs: Runs) -> list[Titled]:
    """Tables 2, 3 and 4, of systems that were put to MLQA; none where none was."""
    runs = {name: figures for name, figures in runs.items() if figures}
    if not runs:
        return []
    best = best_system(runs)
    shown = {name: runs[name] for name in dict.fromkeys(("zs", paper.TABLE_3_SYSTEM, best)) if name in runs}
    counts = {len(figures) for figures in runs.values()}
    seeds = _counted(max(counts), "seed") if len(counts) == 1 else f"{min(counts)} to {max(counts)} seeds"
    return [
        Titled(
            "Table 2",
            "F1 in percent by language of the context, each the mean over the languages of the question (G-XLT); "
            f"means of {seeds} here, of three in the paper.",
            table2({name: [transfer(run) for run in figures] for name, figures in runs.items()}),
        ),
        Titled(
            "Table 3",
            f"F1 in percent of {label(best)}, the best system here, and of {label(paper.TABLE_3_SYSTEM)}, the best of "
            "the paper, whose averages are worked out from its own cells: languages of the question down, of the "
            "context across.",
            table3_beside(mean_figures(runs[best])),
        ),
        Titled(
            "Table 4",
            " ".join(["F1 in percent with question and context in one language.", *_slips(shown, PRINTED_4)]),
            table4(shown),
        ),
    ]


def tydiqa_tables(runs: Runs) -> list[Titled]:
    """Table 5, of systems that were put to TyDiQA; none where none was."""
    runs = {name: figures for name, figures in runs.items() if figures}
    lead = "TyDiQA, F1 in percent by language; * marks systems trained for MLQA's languages."
    return [Titled("Table 5", " ".join([lead, *_slips(runs, PRINTED_5)]), table5(runs))] if runs else []


def best_system(runs: Runs) -> str:
    """The system with the highest mean G-XLT over its runs; of equal ones the first."""
    return max(runs, key=lambda name: fmean(transfer(run).overall for run in runs[name]))


def mean_figures(runs: Sequence[PairFigures]) -> dict[tuple[str, str], float]:
    """The mean of each pair over the runs that have it."""
    pairs = dict.fromkeys(pair for run in runs for pair in run)
    return {pair: fmean(run[pair] for run in runs if pair in run) for pair in pairs}


def _slips(shown: Iterable[str], printed: Mapping[str, tuple[str, Sequence[float], float]]) -> Iterator[str]:
    """A sentence for each of the paper's rows shown whose printed mean is not that of its own cells."""
    for name in shown:
        if name in printed:
            row, cells, mean = printed[name]
            if round(fmean(cells), 1) != mean:
                yield f"The paper's cells of {row} average {fmean(cells):.1f}; it prints {mean}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
