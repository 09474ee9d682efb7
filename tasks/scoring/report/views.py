"""What a page shows, row by row: figures of several systems brought side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from storage.examples import Span
from tasks.scoring.error_analysis import Contrast
from tasks.scoring.intervals import Interval
from tasks.scoring.overlap import Overlap
from tasks.scoring.predictions import Faults
from tasks.scoring.report.analysis import Analysis
from tasks.scoring.report.figures import CONTEXTS, SystemFigures
from tasks.scoring.report.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure of the page's first line: its value in percent, its interval, and what it is."""

    name: str
    value: float
    interval: Interval
    what: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One system's figures in one row; None where it has none."""

    f1: float | None
    exact_match: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What a row is of, how many questions that is, and each system's figures."""

    names: tuple[str, ...]
    total: int
    cells: Sequence[Cell]
    missing: int = 0


def heading(found: Analysis) -> str:
    """Who was put to what."""
    systems = found.systems
    who = systems[0].label if len(systems) == 1 else f"{len(systems)} systems"
    return f"{who} on {found.title}"


def headlines(found: Analysis) -> list[Headline]:
    """The first line of a page about one system; of several seeds their means."""
    if len(found.systems) > 1:
        return []
    one = found.systems[0]
    f1, exact_match = one.f1_spread.mean, one.exact_match_spread.mean
    intervals = one.f1_intervals, one.exact_match_intervals
    if not found.data.crosses_languages:
        languages = len(found.data.pairs)
        over = f"mean of {languages} languages" if languages > 1 else "over all questions"
        return [
            Headline("F1", f1, intervals[0].overall, over),
            Headline("Exact match", exact_match, intervals[1].overall, over),
        ]
    across = f"mean of {len(found.data.pairs)} pairs"
    figures = [
        Headline("G-XLT F1", f1, intervals[0].overall, across),
        Headline("G-XLT exact match", exact_match, intervals[1].overall, across),
    ]
    if one.xlt_spread is not None and intervals[0].xlt is not None:
        own = "question and context in one language"
        figures.insert(1, Headline("XLT F1", one.xlt_spread.mean, intervals[0].xlt, own))
    return figures


def context_rows(found: Analysis) -> list[Row]:
    """The G-XLT of each context language; nothing where there is but one."""
    totals: dict[str, int] = {}
    for pair in found.data.pairs:
        totals[pair.context_language] = totals.get(pair.context_language, 0) + len(pair.examples)
    if len(totals) < 2:
        return []
    return [
        Row((code,), total, [_context_cell(one, code) for one in found.systems])
        for code, total in sorted(totals.items())
    ]


def pair_rows(found: Analysis) -> list[Row]:
    """Every pair of languages: context, question."""
    return [
        Row(
            (pair.context_language, pair.question_language),
            len(pair.examples),
            [_pair_cell(one, place) for one in found.systems],
            max(one.scores[place].score.missing for one in found.systems),
        )
        for place, pair in enumerate(found.data.pairs)
    ]


def breakdown_rows(found: Analysis) -> dict[str, list[Row]]:
    """Every breakdown that has more than one part; context languages have a table of their own."""
    first = found.systems[0]
    tables = {
        name: [
            Row(
                (part.name,),
                part.total,
                [
                    Cell(one.breakdowns[name][place].f1, one.breakdowns[name][place].exact_match)
                    for one in found.systems
                ],
            )
            for place, part in enumerate(parts)
        ]
        for name, parts in first.breakdowns.items()
    }
    return {name: rows for name, rows in tables.items() if len(rows) > 1 and name != CONTEXTS}


def families(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    """Verdicts by what was compared, all figures of a family together."""
    found: dict[str, list[Verdict]] = {}
    for one in verdicts:
        found.setdefault(one.family, []).append(one)
    return found


def context_verdicts(found: Analysis) -> dict[str, dict[str, Verdict]]:
    """Each further system against the first: by its name, then by context language."""
    table: dict[str, dict[str, Verdict]] = {}
    for one in found.by_context:
        table.setdefault(one.a, {})[one.figure] = one
    return table


def error_pairs(found: Analysis) -> list[tuple[str, str]]:
    """The pairs of languages (context, question) of which the page shows examples."""
    return sorted({(e.context_language, e.question_language) for one in found.partings for e in one.shown})


def matched_gold(contrast: Contrast) -> Span:
    """Of several gold answers the one at which the right answer stands; the first where it stands elsewhere."""
    golds = [answer.span for answer in contrast.example.answers]
    told = contrast.better.span
    return next((g for g in golds if told and g.start < told.end and told.start < g.end), golds[0])


def fault_rows(found: Analysis) -> list[tuple[str, Faults]]:
    """The runs with odd predictions."""
    return [(name, faults) for name, faults in found.faults if faults.sentences()]


def overlaps(found: Analysis) -> list[tuple[str, Overlap]]:
    """The contexts shared with training, by run; runs of one system that share the same ones stand together."""
    by_label: dict[str, list[tuple[str, Overlap]]] = {}
    for one in found.systems:
        for run in one.runs:
            if run.overlap is not None:
                by_label.setdefault(one.label, []).append((run.name, run.overlap))
    rows = []
    for name, known in by_label.items():
        alike = all(overlap == known[0][1] for _, overlap in known)
        rows += [(name, known[0][1])] if alike else known
    return rows


def p_value(value: float) -> str:
    """A p-value as people write it.

    >>> p_value(0.03214), p_value(0.00001)
    ('0.032', '< 0.001')
    """
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


def spread_of(values: Sequence[float], decimals: int = 1) -> str:
    """A measure over the seeds: the mean, and from where to where it goes.

    >>> spread_of([1.0, 2.0]), spread_of([0.0123], 3), spread_of([1200.0, 1200.0], 0), spread_of([])
    ('1.5 (1.0–2.0)', '0.012', '1,200', '–')
    """
    if not values:
        return "–"
    mean, low, high = (f"{one:,.{decimals}f}" for one in (fmean(values), min(values), max(values)))
    return mean if low == high else f"{mean} ({low}–{high})"


def _context_cell(one: SystemFigures, code: str) -> Cell:
    exact_match: Mapping[str, float] = one.exact_match.by_context
    return Cell(one.f1.by_context[code], exact_match[code], one.f1_intervals.by_context[code])


def _pair_cell(one: SystemFigures, place: int) -> Cell:
    score = one.scores[place]
    interval = one.f1_intervals.by_pair[score.context_language, score.question_language]
    return Cell(score.score.f1, score.score.exact_match, interval)
