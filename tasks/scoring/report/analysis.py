"""All that is worked out for a report, once: its numbers, its pictures and its page are made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.scoring.benchmarks import benchmark
from tasks.scoring.comparison import method
from tasks.scoring.predictions import Faults
from tasks.scoring.report.data import PaperTable, ReportData
from tasks.scoring.report.errors import Parting, partings
from tasks.scoring.report.figures import SystemFigures, prediction_faults, system_figures
from tasks.scoring.report.findings import Findings, findings_of
from tasks.scoring.report.vectors import STAGES, Invariance, measured
from tasks.scoring.report.verdicts import Verdict, verdicts, verdicts_by_context
from tasks.scoring.samples import Sample, choose_samples
from tasks.scoring.tables import table2, table5
from tasks.scoring.transfer import f1_by_pair, transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What the data of a report come to."""

    data: ReportData
    title: str
    systems: Sequence[SystemFigures]
    verdicts: Sequence[Verdict]
    by_context: Sequence[Verdict]
    """Each further system against the first, by context language."""
    invariance: Mapping[str, Mapping[str, Invariance]]
    """By name of the run, then by stage of its training."""
    partings: Sequence[Parting]
    samples: Sequence[Sample]
    """Of the first run."""
    faults: Sequence[tuple[str, Faults]]
    """By name of the run."""
    tables: Sequence[PaperTable]
    findings: Findings | None
    """Where a plan asked for some."""

    @property
    def signature(self) -> str:
        """That of the figures, then how intervals and p-values were made."""
        return f"{self.data.signature}|{method(seed=self.data.seed)}"


def analyse(data: ReportData) -> Analysis:
    """Work a report out; the same data give the same figures on every machine."""
    systems = system_figures(data)
    found, inside = verdicts(data, systems), _invariance(data)
    first = data.runs[0].answers
    return Analysis(
        data=data,
        title=title(data),
        systems=systems,
        verdicts=found,
        by_context=verdicts_by_context(data, systems),
        invariance=inside,
        partings=partings(data),
        samples=choose_samples(data.pairs, first.texts, first.scores, starts=first.starts),
        faults=[(run.name, prediction_faults(data.pairs, run.answers)) for run in data.runs],
        tables=data.tables or _beside_the_paper(data),
        findings=findings_of(data, systems, found, inside),
    )


def title(data: ReportData) -> str:
    """The benchmark's name, or what looks like it: nobody shall take a small set for the published one.

    The English questions on English contexts are counted, since every benchmark has them.
    """
    known = benchmark(data.benchmark)
    english = (
        len(p.examples) for p in data.pairs if (p.context_language, p.question_language) == ("en", "en")
    )
    official = next(english, None) in {None, *known.english_questions}
    if data.inquiry and data.inquiry.worlds:
        return f"a made-up world, in the format of {known.label}"
    if data.limit:
        return f"{data.limit:,} questions of each pair of {known.label}"
    return known.label if official else f"a small set in the format of {known.label}"


def _invariance(data: ReportData) -> dict[str, dict[str, Invariance]]:
    found: dict[str, dict[str, Invariance]] = {}
    for run in data.runs:
        given = {stage: run.vectors[stage] for stage in STAGES if stage in run.vectors}
        stages = {stage: measured(vectors, seed=data.seed) for stage, vectors in given.items()}
        known = {stage: one for stage, one in stages.items() if one is not None}
        if known:
            found[run.name] = known
    return found


def _beside_the_paper(data: ReportData) -> list[PaperTable]:
    """The paper's table for this benchmark, where it has one."""
    if data.benchmark == "mlqa":
        runs = {
            name: [transfer(f1_by_pair(run.answers.scores)) for run in runs]
            for name, runs in data.systems.items()
        }
        lead = "F1 by language of the context, each the mean over the languages of the question."
        return [PaperTable(title="Table 2", lead=lead, table=table2(runs))]
    if data.benchmark == "tydiqa":
        figures = {
            name: [f1_by_pair(run.answers.scores) for run in runs] for name, runs in data.systems.items()
        }
        return [PaperTable(title="Table 5", lead="F1 by language.", table=table5(figures))]
    return []
