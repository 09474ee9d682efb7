"""The report of an evaluation: numbers as JSON, pictures as PNG, and one HTML page that needs nothing else.

Questions, contexts, predictions and names come from files and models: the template escapes all of them, and
the page's own policy lets no script or style run but the two it was written with.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tasks.scoring.benchmarks import benchmark
from tasks.scoring.languages import direction
from tasks.scoring.metrics import Metric
from tasks.scoring.overlap import Overlap
from tasks.scoring.plots import DARK, LIGHT, heat_map, loss_curve
from tasks.scoring.samples import Sample, highlight
from tasks.scoring.score import PairScore, overall_signature
from tasks.scoring.tables import Table, label, table2, table3, table5
from tasks.scoring.transfer import exact_match_by_pair, f1_by_pair, transfer

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """What a report tells: a reader, the benchmark it was put to, and what came out.

    `plumbing` marks a reader too small for its figures to mean anything. `curve` is the training loss by
    step.
    """

    benchmark: str
    system: str
    metric: Metric
    scores: Sequence[PairScore]
    model_id: str
    snapshot_id: str
    recipe: Mapping[str, object]
    samples: Sequence[Sample] = ()
    overlap: Overlap | None = None
    curve: Sequence[tuple[int, float]] = ()
    plumbing: bool = False

    @property
    def signature(self) -> str:
        """What must be equal for another report's figures to be comparable with these."""
        return f"benchmark:{self.benchmark}|{overall_signature(self.scores, self.metric)}"

    @property
    def total(self) -> int:
        """Questions over all pairs."""
        return sum(score.score.total for score in self.scores)

    @property
    def missing(self) -> int:
        """Questions without a prediction: each counted as 0."""
        return sum(score.score.missing for score in self.scores)

    @property
    def crosses_languages(self) -> bool:
        """Whether some question is asked in another language than its context's."""
        return any(score.context_language != score.question_language for score in self.scores)


def report_json(data: ReportData) -> dict[str, object]:
    """The report's numbers, unrounded; `f1` and `exact_match` are means over the pairs (so G-XLT)."""
    f1, exact_match = transfer(f1_by_pair(data.scores)), transfer(exact_match_by_pair(data.scores))
    return {
        "benchmark": data.benchmark,
        "system": data.system,
        "signature": data.signature,
        "plumbing": data.plumbing,
        "f1": f1.overall,
        "exact_match": exact_match.overall,
        "xlt_f1": f1.xlt,
        "xlt_exact_match": exact_match.xlt,
        "f1_by_context": dict(f1.by_context),
        "complete": f1.complete,
        "total": data.total,
        "missing": data.missing,
        "pairs": [_pair_json(score) for score in data.scores],
        "contexts_shared_with_training": _overlap_json(data.overlap),
        "loss": [[step, loss] for step, loss in data.curve],
        "model": data.model_id,
        "snapshot": data.snapshot_id,
        "recipe": dict(data.recipe),
    }


def report_pictures(data: ReportData) -> dict[str, bytes]:
    """The report's pictures as PNG by file name, for a light page and for a dark one."""
    pictures: dict[str, bytes] = {}
    for suffix, theme in (("", LIGHT), ("-dark", DARK)):
        if data.crosses_languages:
            pictures[f"heat-map{suffix}.png"] = heat_map(f1_by_pair(data.scores), theme)
        if data.curve:
            pictures[f"loss{suffix}.png"] = loss_curve(data.curve, theme)
    return pictures


def render_report(data: ReportData) -> str:
    """The report as one HTML page: no network, light and dark, readable on a phone and without scripts."""
    style, script = ((_HERE / name).read_text("utf-8") for name in ("report.css", "report.js"))
    pictures = {name: _data_uri(content) for name, content in report_pictures(data).items()}
    return (
        _environment()
        .get_template("report.html")
        .render(
            data=data,
            benchmark=title(data),
            system=label(data.system),
            headlines=_headlines(data),
            transfer=transfer(f1_by_pair(data.scores)),
            comparison=_comparison(data),
            matrix=table3(f1_by_pair(data.scores)) if data.crosses_languages else None,
            pictures=pictures,
            recipe=json.dumps(data.recipe, indent=2, ensure_ascii=False, sort_keys=True),
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            style_hash=_policy_hash(style),
            script_hash=_policy_hash(script),
            highlight=highlight,
            direction=direction,
        )
    )


def title(data: ReportData) -> str:
    """The benchmark's name, or what looks like it: nobody shall take a small set for the published one.

    The English questions on English contexts are counted, since every benchmark has them.
    """
    known = benchmark(data.benchmark)
    english = (
        s.score.total for s in data.scores if (s.context_language, s.question_language) == ("en", "en")
    )
    official = next(english, None) in {None, *known.english_questions}
    return known.label if official else f"a small set in the format of {known.label}"


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _headlines(data: ReportData) -> list[tuple[str, float, str]]:
    """(name, figure in percent, what it is) of the page's first line."""
    f1, exact_match = transfer(f1_by_pair(data.scores)), transfer(exact_match_by_pair(data.scores))
    if not data.crosses_languages:
        over = f"mean of {len(data.scores)} languages" if len(data.scores) > 1 else "over all questions"
        return [("F1", f1.overall, over), ("Exact match", exact_match.overall, over)]
    across = f"mean of {len(data.scores)} pairs"
    figures = [("G-XLT F1", f1.overall, across), ("G-XLT exact match", exact_match.overall, across)]
    if f1.xlt is not None:
        figures.insert(1, ("XLT F1", f1.xlt, "question and context in one language"))
    return figures


def _comparison(data: ReportData) -> Table | None:
    figures = f1_by_pair(data.scores)
    if data.benchmark == "mlqa":
        return table2({data.system: [transfer(figures)]})
    return table5({data.system: figures}) if data.benchmark == "tydiqa" else None


def _pair_json(score: PairScore) -> dict[str, object]:
    languages = {"context_language": score.context_language, "question_language": score.question_language}
    return {**languages, **score.score.to_json()}


def _overlap_json(overlap: Overlap | None) -> dict[str, object] | None:
    if overlap is None:
        return None
    by_language = {code: [part.shared, part.contexts] for code, part in overlap.by_language.items()}
    return {"shared": overlap.total.shared, "contexts": overlap.total.contexts, "by_language": by_language}


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _policy_hash(source: str) -> str:
    """The source as Content-Security-Policy names it (https://www.w3.org/TR/CSP3/#grammardef-hash-source)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
