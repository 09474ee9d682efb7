"""The paper's figure: English SQuAD in, silver training sets in other languages out."""

import time
from typing import Any

from prefect import flow, runtime

from flows.parameters import (
    ALL_SETS,
    SAMPLE,
    STATISTICAL,
    back_engines,
    check_second_try,
    engine_by_language,
    filters_of,
    parse_aligner,
    resolve_source,
    sample_examples,
)
from flows.results import build_result
from flows.runners import local_runner
from flows.titles import engine_names, joined, title
from storage.silver import SilverSet
from storage.store import DEFAULT_STORE
from tasks.aligning import aligners
from tasks.artifacts import show_build
from tasks.assembly import assembled
from tasks.back import judged_back
from tasks.billing import billed
from tasks.downloads import downloaded
from tasks.encoders import Encoder
from tasks.mt.budget import UNBOUNDED, Allowance
from tasks.place import Place
from tasks.projecting import Means, projected
from tasks.projection.again import SecondTry
from tasks.projection.rules import Rule
from tasks.projection.segments import Kind
from tasks.projection.sets import translated_sets
from tasks.publication import point_latest, published
from tasks.second_try import tried_again
from tasks.source import imported
from tasks.translation import Terms, Translated, opened, translated
from tasks.volumes import kinds_of


def run_name() -> str:
    """Such as `build es,ca apertium 2026-11-22`."""
    given = runtime.flow_run.parameters
    return title("build", joined(given["languages"]), engine_names(given["engine"]))


@flow(
    name="build-silver",
    flow_run_name=run_name,
    task_runner=local_runner(),
    persist_result=True,
    result_serializer="json",
)
def build_silver(
    languages: list[str],
    source: str = SAMPLE,
    sets: list[SilverSet] = list(ALL_SETS),  # noqa: B006 - Prefect copies it into each run
    engine: str = "apertium",
    projection: Rule = Rule.BEST,
    store: str = DEFAULT_STORE,
    memory: str = "",
    mirror: str = "",
    refresh: bool = False,
    workers: int | None = None,
    budget: str = "",
    retry_markup: bool = False,
    second_try: SecondTry = SecondTry.NONE,
    sentencewise: bool = False,
    answers_alone: bool = False,
    filters: str = "",
    refit_aligner: bool = False,
    back_translation: str = "",
    aligner: str = STATISTICAL,
    kept: dict[str, str] = {},  # noqa: B006 - Prefect copies it into each run
    latest: bool = True,
) -> dict[str, Any]:
    """Build silver training sets by machine translation and answer projection (Sec. 3.1).

    Args:
        languages: Languages to translate into, such as `["es", "ca"]`.
        source: A SQuAD-format file, a URL, the name of a data set, or `sample`.
        sets: Which sets to publish.
        engine: The engine's name, or one per language: `es=apertium,zh=table:zh.tsv`.
        projection: How answers are found again: `best`, or the rule of the `paper`.
        store: Where everything is kept (a folder or an fsspec URL).
        memory: The translation memory, where it is not the store's own.
        mirror: Another host for official downloads.
        refresh: Ask the server of a source that is a URL whether its file has changed.
        workers: Requests at once; by default what the engine bears.
        budget: The most that this run may spend: characters (`2500000`) or money (`20USD`); empty for no bound.
        retry_markup: Send segments without a usable translation in other ways, too.
        second_try: Send answers whose tags were lost or split again: each in a copy of its own, or in another style.
        sentencewise: Send contexts sentence by sentence, for engines that do badly on long ones.
        answers_alone: Translate each answer by itself, too: a second opinion on where it stands.
        filters: Which projected rows to drop or to trust less, such as `language=on,digits=0.5`; `none` for no filter.
        refit_aligner: Fit the word aligners anew instead of using those of earlier builds.
        back_translation: The engine, or one per language, that translates kept answers back: they are weighed by that.
        aligner: Which word aligner is asked: `statistical`, or `neural=FOLDER` of a multilingual encoder.
        kept: Languages that stay with an earlier generation of their engine, such as `{"de": "deepl/de/1-3f9c2a7b"}`.
        latest: Point the refs `latest` at what is published.
    """
    began, place, members = time.monotonic(), Place(store, memory), translated_sets(sets)
    needed = kinds_of(members, answers=answers_alone)
    engines = engine_by_language(engine, languages)
    check_second_try(second_try, engines)
    chosen_filters = filters_of(filters, projection)
    back = back_engines(back_translation, languages, chosen_filters)
    encoder = Encoder.of(name) if (name := parse_aligner(aligner)) else None
    file = downloaded(place.store, resolve_source(source), mirror, refresh=refresh)
    english = imported(place.store, file)
    terms = Terms(workers, Allowance.parse(budget) if budget else UNBOUNDED, retry_markup, sentencewise)
    translators = opened(place, engines, sample_examples, terms, kept)
    questions, contexts, answers = (
        translated(place, english.shards, translators, kind, terms) if kind in needed else Translated()
        for kind in Kind
    )
    texts = (english.shards, questions.parts, contexts.parts, translators)
    fitted = projection is Rule.BEST and encoder is None
    words = aligners(place.store, *texts, refit=refit_aligner) if fitted else {}
    again = tried_again(
        place, english.shards, contexts.parts, translators, second_try, sample_examples, terms
    )
    means = Means(projection, chosen_filters, words, answers.parts, again, back, encoder)
    found = projected(place.store, english.shards, contexts.parts, translators, means)
    judged = judged_back(place, english.shards, found, back, chosen_filters, terms)
    rows = assembled(place.store, english.shards, translators, questions.parts, judged.parts, members)
    snapshots = published(place.store, english, rows.parts, sets, translators, means)
    if latest:
        point_latest(place.store, snapshots.values())
    bill = billed(translators, (questions, contexts, answers), again, judged, back)
    show_build(snapshots, bill, [*english.drawn, *rows.drawn])
    return build_result(place.store, snapshots, bill.sent, bill.canary, time.monotonic() - began)
