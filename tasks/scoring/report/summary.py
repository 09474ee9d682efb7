"""The report as Markdown for Prefect's UI, where no page of ours may run: the same figures in tables."""

from collections.abc import Sequence

from tasks.scoring.markdown import Cell, Lines, code, escape, fenced, table
from tasks.scoring.report import views
from tasks.scoring.report.analysis import Analysis
from tasks.scoring.report.findings_summary import findings_sections
from tasks.scoring.report.numbers import bounds
from tasks.scoring.report.verdicts import Verdict

PLUMBING = "> **Plumbing, not quality.** This reader is a toy that shows that everything fits together.\n"

MAX_BYTES = 180_000
"""Prefect's UI grows slow beyond; whole sections are left to the page from there on."""

EXAMPLES = 10


def report_markdown(found: Analysis, where: str) -> str:
    """The report's tables; `where` is the place of the page, which has what is left out here."""
    sections = [_head(found, where), *_sections(found)]
    text = sections[0]
    for section in sections[1:]:
        if len(text.encode()) + len(section.encode()) > MAX_BYTES:
            return f"{text}\n\nThe rest did not fit here: see the page."
        text = f"{text}\n\n{section}"
    return text


def _head(found: Analysis, where: str) -> str:
    banner = PLUMBING if found.data.plumbing else ""
    return (
        f"# {escape(views.heading(found))}\n\n{banner}\n{_systems(found)}\n\n"
        f"The whole report: {code(where)}. Its signature, which figures have to share to be compared with these:\n\n"
        f"{fenced(found.signature)}"
    )


def _sections(found: Analysis) -> list[str]:
    sections = findings_sections(found.findings, found) if found.findings else []
    sections += [f"## {escape(t.title)}\n\n{escape(t.lead)}\n\n{t.table.to_markdown()}" for t in found.tables]
    if found.verdicts:
        sections.append(f"## Differences\n\n{_verdicts(found.verdicts)}")
    rows = views.context_rows(found)
    if rows:
        sections.append(f"## By language of the context\n\n{_rows(found, ('context',), rows)}")
    sections += [
        f"## By {escape(name)}\n\n{_rows(found, (name,), parts)}"
        for name, parts in views.breakdown_rows(found).items()
    ]
    if found.invariance:
        sections.append(f"## Language invariance\n\n{_invariance(found)}")
    if overlaps := views.overlaps(found):
        cells: list[list[Cell]] = [[name, o.total.contexts, o.total.shared] for name, o in overlaps]
        sections.append(
            f"## Contexts shared with training\n\n{table(['run', 'contexts', 'also in training'], cells)}"
        )
    if faults := views.fault_rows(found):
        lines = [f"- {escape(name)}: {escape(line)}" for name, odd in faults for line in odd.sentences()]
        sections.append("## Predictions\n\n" + "\n".join(lines))
    sections.append(f"## Every pair\n\n{_rows(found, ('context', 'question'), views.pair_rows(found))}")
    return sections + [_errors(found)] * bool(found.partings)


def _systems(found: Analysis) -> str:
    rows: list[list[Cell]] = [
        [
            one.label,
            one.f1_spread.runs,
            one.f1_spread.mean,
            one.f1_spread.deviation,
            bounds(one.f1_intervals.overall),
            one.xlt_spread.mean if one.xlt_spread else None,
            one.exact_match_spread.mean,
            found.data.total,
            max(sum(pair.score.missing for pair in run.answers.scores) for run in one.runs),
        ]
        for one in found.systems
    ]
    columns = ["system", "runs", "F1", "sd", "95 % interval", "XLT F1", "exact match", "questions", "missing"]
    return table(columns, rows)


def _verdicts(verdicts: Sequence[Verdict]) -> str:
    rows: list[list[Cell]] = [
        [
            one.family,
            one.figure,
            f"{one.a} - {one.b}",
            one.difference,
            bounds(one.interval),
            views.p_value(one.test.p_value),
            views.p_value(one.corrected),
        ]
        for one in verdicts
    ]
    return table(["of", "figure", "a - b", "points", "95 % interval", "p", "p, Holm"], rows)


def _rows(found: Analysis, names: Sequence[str], rows: Sequence[views.Row]) -> str:
    columns = [*names, "questions"]
    for one in found.systems:
        prefix = f"{one.label} " if len(found.systems) > 1 else ""
        columns += [f"{prefix}F1", f"{prefix}EM"]
    cells: list[list[Cell]] = [
        [*row.names, row.total, *(figure for cell in row.cells for figure in (cell.f1, cell.exact_match))]
        for row in rows
    ]
    return table(columns, cells)


def _invariance(found: Analysis) -> str:
    rows: list[list[Cell]] = [
        [
            run,
            stage,
            100 * one.probe.accuracy,
            100 * one.probe.chance,
            f"{one.cosines.translations:.3f}",
            f"{one.cosines.others:.3f}",
            100 * one.retrieval.accuracy,
            100 * one.retrieval.chance,
        ]
        for run, stages in found.invariance.items()
        for stage, one in stages.items()
    ]
    columns = ["run", "training", "probe, %", "chance, %", "cosine of translations", "of others"]
    return table([*columns, "retrieval, %", "chance, % (retrieval)"], rows)


def _errors(found: Analysis) -> str:
    parts = ["## Where one is right and another wrong"]
    for one in found.partings:
        parts.append(f"{escape(one.better)} right, {escape(one.poorer)} wrong: {one.total:,} questions.")
        rows: list[list[Cell]] = [
            [
                f"{e.question_language} / {e.context_language}",
                Lines(e.example.question, 40),
                Lines(e.example.answers[0].text, 30),
                Lines(e.poorer.text, 30),
            ]
            for e in one.shown[:EXAMPLES]
        ]
        parts.append(table(["question / context", "question", "gold", "wrong answer"], rows))
    return "\n\n".join(parts)
