"""Tables in the layout of Bornea et al., AAAI 2021: plain data that becomes JSON, Markdown or HTML.

Under each of our rows stand the paper's own and what lies between them. A difference of means is given only where
both are means over the same languages.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from tasks.scoring import markdown, paper
from tasks.scoring.statistics import QUESTION_TYPES, Statistics
from tasks.scoring.transfer import PairFigures, Transfer, transfer

HERE = "here"
PAPER = "paper"
DIFFERENCE = "difference"
"""What the column `from` says of a row: ours, the paper's, or ours less the paper's."""

FROM = "from"
PLUS_MINUS = " ±"
AVERAGE = "AVG"
CORNER = "q \\ c"

SQUAD = "SQuAD v1.1"
"""What the paper translated (Table 1)."""

Cell = str | int | float | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of one length; None is a cell without a figure."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def to_markdown(self) -> str:
        """The table for a Markdown artifact, every text escaped and floats with one decimal.

        It is narrower than on a page of our own: Prefect cuts off what is too wide. A mean and its deviation share a
        cell, and whose row it is stands with the row's name.
        """
        names = [name for name in self.columns if name != FROM]
        own = [name for name in names if name.removesuffix(PLUS_MINUS) not in {*names} - {name}]
        rows = [
            [_narrow_cell(row, name, first=name == own[0]) for name in own]
            for row in (dict(zip(self.columns, row, strict=True)) for row in self.rows)
        ]
        return markdown.table(own, rows)

    def to_json(self) -> list[dict[str, Cell]]:
        """One object per row, figures unrounded."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def shown(self) -> tuple[Row, ...]:
        """The rows as a page shows them: differences as text with a sign and a mark.

        >>> Table(("set", "from", "F1"), (("T(Q)", "difference", 1.26),)).shown()
        (('T(Q)', 'difference', '+1.3 ▲'),)
        """
        if FROM not in self.columns:
            return self.rows
        place = self.columns.index(FROM)
        return tuple(_signed_row(row, place) if row[place] == DIFFERENCE else row for row in self.rows)


def signed(value: Cell, *, mark: bool = True) -> Cell:
    """A difference as people read it, to 0.1 where it is no count, with a mark or without; what is no number stays.

    >>> [signed(value) for value in (9.24, -0.31, 0.04, -1200, None)]
    ['+9.2 ▲', '-0.3 ▼', '0.0 =', '-1,200 ▼', None]
    >>> signed(9.24, mark=False), signed(0.04, mark=False)
    ('+9.2', '0.0')
    """
    if isinstance(value, str) or value is None:
        return value
    text = f"{value:+,}" if isinstance(value, int) else f"{value:+,.1f}"
    marked = " ▲" if value > 0 else " ▼"
    if not text.strip("+-0."):
        text, marked = text[1:], " ="
    return f"{text}{marked}" if mark else text


def label(system: str) -> str:
    """The system as the paper writes it; an unknown one by its own name.

    >>> label("tqc"), label("mine")
    ('T(Q+C)', 'mine')
    """
    return paper.LABELS.get(system, system)


def table1(sets: Mapping[str, Statistics], english: str = SQUAD) -> Table:
    """Table 1: of each training set, average words and pairs by type, and the paper's row of that set.

    `english` is what ours call the set `en`: the questions that the others were translated from.
    """
    rows: list[Row] = []
    for name, figures in sets.items():
        ours, printed = _statistics_cells(figures), paper.TABLE_1.get(name)
        title, theirs = (english, SQUAD) if name == "en" else (label(name), label(name))
        cells = _statistics_cells(printed) if printed else None
        rows += _beside(title, ours, cells, range(len(ours)), theirs)
    columns = ("set", FROM, "words/question", "words/answer", *QUESTION_TYPES, "pairs")
    return Table(columns, tuple(rows))


def table2(systems: Mapping[str, Sequence[Transfer]]) -> Table:
    """Table 2: of each system, G-XLT of each context language, G-XLT and XLT, and the paper's row of that system.

    One `Transfer` per run (seed): a row is their mean, with the sample standard deviation (n - 1) of several.
    """
    contexts = sorted({code for runs in systems.values() for run in runs for code in run.by_context})
    rows: list[Row] = []
    for name, runs in systems.items():
        printed = paper.TABLE_2.get(name)
        theirs = _paper_cells(printed, contexts) if printed else None
        means = {*range(len(contexts) + 1), len(contexts) + 2}
        compared = means if all(map(_like_mlqa, runs)) else set()
        rows += _beside(label(name), _run_cells(runs, contexts), theirs, compared)
    return Table(("system", FROM, *contexts, "G-XLT", "G-XLT ±", "XLT", "XLT ±"), tuple(rows))


def table3(figures: PairFigures) -> Table:
    """Table 3: question languages down, context languages across, means at the ends; last row G-XLT."""
    contexts = sorted({context for context, _ in figures})
    rows = ((question, *cells) for question, cells in _matrix(figures, contexts).items())
    return Table((CORNER, *contexts, AVERAGE), tuple(rows))


def table3_beside(figures: PairFigures) -> Table:
    """The same, and the paper's rows for the same pairs; its averages are worked out from these cells."""
    contexts = sorted({context for context, _ in figures})
    printed = {pair: paper.TABLE_3[pair] for pair in figures if pair in paper.TABLE_3}
    theirs = _matrix(printed, contexts) if printed else {}
    alike = printed.keys() == figures.keys()
    rows: list[Row] = []
    for question, cells in _matrix(figures, contexts).items():
        places = len(cells) if alike else (len(contexts) if question != AVERAGE else 0)
        rows += _beside(question, cells, theirs.get(question), range(places))
    return Table((CORNER, FROM, *contexts, AVERAGE), tuple(rows))


