"""`silverspan build`: silver training sets from English questions."""

from typing import Annotated, Any

from cyclopts import Parameter

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import (
    ALL_SETS,
    SAMPLE,
    STATISTICAL,
    back_engines,
    check_second_try,
    check_source,
    check_workers,
    engine_by_language,
    filters_of,
    parse_aligner,
    parse_choice,
    parse_sets,
)
from tasks.projection.again import SecondTry
from tasks.projection.rules import Rule

DEFAULT_SETS = ",".join(ALL_SETS)


def build(
    *,
    languages: str,
    source: str = SAMPLE,
    sets: str = DEFAULT_SETS,
    engine: str = "apertium",
    projection: str = "best",
    mirror: str = "",
    refresh: bool = False,
    workers: Annotated[
        int | None, Parameter(help="Requests at once; by default what the engine bears.")
    ] = None,
    budget: str = "",
    retry_markup: bool = False,
    second_try: str = "none",
    sentencewise: bool = False,
    answers_alone: bool = False,
    filters: str = "",
    refit_aligner: bool = False,
    aligner: str = STATISTICAL,
    back_translation: str = "",
    runner: str = "local",
    common: Common = COMMON,
) -> None:
    """Translate English questions and contexts, find the answers again, and publish training sets.

    `silverspan build --source squad-v1.1-train --languages es,ca --engine apertium`

    `silverspan build --source mine.json --languages es,zh --engine es=apertium,zh=table:zh.tsv --sets tq,tall`

    `silverspan build --source mine.json --languages es --engine deepl --second-try single --back-translation google`

    `silverspan build --source mine.json --languages es --aligner neural=models/mbert`

    Parameters
    ----------
    languages:
        Languages to translate into, separated by commas.
    source:
        A SQuAD-format file, a URL, the name of an official data set, or `sample`.
    sets:
        Which sets to publish: tq, tc, tqc, tall.
    engine:
        One engine for all languages, or one for each: `es=apertium,zh=table:zh.tsv`.
    projection:
        How answers are found again: `best`, or the rule of the `paper`.
    mirror:
        Another host for official downloads.
    refresh:
        Ask the server of a source that is a URL whether its file has changed; else what was fetched once is used.
    budget:
        Stop before more is spent than this: characters (`2500000`), money (`20USD`), or both with a `+`.
    retry_markup:
        Send segments without a usable translation in other ways, too: single tags, single sentences, no tags.
    second_try:
        Send answers whose tags were lost or split again: `single`, each alone in a copy of its context; or the name of
        another style of marks that the engine takes (html, xml, tags, letters, brackets).
    sentencewise:
        Send contexts sentence by sentence, for engines that do badly on long ones.
    answers_alone:
        Translate each answer by itself, too: a second opinion on where it stands (about a tenth more characters).
    filters:
        Which projected rows to drop or to trust less: `language=on,digits=0.5`, `copied=off`; `none` for no filter.
    refit_aligner:
        Fit the word aligners anew instead of using those of earlier builds.
    aligner:
        Which word aligner is asked where tags leave an answer in doubt: `statistical`, or `neural=FOLDER` of a
        multilingual encoder (mBERT, XLM-R), or its name on the Hugging Face Hub.
    back_translation:
        An engine (or one for each language, as in `--engine`) that translates the kept answers back into English; rows
        are trusted less, by the filter `back`, the less of the answer it brings back.
    runner:
        Where shards run: `local[:PROCESSES]`, processes of this machine, or `dask[:ADDRESS]`.
    """
    wanted, rule = parse_sets(names(sets)), parse_choice(Rule, projection)
    check_workers(workers)
    form = parse_choice(SecondTry, second_try)
    check_second_try(form, engine_by_language(engine, names(languages)))
    check_source(source, whole=False)
    back_engines(back_translation, names(languages), filters_of(filters, rule))
    from flows.build import build_silver
    from flows.runners import task_runner
    from tasks.encoders import Encoder
    from tasks.mt.budget import Allowance

    if encoder := parse_aligner(aligner):
        Encoder.of(encoder)
    if budget:
        Allowance.parse(budget)

    chosen = build_silver.with_options(task_runner=task_runner(runner))
    places: dict[str, Any] = {
        "store": common.store,
        "memory": common.memory,
        "mirror": mirror,
        "refresh": refresh,
    }
    terms: dict[str, Any] = {
        "workers": workers,
        "budget": budget,
        "retry_markup": retry_markup,
        "second_try": form,
        "sentencewise": sentencewise,
    }
    means: dict[str, Any] = {
        "answers_alone": answers_alone,
        "filters": filters,
        "refit_aligner": refit_aligner,
        "back_translation": back_translation,
        "aligner": aligner,
    }
    with bars():
        result = chosen(names(languages), source, wanted, engine, rule, **terms, **means, **places)
    finish(common, result, *_lines(result))


def _lines(result: dict[str, Any]) -> list[str]:
    rows = [
        f"{name:5} {result['rows'][name]:>10,} rows   snapshot {i}" for name, i in result["snapshots"].items()
    ]
    sent = f"{result['requests']:,} requests, {result['characters_sent']:,} characters sent, {result['seconds']} s"
    return [*rows, *lost_lines(result), sent]


def lost_lines(result: dict[str, Any]) -> list[str]:
    """How many questions have no row, by language and reason, as a build and a plan tell it."""
    return [
        f"{language}: {count} questions rejected, {reason}"
        for language, reasons in result["rejected"].items()
        for reason, count in reasons.items()
    ]
