"""Tables in the layout of Bornea et al., AAAI 2021: plain data that becomes JSON, Markdown or HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from tasks.scoring import markdown, paper
from tasks.scoring.statistics import QUESTION_TYPES, Statistics
from tasks.scoring.transfer import PairFigures, Transfer, transfer

HERE = "here"
PAPER = "paper"

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of one length; None is a cell without a figure."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def to_markdown(self) -> str:
        """The table for a Markdown artifact, every text escaped and floats with one decimal."""
        return markdown.table(self.columns, self.rows)

    def to_json(self) -> list[dict[str, Cell]]:
        """One object per row, figures unrounded."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def label(system: str) -> str:
    """The system as the paper writes it; an unknown one by its own name.

    >>> label("tqc"), label("mine")
    ('T(Q+C)', 'mine')
    """
    return paper.LABELS.get(system, system)


def table1(sets: Mapping[str, Statistics]) -> Table:
    """Table 1: of each training set, average words and pairs by type, above the paper's row of that set."""
    rows: list[tuple[Cell, ...]] = []
    for name, figures in sets.items():
        rows.append((_set_label(name), HERE, *_statistics_cells(figures)))
        if name in paper.TABLE_1:
            rows.append((_set_label(name), PAPER, *_statistics_cells(paper.TABLE_1[name])))
    return Table(("set", "from", "words/question", "words/answer", *QUESTION_TYPES, "pairs"), tuple(rows))


def table2(systems: Mapping[str, Sequence[Transfer]]) -> Table:
    """Table 2: of each system, G-XLT of each context language, G-XLT and XLT, above the paper's row of that
    system.

    One `Transfer` per run (seed): a row is their mean, with the sample standard deviation (n - 1) of several.
    """
    contexts = sorted({code for runs in systems.values() for run in runs for code in run.by_context})
    rows: list[tuple[Cell, ...]] = []
    for name, runs in systems.items():
        rows.append((label(name), HERE, *_run_cells(runs, contexts)))
        if name in paper.TABLE_2:
            rows.append((label(name), PAPER, *_paper_cells(paper.TABLE_2[name], contexts)))
    return Table(("system", "from", *contexts, "G-XLT", "G-XLT ±", "XLT", "XLT ±"), tuple(rows))


def table3(figures: PairFigures) -> Table:
    """Table 3: question languages down, context languages across, means at the ends; last row G-XLT."""
    contexts = sorted({context for context, _ in figures})
    questions = sorted({question for _, question in figures})
    rows: list[tuple[Cell, ...]] = []
    for question in questions:
        cells = [figures.get((context, question)) for context in contexts]
        rows.append((question, *cells, _mean(cells)))
    means = transfer(figures)
    rows.append(("AVG", *(means.by_context[context] for context in contexts), means.overall))
    return Table(("q \\ c", *contexts, "AVG"), tuple(rows))


def table4(systems: Mapping[str, PairFigures]) -> Table:
    """Table 4: of each system, MLQA with question and context in one language, and their mean (XLT)."""
    printed = {name: [(label(name), row, row["xlt"])] for name, row in paper.TABLE_4.items()}
    return _own_languages(systems, printed)


def table5(systems: Mapping[str, PairFigures]) -> Table:
    """Table 5: of each system, TyDiQA by language and their mean, above the paper's rows of that system.

    The paper has two rows of most systems: trained for MLQA's languages (*) and for TyDiQA's.
    """
    printed: dict[str, list[tuple[str, Mapping[str, float], float]]] = {}
    for row in paper.TABLE_5:
        printed.setdefault(row.system, []).append((row.label, row.by_language, row.mean))
    return _own_languages(systems, printed)


def _own_languages(
    systems: Mapping[str, PairFigures],
    printed: Mapping[str, Sequence[tuple[str, Mapping[str, float], float]]],
) -> Table:
    own = {
        name: {c: value for (c, q), value in figures.items() if c == q} for name, figures in systems.items()
    }
    languages = sorted({code for row in own.values() for code in row})
    rows: list[tuple[Cell, ...]] = []
    for name, row in own.items():
        rows.append((label(name), HERE, *(row.get(code) for code in languages), _mean(list(row.values()))))
        for title, figures, mean in printed.get(name, ()):
            rows.append((title, PAPER, *(figures.get(code) for code in languages), mean))
    return Table(("system", "from", *languages, "mean"), tuple(rows))


def _set_label(name: str) -> str:
    return "SQuAD v1.1" if name == "en" else label(name)


def _statistics_cells(figures: Statistics) -> tuple[Cell, ...]:
    types = (figures.types[kind] for kind in QUESTION_TYPES)
    return (figures.question_words, figures.answer_words, *types, figures.pairs)


def _run_cells(runs: Sequence[Transfer], contexts: Sequence[str]) -> tuple[Cell, ...]:
    by_context = [_mean([run.by_context.get(context) for run in runs]) for context in contexts]
    overall = [run.overall for run in runs]
    xlt = [run.xlt for run in runs if run.xlt is not None]
    return (*by_context, _mean(overall), _deviation(overall), _mean(xlt), _deviation(xlt))


def _paper_cells(row: paper.MlqaRow, contexts: Sequence[str]) -> tuple[Cell, ...]:
    by_context = (row.by_context.get(context) for context in contexts)
    return (*by_context, row.g_xlt, row.g_xlt_deviation, row.xlt, row.xlt_deviation)


def _mean(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return fmean(present) if present else None


def _deviation(values: Sequence[float]) -> float | None:
    return stdev(values) if len(values) > 1 else None
