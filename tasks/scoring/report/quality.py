"""The quality of engines' translations as numbers, tables and a page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from tasks.scoring.bitexts import Bitext
from tasks.scoring.markdown import Cell, code, escape, table
from tasks.scoring.report.page import page
from tasks.scoring.report.views import p_value
from tasks.scoring.translation_quality import (
    Quality,
    compare_engines,
    quality,
    segment_scores,
)

WORST = 12
"""So many segments of each kind are shown, those that the first engine did worst."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One kind of text: its references, what each engine made of it (by name, the first is the baseline), the scores.

    An empty translation is one that the engine did not give.
    """

    text: Bitext
    outputs: Mapping[str, Sequence[str]]
    scores: Mapping[str, Quality]
    worst: Sequence[int]
    """Places of the segments that the first engine did worst by chrF++, worst first."""

    def missing(self, engine: str) -> int:
        """How many segments the engine did not translate."""
        return sum(not text.strip() for text in self.outputs[engine])

    def to_json(self) -> dict[str, object]:
        """The figures with their signatures."""
        engines = {name: {**asdict(one), "missing": self.missing(name)} for name, one in self.scores.items()}
        return {"kind": self.text.kind, "segments": len(self.text.source), "engines": engines}


def judged(text: Bitext, outputs: Mapping[str, Sequence[str]], language: str) -> Judged:
    """Score every engine's output against the references, and test each against the first one.

    Raises:
        ValueError: no engine, no segments, or not one translation for each reference.
    """
    first, *others = outputs
    if others:
        scores = compare_engines(outputs, text.target, language)
    else:
        scores = {first: quality(outputs[first], text.target, language)}
    by_segment = segment_scores(outputs[first], text.target)
    worst = sorted(range(len(by_segment)), key=lambda place: (by_segment[place], place))[:WORST]
    return Judged(text, outputs, scores, worst)


def quality_page(language: str, kinds: Sequence[Judged]) -> str:
    """The page: a table for each kind of text, and the segments that went worst."""
    return page("quality.html", heading=f"Translations into {language}", language=language, kinds=kinds)


def quality_markdown(language: str, kinds: Sequence[Judged], where: str) -> str:
    """The tables for Prefect's UI."""
    sections = [f"# Translations into {escape(language)}\n\nThe whole report: {code(where)}"]
    for one in kinds:
        rows: list[list[Cell]] = [
            [
                name,
                found.bleu.score,
                found.chrf.score,
                _tested(found.bleu.p_value),
                _tested(found.chrf.p_value),
                one.missing(name),
            ]
            for name, found in one.scores.items()
        ]
        columns = ["engine", "BLEU", "chrF++", "p of BLEU", "p of chrF++", "not translated"]
        signatures = next(iter(one.scores.values()))
        sections.append(
            f"## {len(one.text.source):,} {escape(one.text.kind)}\n\n{table(columns, rows)}\n\n"
            f"{code(signatures.bleu.signature)}\n\n{code(signatures.chrf.signature)}"
        )
    return "\n\n".join(sections)


def _tested(value: float | None) -> str | None:
    return None if value is None else p_value(value)
