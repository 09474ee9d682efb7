"""Projection: the answers found again in the translated contexts of a shard, and filtered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from prefect import task

from storage.parts import Part
from storage.store import Store
from tasks.encoders import Encoder
from tasks.processes import apart
from tasks.projection.rules import Rule
from tasks.second_try import Again
from tasks.shards.projecting import project_part
from tasks.source import row_ranges
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_all
from tasks.story import say
from tasks.translation import ShardParts, Translator


@dataclass(frozen=True, slots=True)
class Means:
    """What answers are found again by.

    `filters` is the canonical text of the settings (`tasks.projection.filters`), `aligners` and `answers` (answers
    translated alone) are there for the languages that have them; `again` is what was sent a second time, `back`
    what opens the engine that translates answers back, by language, and `encoder` that of a neural aligner, which then
    stands in for the statistical ones.
    """

    rule: Rule
    filters: str
    aligners: Mapping[str, Part]
    answers: ShardParts
    again: Again = field(default_factory=Again)
    back: Mapping[str, str] = field(default_factory=dict)
    encoder: Encoder | None = None


def projected(
    store: Store,
    english: Mapping[str, Part],
    contexts: ShardParts,
    translators: Mapping[str, Translator],
    means: Means,
) -> ShardParts:
    """Project the answers of every shard into every language whose contexts were translated."""
    ranges = row_ranges(english)
    calls: list[Json] = [
        {
            "store": store.url,
            "shard": ranges[shard],
            "language": language,
            "english": english[shard].to_json(),
            "contexts": part.to_json(),
            "markup": str(translators[language].markup),
            "rule": str(means.rule),
            "filters": means.filters,
            "aligner": _json(means.aligners.get(language)),
            "answers": _json(means.answers.get((language, shard))),
            "again": _json(means.again.translated.parts.get((language, shard))),
            "second_try": str(means.again.form),
            "encoder": means.encoder.identity if means.encoder else None,
            "encoder_name": means.encoder.name if means.encoder else "",
        }
        for (language, shard), part in contexts.items()
    ]
    outcomes = run_all(project_shard, calls, lambda value: parts_intact(store, value))
    parts = (Part.from_json(outcome.value["parts"]["projections"]) for outcome in outcomes)
    if outcomes:
        done = sum(not outcome.fresh for outcome in outcomes)
        languages = ", ".join(dict.fromkeys(language for language, _ in contexts))
        say(f"Looked for the answers in {languages}; {done} of {len(outcomes)} shards were done before.")
    return dict(zip(contexts, parts, strict=True))


@task(
    name="project answers",
    description="Find the marked answers again in the translated contexts.",
    task_run_name="project {language} {shard}",
    cache_key_fn=keyed_by(
        "project",
        4,
        "language",
        "english",
        "contexts",
        "markup",
        "rule",
        "filters",
        "aligner",
        "answers",
        "again",
        "second_try",
        "encoder",
    ),
    **STEP,
)
def project_shard(
    store: str,
    shard: str,
    language: str,
    english: Json,
    contexts: Json,
    markup: str,
    rule: str,
    filters: str,
    aligner: Json | None,
    answers: Json | None,
    again: Json | None,
    second_try: str,
    encoder: Json | None,
    encoder_name: str,
) -> Json:
    """One shard in one language."""
    call = {
        "store": store,
        "language": language,
        "english": english,
        "contexts": contexts,
        "markup": markup,
        "rule": rule,
        "filters": filters,
        "aligner": aligner,
        "answers": answers,
        "again": again,
        "second_try": second_try,
        "encoder": encoder,
        "encoder_name": encoder_name,
    }
    # An encoder is loaded once, into this process.
    return apart(project_part, call, rows=0 if encoder else english["rows"])


def _json(part: Part | None) -> Json | None:
    return part.to_json() if part else None
