"""What watches, rebuilds and challenges show in the Prefect UI; every text of the data is made harmless."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact

from storage.diffing import Change, SilverDiff
from tasks.scoring.markdown import Cell, Code, code, escape, table
from tasks.scoring.promotion import Decision, Duel
from tasks.steps import Json

WATCH, DIFF, ALARM, CHALLENGE = "engine-watch", "silver-diff", "rebuild-alarm", "challenge"
"""The keys of artifacts: each run adds a version to what earlier ones showed."""

SHOWN_CHARS = 400
"""So much of a text is shown."""

ROWS = 60
"""So many example rows are shown; the file in the store has them all."""


def show_watch(findings: Sequence[Json], errors: Sequence[BaseException]) -> None:
    """What each language's watch found, with the most changed segments side by side."""
    columns = ["language", "engine", "found", "segments", "changed", "moved", "bound", "generation"]
    rows = [_finding_row(finding) for finding in findings]
    failed = [f"- {escape(str(error))}" for error in errors]
    sections = [
        "# Engines watched",
        table(columns, rows),
        "*moved*: 100 minus the chrF of the answers now against those before; beyond *bound* it is a change.",
        *(["## Not watched", "\n".join(failed)] if failed else []),
        *_quality_sections(findings),
        *(section for finding in findings for section in _segment_sections(finding)),
    ]
    create_markdown_artifact(
        "\n\n".join(sections), key=WATCH, description="Whether engines changed, and what they write now."
    )


def _finding_row(finding: Json) -> list[Cell]:
    drift = finding["drift"] or {"changed": None, "moved": None}
    found = (
        f"changed: {finding['cause']}"
        if finding["cause"]
        else "unchanged"
        if finding["before"]
        else "first use"
    )
    moved = None if drift["moved"] is None else f"{drift['moved']:.2f}"
    limit = f"{max(finding['threshold'], 0.0):.2f}"
    names = (finding["language"], finding["engine"], found, finding["segments"], drift["changed"])
    return [*names, moved, limit, Code(finding["after"])]


def _quality_sections(findings: Sequence[Json]) -> list[str]:
    rows: list[list[Cell]] = []
    signatures: dict[str, None] = {}
    for finding in findings:
        for side, figures in finding["quality"].items():
            rows.append([finding["language"], side, *(_score(figures[name]) for name in ("bleu", "chrf"))])
            signatures |= {figures[name]["signature"]: None for name in ("bleu", "chrf")}
    if not rows:
        return []
    told = "\n".join(f"- {code(signature)}" for signature in signatures)
    heading = "## Against people's translations (p: paired test of *after* against *before*)"
    return [heading, table(["language", "side", "BLEU", "chrF++"], rows), told]


def _score(figure: Mapping[str, Any]) -> str:
    margin = "" if figure["margin"] is None else f" ± {figure['margin']:.2f}"
    p_value = "" if figure["p_value"] is None else f", p = {figure['p_value']:.4f}"
    return f"{figure['score']:.2f}{margin}{p_value}"


def _segment_sections(finding: Json) -> list[str]:
    segments = (finding["drift"] or {}).get("segments", [])
    rows: list[list[Cell]] = [
        [_cut(s["text"]), _cut(s["before"]), _cut(s["after"]), f"{s['chrf']:.1f}"] for s in segments
    ]
    title = f"## Most changed: {escape(finding['language'])}"
    return [title, table(["text", "before", "after", "chrF"], rows)] if rows else []


def show_diff(diff: SilverDiff, path: str) -> None:
    """Rows gained, lost and changed, by language and reason, with pairs of examples."""
    counts: list[list[Cell]] = [
        [name, part.same, *(sum(by.values()) for by in (part.gained, part.lost, part.changed))]
        for name, part in diff.languages().items()
    ]
    reasons: list[list[Cell]] = [
        [name, kind, reason, count]
        for name, part in diff.parts.items()
        for kind, by in (("gained", part.gained), ("lost", part.lost), ("changed", part.changed))
        for reason, count in sorted(by.items())
    ]
    examples = [(name, change) for name, part in diff.parts.items() for change in part.examples]
    sections = [
        "# What the rebuild changed",
        table(["data set", "before", "after"], _snapshots(diff)),
        table(["language", "same", "gained", "lost", "changed"], counts),
        *(["## Why", table(["part", "rows", "reason", "count"], reasons)] if reasons else []),
        *(["## Examples", _examples(examples)] if examples else []),
        f"The whole diff: {code(path)}",
    ]
    create_markdown_artifact(
        "\n\n".join(sections),
        key=DIFF,
        description="Rows gained, lost and changed against the last snapshots.",
    )


def _snapshots(diff: SilverDiff) -> list[list[Cell]]:
    names = sorted(diff.before.keys() | diff.after.keys())
    return [[name, Code(diff.before.get(name, "none")), Code(diff.after.get(name, "none"))] for name in names]


def _examples(examples: Sequence[tuple[str, Change]]) -> str:
    rows: list[list[Cell]] = [
        [f"{change.kind}: {change.reason}", Code(change.id), _row(change.before), _row(change.after)]
        for _, change in examples[:ROWS]
    ]
    return table(["what", "row", "before", "after"], rows)


def _row(shown: Mapping[str, str] | None) -> Cell:
    if shown is None:
        return None
    return _cut(" / ".join(shown[name] for name in ("question", "answer", "context")))


def show_alarm(what: str, sentence: str, details: Sequence[str]) -> None:
    """Why a rebuild ended, and how it left things."""
    lines = "\n".join(f"- {escape(detail)}" for detail in details)
    create_markdown_artifact(
        f"# {escape(what)}\n\n{escape(sentence)}\n\n{lines}",
        key=ALARM,
        description="A rebuild that failed, or that lost more rows than it may.",
    )


def show_challenge(challenger: str, champion: str, found: Duel | None, decision: Decision) -> None:
    """Both readers' figures, the test, and who is champion now."""
    sections = ["# Champion and challenger", escape(decision.why)]
    if found is not None:
        rows: list[list[Cell]] = [
            ["challenger", Code(challenger), f"{found.challenger_f1:.2f}"],
            ["champion", Code(champion), f"{found.champion_f1:.2f}"],
        ]
        test = found.test
        sections += [
            table(["reader", "id", "F1"], rows),
            f"Fisher's randomisation test: p = {test.p_value:.4f} over {test.units:,} questions, of which"
            f" {test.changed:,} differ ({'exact' if test.exact else f'{test.permutations:,} deals'}).",
            f"Signature: {code(found.signature)}",
        ]
    now = challenger if decision.promoted else champion
    sections.append(
        f"Champion now: {code(now or 'none')}. Go back with `silverspan refs rollback models/champion`."
    )
    create_markdown_artifact(
        "\n\n".join(sections), key=CHALLENGE, description="Whether the new reader took the champion's place."
    )


def _cut(text: str | None) -> Cell:
    if text is None:
        return None
    return Code(text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…")
