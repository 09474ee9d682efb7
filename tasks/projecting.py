"""Projection: the answers found again in the translated contexts of a shard, and filtered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from prefect import task

from storage.parts import Part, read_part, write_part
from storage.silver import ANSWERS, Reason
from storage.store import Store
from tasks.encoders import Encoder, neural_aligner
from tasks.mt.markup import Markup
from tasks.projection.again import SecondTry, second_copies
from tasks.projection.alignment.aligner import Aligner
from tasks.projection.cases import WordAligner
from tasks.projection.contexts import AnsweredContext, Further, mark_contexts, project_examples
from tasks.projection.filters.rows import filtered
from tasks.projection.filters.settings import parse_filters
from tasks.projection.rules import Rule
from tasks.projection.sets import answers_column, answers_of, examples_of
from tasks.second_try import Again
from tasks.source import row_ranges
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_all
from tasks.story import say
from tasks.translation import ShardParts, Translator, read_translations

SCHEMA = pa.schema(
    [
        ("source_id", pa.string()),
        ("context", pa.string()),
        ("answers", ANSWERS),
        ("method", pa.string()),
        ("confidence", pa.float32()),
        ("reason", pa.string()),
        ("detail", pa.string()),
    ]
)
"""One row per example: `reason` is null where its answers were found."""


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
    place = Store(store)
    examples = examples_of(read_part(place, Part.from_json(english)))
    translations, refusals = read_translations(place, contexts)
    copies = second_copies(mark_contexts(examples, Markup(markup)), translations, SecondTry(second_try))
    found = project_examples(
        examples,
        translations,
        Rule(rule),
        Markup(markup),
        source="en",
        target=language,
        refusals=refusals,
        aligner=_aligner(place, aligner, encoder_name, encoder, language),
        alone=read_translations(place, answers)[0] if answers else {},
        further=[Further(list(copies), read_translations(place, again)[0])] if again else [],
    )
    found = filtered(examples, found, parse_filters(f"none,{filters}"), source="en", target=language)
    return {"parts": {"projections": write_projections(place, found).to_json()}}


def _aligner(
    store: Store, part: Json | None, name: str, encoder: Json | None, language: str
) -> WordAligner | None:
    if encoder:
        return neural_aligner(name, encoder, language)
    return Aligner.from_table(read_part(store, Part.from_json(part))) if part else None


def write_projections(store: Store, found: Mapping[str, AnsweredContext]) -> Part:
    """Answered contexts by source id as a part of the store."""
    rows = [_row(source_id, answered) for source_id, answered in found.items()]
    return write_part(store, pa.Table.from_pylist(rows, schema=SCHEMA))


def read_projections(store: Store, part: Json) -> dict[str, AnsweredContext]:
    """The inverse of `write_projections`."""
    rows = read_part(store, Part.from_json(part)).to_pylist()
    return {row["source_id"]: _answered(row) for row in rows}


def _row(source_id: str, found: AnsweredContext) -> Json:
    return {
        "source_id": source_id,
        "context": found.context,
        "answers": answers_column(found.answers),
        "method": found.method,
        "confidence": found.confidence,
        "reason": found.reason,
        "detail": found.detail,
    }


def _json(part: Part | None) -> Json | None:
    return part.to_json() if part else None


def _answered(row: Json) -> AnsweredContext:
    reason = Reason(row["reason"]) if row["reason"] else None
    answers = answers_of(row["answers"])
    return AnsweredContext(row["context"], answers, row["method"], row["confidence"], reason, row["detail"])
