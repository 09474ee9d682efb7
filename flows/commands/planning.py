"""`silverspan plan` and `segments`: what a build would have translated, and what that would cost."""

import time
from pathlib import Path
from typing import Any

from flows.commands.building import DEFAULT_SETS, lost_lines
from flows.commands.common import COMMON, Common, bars, finish, names
from flows.parameters import (
    ALL_SETS,
    SAMPLE,
    back_engines,
    check_language,
    check_second_try,
    check_source,
    engine_by_language,
    filters_of,
    parse_choice,
    parse_sets,
    resolve_source,
    sample_examples,
)
from storage.squad import read_squad
from tasks.projection.again import SecondTry
from tasks.projection.rules import Rule


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
        *lost_lines(result),
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
