"""`silverspan plan`, `build` and `segments`: silver training sets from English questions, and what they would cost."""

import time
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import (
    ALL_SETS,
    SAMPLE,
    STATISTICAL,
    back_engines,
    check_language,
    check_second_try,
    check_source,
    check_workers,
    engine_by_language,
    filters_of,
    parse_aligner,
    parse_choice,
    parse_sets,
    resolve_source,
    sample_examples,
)
from storage.squad import read_squad
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
        Where shards run: `local`, or `dask[:ADDRESS]`.
    """
    wanted, rule = parse_sets(names(sets)), parse_choice(Rule, projection)
    check_workers(workers)
    form = parse_choice(SecondTry, second_try)
    check_second_try(form, engine_by_language(engine, names(languages)))
    check_source(source)
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


def plan(
    *,
    languages: str,
    source: str = SAMPLE,
    sets: str = DEFAULT_SETS,
    engine: str = "apertium",
    mirror: str = "",
    retry_markup: bool = False,
    second_try: str = "none",
    sentencewise: bool = False,
    answers_alone: bool = False,
    back_translation: str = "",
    common: Common = COMMON,
) -> None:
    """Say what a build would translate and what that would cost; nothing is sent, and no key is needed.

    `silverspan plan --source squad-v1.1-train --languages es,zh --engine es=deepl,zh=google`

    `silverspan plan --source mine.json --languages es --engine deepl --second-try single --back-translation google`

    Parameters
    ----------
    languages:
        Languages to translate into, separated by commas.
    source:
        A SQuAD-format file, a URL, the name of an official data set, or `sample`.
    sets:
        Which sets would be published: tq, tc, tqc, tall.
    engine:
        One engine for all languages, or one for each: `es=apertium,zh=table:zh.tsv`.
    mirror:
        Another host for official downloads.
    retry_markup:
        Count other ways of marking among what can be sent at most.
    second_try:
        Count a second try of answers whose tags are lost or split (`single`, or a style of marks) among it, too.
    sentencewise:
        Contexts would be sent sentence by sentence.
    answers_alone:
        Answers would be translated by themselves, too.
    back_translation:
        The engine that would translate answers back: about how much that is, beside the sums.
    """
    wanted, engines = parse_sets(names(sets)), engine_by_language(engine, names(languages))
    form = parse_choice(SecondTry, second_try)
    check_second_try(form, engines)
    back = back_engines(back_translation, names(languages), filters_of("", Rule.BEST))
    check_source(source)
    from storage.squad import read_squad
    from tasks.place import Place
    from tasks.planning import plan_build

    began, place = time.monotonic(), Place(common.store, common.memory)
    with bars():
        squad = read_squad(_fetched(place, resolve_source(source), mirror))
    found = plan_build(
        place,
        squad,
        engines,
        wanted,
        sample_examples(),
        retry_markup=retry_markup,
        second_try=form,
        answers=answers_alone,
        sentencewise=sentencewise,
        back=back,
    )
    result = {**found.to_json(), "seconds": round(time.monotonic() - began, 1)}
    finish(common, result, *_plan_lines(result))


def _fetched(place: Any, source: str, mirror: str) -> Path:
    from storage.downloads.fetching import obtain
    from tasks.downloads import FOLDER
    from tasks.progress import tell

    if (path := Path(source)).exists():
        return path

    def told(done: int, total: int | None) -> None:
        tell(f"download {path.name}", done, total)

    return obtain(source, place.store.local_path(FOLDER), mirror=mirror or None, on_progress=told)


def _plan_lines(result: dict[str, Any]) -> list[str]:
    lines = []
    for language, plan in result["languages"].items():
        lines.append(f"{language} with {plan['engine']}: {_volume(plan)}")
        if plan["canary"]["segments"]:
            lines.append(f"   {'canary':9} {_volume(plan['canary'])}; once, as this engine is new here")
        lines += [f"   {name:9} {_volume(volume)}" for name, volume in plan["sets"].items()]
        if again := plan["second_try"]["segments"]:
            most = _amount(plan["second_try"]["at_most"])
            lines.append(f"   second try: at most {again:,} segments more; {most}")
        if back := plan["back_translation"]:
            about = f"{back['segments_about']:,} answers, {back['characters_about']:,} characters"
            lines.append(f"   back by {back['engine']}: about {about}, in no sum here")
    return [
        *lines,
        *_lost(result),
        f"in all, canary sets apart: {_volume(result)}",
        f"at most {_amount(result['at_most'])}",
    ]


def _volume(volume: dict[str, Any]) -> str:
    segments = f"{volume['segments']:,} segments, {volume['remembered']:,} of them in the memory"
    return f"{segments}; {_amount(volume)}"


def _amount(volume: dict[str, Any]) -> str:
    price = "price not known" if volume["price"] is None else f"{volume['price']:,.2f} USD"
    return f"{volume['requests']:,} requests, {volume['characters_sent']:,} characters, {price}"


def segments(
    *,
    languages: str,
    output: str,
    source: str = SAMPLE,
    answers_alone: bool = False,
    common: Common = COMMON,
) -> None:
    """Write every segment that a build would have translated as a table to be filled in, for `--engine table:FILE`.

    `silverspan segments --source mine.json --languages zh --output zh.tsv`

    Contexts carry numbered tags around their answers; keep them around the same words in the translation.

    Parameters
    ----------
    languages:
        Languages to translate into, separated by commas.
    output:
        The table to write: `.parquet`, or anything else for tab-separated text.
    source:
        A SQuAD-format file, or `sample`.
    answers_alone:
        Each answer by itself, too, for a build with the same option.
    """
    from tasks.mt.markup import Markup
    from tasks.mt.table import TableRow, write_table
    from tasks.projection.segments import segments as distinct_segments
    from tasks.projection.sets import translated_sets
    from tasks.volumes import kinds_of

    wanted = names(languages)
    for language in wanted:
        check_language(language)
    examples = read_squad(Path(resolve_source(source))).examples
    kinds = kinds_of(translated_sets(ALL_SETS), answers=answers_alone)
    texts = [text for kind in kinds for text in distinct_segments(examples, kind, Markup.HTML)]
    rows = [TableRow("en", language, text, "") for language in wanted for text in texts]
    write_table(Path(output), rows)
    finish(common, {"path": output, "segments": len(rows)}, f"{len(rows):,} segments in {output}")


def _lines(result: dict[str, Any]) -> list[str]:
    rows = [
        f"{name:5} {result['rows'][name]:>10,} rows   snapshot {i}" for name, i in result["snapshots"].items()
    ]
    sent = f"{result['requests']:,} requests, {result['characters_sent']:,} characters sent, {result['seconds']} s"
    return [*rows, *_lost(result), sent]


def _lost(result: dict[str, Any]) -> list[str]:
    return [
        f"{language}: {count} questions rejected, {reason}"
        for language, reasons in result["rejected"].items()
        for reason, count in reasons.items()
    ]
