"""The numbers of a report as JSON, unrounded."""

from dataclasses import asdict

from tasks.scoring.intervals import Interval
from tasks.scoring.overlap import Overlap
from tasks.scoring.report.analysis import Analysis
from tasks.scoring.report.data import Run
from tasks.scoring.report.figures import run_json

SECONDS = "seconds"
"""Of the stages: the one part of the numbers that another run of the same would not repeat."""


def report_json(found: Analysis) -> dict[str, object]:
    """The first run's figures first, under the names that they have in a report of one reader; then everything.

    `f1` and `exact_match` are means over the pairs (so G-XLT).
    """
    data = found.data
    first = data.runs[0]
    own = run_json(first)
    return {
        "benchmark": data.benchmark,
        "split": data.split,
        "limit": data.limit,
        "title": found.title,
        "system": first.system,
        "signature": found.signature,
        "plumbing": data.plumbing,
        **{name: own[name] for name in ("f1", "exact_match", "xlt_f1", "xlt_exact_match", "f1_by_context")},
        "complete": found.systems[0].f1.complete,
        "total": data.total,
        "missing": sum(score.score.missing for score in first.answers.scores),
        "pairs": own["pairs"],
        "contexts_shared_with_training": overlap_json(first.overlap),
        "loss": own["loss"],
        "model": first.model_id,
        "snapshot": first.snapshot_id,
        "recipe": own["recipe"],
        "systems": [one.to_json() for one in found.systems],
        "comparisons": [one.to_json() for one in found.verdicts],
        "comparisons_by_context": [one.to_json() for one in found.by_context],
        "invariance": _invariance_json(found),
        "faults": [{"run": name, **faults.to_json()} for name, faults in found.faults],
        "shared_contexts": [_shared_json(run) for run in data.runs],
        "errors": [{**one.to_json(), "examples": len(one.shown)} for one in found.partings],
        "tables": [
            {"title": one.title, "lead": one.lead, "rows": one.table.to_json()} for one in found.tables
        ],
        "yields": [{"part": one.part, "kept": one.kept, "reasons": dict(one.reasons)} for one in data.yields],
        **({"findings": found.findings.to_json()} if found.findings else {}),
        **({SECONDS: [asdict(one) for one in data.stages]} if data.stages else {}),
    }


def overlap_json(overlap: Overlap | None) -> dict[str, object] | None:
    """How many contexts were seen in training, in all and by language as [shared, contexts]."""
    if overlap is None:
        return None
    by_language = {code: [part.shared, part.contexts] for code, part in overlap.by_language.items()}
    return {"shared": overlap.total.shared, "contexts": overlap.total.contexts, "by_language": by_language}


def bounds(interval: Interval) -> str:
    """An interval as a page and a table show it.

    >>> bounds(Interval(60.04, 62.96))
    '60.0 to 63.0'
    """
    return f"{interval.low:.1f} to {interval.high:.1f}"


def _invariance_json(found: Analysis) -> list[dict[str, object]]:
    return [
        {"run": run, "stage": stage, **one.to_json()}
        for run, stages in found.invariance.items()
        for stage, one in stages.items()
    ]


def _shared_json(run: Run) -> dict[str, object]:
    return {"run": run.name, "shared": overlap_json(run.overlap)}
