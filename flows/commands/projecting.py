"""`silverspan project-eval`: answer projection measured on parallel data, method by method."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.commands.common import COMMON, Common, bars, finish
from flows.parameters import STATISTICAL, check_language, parse_aligner, parse_choice
from storage.errors import UsageError
from storage.examples import Example
from storage.hashing import content_id
from storage.squad import read_squad
from storage.store import Store
from tasks.projection.rules import Rule

if TYPE_CHECKING:
    from tasks.projection.cases import WordAligner
    from tasks.projection.trials.figures import Figures
    from tasks.projection.trials.rows import Row

HUMAN = "none"
"""In place of an engine: the human translations themselves are searched."""


def project_eval(
    *,
    source: str,
    target: str,
    engine: str = "apertium",
    language: str = "",
    projection: str = "best",
    weights: str = "",
    aligner: str = STATISTICAL,
    common: Common = COMMON,
) -> None:
    """Measure answer projection against answers that people translated.

    `silverspan project-eval --source xquad.en.json --target xquad.es.json --engine apertium`

    `silverspan project-eval --source xquad.en.json --target xquad.hi.json --engine none`

    `silverspan project-eval --source xquad.en.json --target xquad.hi.json --engine none --aligner neural=models/mbert`

    With an engine its translations are searched and answers compared by their words; with `none` the human
    translations are searched, without any tags, and offsets are compared, too. A picture of the curves, all figures
    and the worst rows are kept in the store.

    Parameters
    ----------
    source:
        A SQuAD-format file in English.
    target:
        The same questions, translated by people.
    engine:
        The engine that translates the English contexts, questions and answers; or `none`.
    language:
        The language of the target; by default what its name says (`xquad.es.json`).
    projection:
        The method whose figures come first: `best`, or the rule of the `paper`.
    weights:
        Fit the weights of the confidence anew, on the articles of even index, and write them to this file.
    aligner:
        The word aligner: `statistical`, fitted on these very texts, or `neural=FOLDER` of a multilingual encoder.
    """
    from tasks.projection.trials import learning
    from tasks.projection.trials.calibrating import fitted
    from tasks.projection.trials.figures import Judge

    rule, code = parse_choice(Rule, projection), language or language_of(target)
    check_language(code)
    words = _neural(parse_aligner(aligner), code)
    examples, human = read_squad(Path(source)).examples, read_squad(Path(target)).examples
    machine, sent = engine != HUMAN, 0
    if machine:
        translations, markup, sent = _translated(common, engine, code, examples)
        rows = learning.machine_trial(
            examples, human, translations, markup, source="en", target=code, aligner=words
        )
    else:
        rows = learning.human_trial(examples, human, source="en", target=code, aligner=words)
    judge = Judge(code, same_context=not machine)
    model = fitted([row for row in rows if not row.odd], judge) if weights else None
    tables, spreadsheet = _tables(rows, judge, model, machine=machine)
    if model and weights:
        _write_weights(Path(weights), model, engine, (source, target))
    first = _first(tables["all"], rule)
    head = {**tables["all"][first].to_json(), "rule": rule, "language": code, "characters_sent": sent}
    path = _kept(Store(common.store), head, tables, spreadsheet)
    result = {**head, "path": path, "methods": _json(tables["all"]), "odd_articles": _json(tables["odd"])}
    finish(common, result, *_lines(tables, first, path, sent))


def _neural(name: str, language: str) -> "WordAligner | None":
    """The neural aligner with that encoder; None where none is named."""
    from tasks.encoders import Encoder, neural_aligner

    return neural_aligner(name, Encoder.of(name).identity, language) if name else None


def language_of(file: str) -> str:
    """The language that a file's name tells.

    >>> language_of("data/xquad.es.json")
    'es'

    Raises:
        UsageError: it tells none.
    """
    found = re.search(r"[._-]([a-z]{2,3})\.json$", Path(file).name)
    if not found:
        raise UsageError(f"The name of {file!r} does not tell its language; add --language.")
    return found[1]


def _translated(
    common: Common, engine: str, code: str, examples: Sequence[Example]
) -> tuple[Mapping[str, str], Any, int]:
    """What the engine makes of all contexts, questions and answers; how it marks; how much was sent."""
    from flows.translations import translations
    from tasks.place import Place
    from tasks.projection.segments import Kind, segments

    with bars():
        made = translations(
            Place(common.store, common.memory),
            engine,
            code,
            lambda markup: [text for kind in Kind for text in segments(examples, kind, markup)],
        )
    return made.found, made.markup, made.characters_sent


def _tables(
    rows: "Sequence[Row]", judge: Any, model: Any, *, machine: bool
) -> tuple[dict[str, dict[str, "Figures"]], str]:
    """The figures of every method on all rows and on the odd articles; the worst rows of the ladder."""
    from tasks.projection.trials import report

    found = report.methods(rows, machine=machine, weights=model)
    tables = {name: report.tabled(rows, found, judge, odd=name == "odd") for name in ("all", "odd")}
    return tables, report.worst(rows, next(iter(found.values())), judge)


def _first(table: Mapping[str, Any], rule: Rule) -> str:
    return str(Rule.PAPER) if rule is Rule.PAPER and Rule.PAPER in table else next(iter(table))


def _write_weights(path: Path, model: Any, engine: str, files: Sequence[str]) -> None:
    from tasks.projection.confidence import to_text

    where = f"the translations of {engine}" if engine != HUMAN else "the translations that people made"
    provenance = (
        "Weights of the confidence: log-odds of the token F1 that may be expected of a projected answer.\n"
        f"Fitted by `silverspan project-eval` on {where}: {' and '.join(Path(file).name for file in files)},\n"
        "token F1 of MLQA, the articles of even index, every row with and without tags, answers alone and aligner."
    )
    path.write_text(to_text(model, provenance), encoding="utf-8")


def _kept(
    store: Store, head: Mapping[str, Any], tables: Mapping[str, Mapping[str, "Figures"]], spreadsheet: str
) -> str:
    """The folder with figures, pictures and worst rows; its name tells its content."""
    from tasks.projection.trials.report import curves
    from tasks.scoring.plots import DARK, LIGHT, yield_curves

    figures = {name: _json(table) for name, table in tables.items()}
    folder = f"reports/projection-{content_id({'head': dict(head), 'tables': figures})}"
    store.write(f"{folder}/report.json", json.dumps(figures, indent=1).encode())
    store.write(f"{folder}/curves.png", yield_curves(curves(tables["odd"]), LIGHT))
    store.write(f"{folder}/curves-dark.png", yield_curves(curves(tables["odd"]), DARK))
    store.write(f"{folder}/worst.csv", spreadsheet.encode())
    return store.path(folder)


def _json(table: Mapping[str, "Figures"]) -> dict[str, Any]:
    return {name: one.to_json() for name, one in table.items()}


def _lines(tables: Mapping[str, Mapping[str, "Figures"]], first: str, path: str, sent: int) -> list[str]:
    lines = []
    for name, title in (("all", "All rows"), ("odd", "Articles of odd index, on which nothing was fitted")):
        lines += [f"{title}:", f"  {'':34} yield    F1    EM  regret  split  char F1  offsets"]
        lines += [f"  {method:34} {_line(one)}" for method, one in tables[name].items()]
    best = tables["odd"][first]
    points = ", ".join(f"{f1:.3f} at {100 * kept:.1f} %" for kept, f1 in best.curve)
    return [
        *lines,
        f"{first}, odd articles, F1 by yield: {points}",
        f"{sent:,} characters sent in this run",
        f"pictures, figures and worst rows: {path}",
    ]


def _line(one: "Figures") -> str:
    kept = f"{100 * one.kept / max(1, one.total):5.1f}"
    parts = (one.f1, one.exact_match, one.regret, one.split_f1, one.char_f1, one.exact_offsets)
    return f"{kept} " + " ".join("     -" if part is None else f"{part:6.3f}" for part in parts)