def table4(systems: Mapping[str, Sequence[PairFigures]]) -> Table:
    """Table 4: of each system, MLQA with question and context in one language, and their mean (XLT).

    One `PairFigures` per run (seed), as in Table 5.
    """
    printed = {
        name: _Printed(label(name), {code: row[code] for code in paper.MLQA_LANGUAGES}, row["xlt"])
        for name, row in paper.TABLE_4.items()
    }
    return _own_languages(systems, printed, paper.MLQA_LANGUAGES)


def table5(systems: Mapping[str, Sequence[PairFigures]]) -> Table:
    """Table 5: of each system, TyDiQA by language and their mean, and the paper's row of that system.

    The paper's systems trained for MLQA's languages bear a star; those for TyDiQA's are systems of their own.
    """
    printed = {
        row.system: _Printed(row.label, row.by_language, row.mean, row.deviation) for row in paper.TABLE_5
    }
    return _own_languages(systems, printed, paper.TYDIQA_LANGUAGES)


@dataclass(frozen=True, slots=True)
class _Printed:
    """A row of the paper's Table 4 or 5."""

    label: str
    by_language: Mapping[str, float]
    mean: float
    deviation: float | None = None


def _own_languages(
    systems: Mapping[str, Sequence[PairFigures]], printed: Mapping[str, _Printed], order: Sequence[str]
) -> Table:
    own = {name: [_diagonal(run) for run in runs] for name, runs in systems.items()}
    found = {code for runs in own.values() for run in runs for code in run}
    languages = [*(code for code in order if code in found), *sorted(found - set(order))]
    rows: list[Row] = []
    for name, runs in own.items():
        means = [fmean(run.values()) for run in runs if run]
        ours = (
            *(_mean([run.get(code) for run in runs]) for code in languages),
            _mean(means),
            _deviation(means),
        )
        theirs = printed.get(name)
        if theirs is None:
            rows += _beside(label(name), ours, None, ())
            continue
        whole = all(run.keys() == theirs.by_language.keys() for run in runs)
        cells = (*map(theirs.by_language.get, languages), theirs.mean, theirs.deviation)
        rows += _beside(theirs.label, ours, cells, range(len(languages) + whole))
    return Table(("system", FROM, *languages, "mean", "mean ±"), tuple(rows))


def _beside(
    title: str, ours: Row, theirs: Row | None, compared: Container[int], printed: str = ""
) -> list[Row]:
    """A row of ours, then the paper's, if any, and the difference of the cells that can be compared, if any.

    `printed` is what the paper's row is called where that is not `title`.
    """
    rows: list[Row] = [(title, HERE, *ours)]
    if theirs is not None:
        rows.append((printed or title, PAPER, *theirs))
        cells = enumerate(zip(ours, theirs, strict=True))
        differences = tuple(_less(a, b) if place in compared else None for place, (a, b) in cells)
        if any(value is not None for value in differences):
            rows.append((title, DIFFERENCE, *differences))
    return rows


def _less(ours: Cell, theirs: Cell) -> Cell:
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return ours - theirs
    return None


def _signed_row(row: Row, place: int) -> Row:
    return (*row[: place + 1], *map(signed, row[place + 1 :]))


def _narrow_cell(row: Mapping[str, Cell], name: str, *, first: bool) -> markdown.Cell:
    """A cell as `Table.to_markdown` shows it."""
    value, source, deviation = row[name], row.get(FROM, HERE), row.get(f"{name}{PLUS_MINUS}")
    if first:
        return value if source == HERE else f"{value}, {source}"
    if source == DIFFERENCE and value is not None:
        return markdown.Figure(str(signed(value, mark=False)))
    if isinstance(value, float) and isinstance(deviation, float):
        return markdown.Figure(f"{value:.1f} ± {deviation:.1f}")
    return value


def _like_mlqa(run: Transfer) -> bool:
    """Whether its means are over the same 49 pairs as the paper's."""
    return run.complete and run.by_context.keys() == set(paper.MLQA_LANGUAGES)


def _matrix(figures: PairFigures, contexts: Sequence[str]) -> dict[str, Row]:
    """Table 3's rows by question language, each with its mean; the last is that of the context languages."""
    matrix: dict[str, Row] = {}
    for question in sorted({question for _, question in figures}):
        cells = [figures.get((context, question)) for context in contexts]
        matrix[question] = (*cells, _mean(cells))
    means = transfer(figures)
    matrix[AVERAGE] = (*map(means.by_context.get, contexts), means.overall)
    return matrix


def _diagonal(figures: PairFigures) -> dict[str, float]:
    return {context: value for (context, question), value in figures.items() if context == question}


def _statistics_cells(figures: Statistics) -> Row:
    types = (figures.types[kind] for kind in QUESTION_TYPES)
    return (figures.question_words, figures.answer_words, *types, figures.pairs)


def _run_cells(runs: Sequence[Transfer], contexts: Sequence[str]) -> Row:
    by_context = [_mean([run.by_context.get(context) for run in runs]) for context in contexts]
    overall = [run.overall for run in runs]
    xlt = [run.xlt for run in runs if run.xlt is not None]
    return (*by_context, _mean(overall), _deviation(overall), _mean(xlt), _deviation(xlt))


def _paper_cells(row: paper.MlqaRow, contexts: Sequence[str]) -> Row:
    by_context = (row.by_context.get(context) for context in contexts)
    return (*by_context, row.g_xlt, row.g_xlt_deviation, row.xlt, row.xlt_deviation)


def _mean(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return fmean(present) if present else None


def _deviation(values: Sequence[float]) -> float | None:
    return stdev(values) if len(values) > 1 else None
