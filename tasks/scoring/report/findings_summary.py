"""What was found, as Markdown: the same sentences and tables as the page's."""

from collections.abc import Iterator

from tasks.scoring.markdown import Cell, escape, table
from tasks.scoring.measures import ABOUT
from tasks.scoring.report import words
from tasks.scoring.report.analysis import Analysis
from tasks.scoring.report.claims import ClaimFound
from tasks.scoring.report.findings import Findings, shown_measures
from tasks.scoring.report.twins import TwinFound
from tasks.scoring.report.views import spread_of
from tasks.scoring.tables import label


def findings_sections(findings: Findings, found: Analysis) -> list[str]:
    """The sections that come first: the world's knobs, what was found, twins, price, measures, seconds."""
    return [*_worlds(findings), _found(findings, found), *_rest(findings, found)]


def _worlds(findings: Findings) -> Iterator[str]:
    for world in findings.worlds:
        rows: list[list[Cell]] = [
            [knob.name, knob.value, knob.meaning] for knob in words.knobs_first(world.knobs)
        ]
        yield (
            f"> **A made-up world, not human language:** {escape(world.name)}. What differs between systems can be "
            f"held against the paper; how high the figures are cannot. {words.GIVEN}"
            f"\n\n{table(['knob', 'value', 'meaning'], rows)}"
        )


def _found(findings: Findings, found: Analysis) -> str:
    rows: list[list[Cell]] = [
        [
            one.label,
            one.says,
            one.f1.mean,
            one.f1.deviation,
            "clearly behind" if one.apart else "not clearly behind",
        ]
        for one in findings.ranking
    ]
    rows[0][-1] = "the best"
    parts = [
        f"## What was found\n\n{escape(words.compared(found))}",
        f"**{escape(words.won(found))}**",
        *(f"- {chip}: {escape(claims)}" for chip, claims in words.outcomes(findings)),
        table(["trained on", "that is", "F1", "sd", "beside the best"], rows),
    ]
    if findings.claims:
        parts += [
            escape(words.controls(findings)),
            *map(_claim, findings.claims),
            escape(words.covers(findings)),
        ]
    return "\n\n".join(part for part in parts if part)


def _claim(one: ClaimFound) -> str:
    figures = words.held_words(one.main) if one.main else ""
    said = " ".join(filter(None, (figures, words.why(one), words.paper_words(one))))
    lines = [f"- **{escape(one.claim.says)}: {words.chip(one)}.** {escape(words.figure_words(one) + said)}"]
    for name, held in zip(one.claim.controls, one.controls, strict=True):
        lines.append(f"  - {escape(words.control_words(one, name, held))}")
    return "\n".join(lines)


def _rest(findings: Findings, found: Analysis) -> Iterator[str]:
    if findings.price:
        yield f"## The price of a poor projection\n\n{findings.price.table.to_markdown()}"
    if findings.twins:
        columns = ["what is broken", "told by", "sound", "broken", "told apart"]
        yield f"## Broken twins\n\n{table(columns, [_twin(one) for one in findings.twins])}"
    if measures := shown_measures(findings):
        rows: list[list[Cell]] = [
            [label(row), *(spread_of(values.get(m, []), ABOUT[m].decimals) for m in measures)]
            for row, values in findings.measured.items()
        ]
        yield f"## What training moved\n\n{table(['system', *(ABOUT[m].title for m in measures)], rows)}"
    if found.data.stages:
        stages: list[list[Cell]] = [[one.name, one.times, one.seconds] for one in found.data.stages]
        yield f"## Seconds per stage\n\n{table(['stage', 'times', 'seconds'], stages)}"


def _twin(one: TwinFound) -> list[Cell]:
    told = one.telling
    if told is None:
        measure = one.twin.figure
        return [one.twin.says, ABOUT[measure].title if measure else "", "", "", "not measured"]
    about = ABOUT[told.measure]
    sides = (spread_of(side, about.decimals) for side in (told.sound, told.broken))
    return [one.twin.says, about.title, *sides, "yes" if told.apart else "no"]
