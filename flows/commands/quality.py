"""`silverspan engines quality`: what engines' translations are worth where people translated the same texts."""

from typing import Any

from flows.commands.common import COMMON, Common, bars, finish
from flows.commands.projecting import language_of
from storage.errors import UsageError


def quality(
    *,
    source: str,
    target: str,
    engine: list[str] | None = None,
    output: list[str] | None = None,
    language: str = "",
    common: Common = COMMON,
) -> None:
    """Score engines' translations by BLEU and chrF++ against those that people made, and publish a report.

    `silverspan engines quality --source xquad.en.json --target xquad.es.json --engine apertium`

    `silverspan engines quality --source dev.en --target dev.es --language es --output google=g.es --output mine=m.es`

    Scores and signatures are sacrebleu's. Two engines or more are tested against the first one (paired bootstrap).

    Parameters
    ----------
    source:
        English texts: a SQuAD-format file (XQuAD, MLQA), or one text a line.
    target:
        The same texts, translated by people.
    engine:
        An engine to ask, as for `build`; once for each. What is in the translation memory is not asked again.
    output:
        Translations made elsewhere, as NAME=FILE in the format of the target; once for each.
    language:
        The language of the target; by default what its name says (`xquad.es.json`).
    """
    outputs = dict(_named(one) for one in output or [])
    if len(outputs) < len(output or []):
        raise UsageError("Two outputs bear one name; name each once.")
    code = language or language_of(target)
    from flows.quality import check_quality, measure_engines

    check_quality(source, target, code, engine or [], outputs)
    with bars():
        result = measure_engines(source, target, code, engine, outputs, common.store, common.memory)
    finish(common, result, *_lines(result))


def _named(output: str) -> tuple[str, str]:
    name, equals, file = output.partition("=")
    if not (name and equals and file):
        raise UsageError(f"--output {output!r} names no engine and file; write --output NAME=FILE.")
    return name, file


def _lines(result: dict[str, Any]) -> list[str]:
    lines = []
    for kind in result["kinds"]:
        lines.append(f"{kind['segments']:,} {kind['kind']}:")
        lines += [f"  {name:24} {_scores(one)}" for name, one in kind["engines"].items()]
    first = next(iter(result["kinds"][0]["engines"].values()))
    return [*lines, first["bleu"]["signature"], first["chrf"]["signature"], result["path"]]


def _scores(one: dict[str, Any]) -> str:
    text = f"BLEU {_figure(one['bleu'])}, chrF++ {_figure(one['chrf'])}"
    return f"{text}; {one['missing']:,} not translated" if one["missing"] else text


def _figure(figure: dict[str, Any]) -> str:
    margin = "" if figure["margin"] is None else f" ± {figure['margin']:.1f}"
    p_value = "" if figure["p_value"] is None else f" (p = {figure['p_value']:.3f})"
    return f"{figure['score']:.1f}{margin}{p_value}"
