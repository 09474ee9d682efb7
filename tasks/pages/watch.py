"""The page of a watch: what was found of each engine, and the most changed segments side by side."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tasks.pages.fitting import fitted
from tasks.scoring.markdown import Cell, Code, Figure, Lines, code, escape, fenced, table

Json = Mapping[str, Any]

SHOWN_CHARS = 400
"""So much of a text is shown."""

WIDTH = 34
"""Three columns of texts beside each other fit on a page as Prefect draws it."""


def watch_page(findings: Sequence[Json], errors: Sequence[BaseException]) -> str:
    """The page.

    Args:
        findings: what `tasks.watching.watched` tells of each language.
        errors: why others could not be watched.
    """
    columns = ["language", "engine", "found", "segments", "changed", "moved", "bound", "generation"]
    failed = [f"- {escape(str(error))}" for error in errors]
    sections = [
        "# Engines watched",
        table(columns, [_finding(finding) for finding in findings]),
        "*moved*: 100 minus the chrF of the answers now against those before; beyond *bound* it is a change."
        f" {_asked(findings)}",
        *(["## Not watched", "\n".join(failed)] if failed else []),
        *_versions(findings),
        *_quality(findings),
        *(section for finding in findings for section in _segments(finding)),
    ]
    return fitted(sections, "The rest did not fit here.")


def _finding(finding: Json) -> list[Cell]:
    drift = finding["drift"] or {"changed": None, "moved": None}
    found = (
        f"changed: {finding['cause']}"
        if finding["cause"]
        else "unchanged"
        if finding["before"]
        else "first use"
    )
    moved = None if drift["moved"] is None else Figure(f"{drift['moved']:.2f}")
    bound = Figure(f"{max(finding['threshold'], 0.0):.2f}")
    names = (finding["language"], finding["engine"], found, finding["segments"], drift["changed"])
    return [*names, moved, bound, Code(finding["after"])]


def _asked(findings: Sequence[Json]) -> str:
    requests, characters = (sum(one["sent"][name] for one in findings) for name in ("requests", "characters"))
    return f"{requests:,} requests with {characters:,} characters were sent."


def _versions(findings: Sequence[Json]) -> list[str]:
    """Versions that are others now, as the engines report them."""
    rows: list[list[Cell]] = [
        [one["language"], Lines(before), Lines(after)]
        for one in findings
        for before, after in [one["versions"]]
        if before and before != after
    ]
    return ["## Other versions", table(["language", "before", "after"], rows)] if rows else []


def _quality(findings: Sequence[Json]) -> list[str]:
    rows: list[list[Cell]] = []
    signatures: dict[str, None] = {}
    for finding in findings:
        for side, figures in finding["quality"].items():
            rows.append([finding["language"], side, *(_score(figures[name]) for name in ("bleu", "chrf"))])
            signatures |= {figures[name]["signature"]: None for name in ("bleu", "chrf")}
    if not rows:
        return []
    told = "*p*: paired test of *after* against *before*. Signatures of BLEU and chrF++:"
    scores = table(["language", "answers", "BLEU", "chrF++"], rows)
    return ["## Against people's translations", scores, told, fenced("\n".join(signatures))]


def _score(figure: Json) -> str:
    margin = "" if figure["margin"] is None else f" ± {figure['margin']:.2f}"
    p_value = "" if figure["p_value"] is None else f", p = {figure['p_value']:.4f}"
    return f"{figure['score']:.2f}{margin}{p_value}"


def _segments(finding: Json) -> Iterator[str]:
    segments = (finding["drift"] or {}).get("segments", [])
    if segments:
        yield f"## Most changed: {escape(finding['language'])}"
        yield table(["text", "before", "after", "chrF"], [_segment(segment) for segment in segments])
    if finding["cause"]:
        yield f"Translations of {escape(finding['language'])} belong to {code(finding['after'])} from now on."


def _segment(segment: Json) -> list[Cell]:
    return [*(_text(segment[name]) for name in ("text", "before", "after")), segment["chrf"]]


def _text(text: str | None) -> Cell:
    return "nothing usable" if text is None else Lines(cut(text), WIDTH)


def cut(text: str) -> str:
    """The text as far as a page shows it."""
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
