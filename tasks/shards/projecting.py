"""The answers of one shard found again in its translated contexts, and filtered."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from storage.parts import Part, read_part, write_part
from storage.silver import ANSWERS, Reason
from storage.store import Store
from tasks.encoders import neural_aligner
from tasks.mt.markup import Markup
from tasks.projection.again import SecondTry, second_copies
from tasks.projection.alignment.aligner import Aligner
from tasks.projection.cases import WordAligner
from tasks.projection.contexts import AnsweredContext, Further, mark_contexts, project_examples
from tasks.projection.filters.rows import filtered
from tasks.projection.filters.settings import parse_filters
from tasks.projection.rules import Rule
from tasks.projection.sets import answers_array, answers_in, examples_of, shared
from tasks.shards.texts import read_translations

Json = dict[str, Any]

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


def project_part(
    store: str,
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
    copies: Sequence[Any] = ()
    if again:
        copies = list(
            second_copies(mark_contexts(examples, Markup(markup)), translations, SecondTry(second_try))
        )
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
        further=[Further(copies, read_translations(place, again)[0])] if again else [],
    )
    found = filtered(examples, found, parse_filters(f"none,{filters}"), source="en", target=language)
    return {"parts": {"projections": write_projections(place, found).to_json()}}


def write_projections(store: Store, found: Mapping[str, AnsweredContext]) -> Part:
    """Answered contexts by source id as a part of the store."""
    rows = list(found.values())
    columns = [
        list(found),
        [row.context for row in rows],
        answers_array([row.answers for row in rows]),
        [row.method for row in rows],
        [row.confidence for row in rows],
        [row.reason for row in rows],
        [row.detail for row in rows],
    ]
    return write_part(store, pa.table(dict(zip(SCHEMA.names, columns, strict=True)), schema=SCHEMA))


def read_projections(store: Store, part: Json) -> dict[str, AnsweredContext]:
    """The inverse of `write_projections`."""
    table = read_part(store, Part.from_json(part))
    rows = zip(
        shared(table["context"]),
        answers_in(table["answers"]),
        shared(table["method"]),
        table["confidence"].to_pylist(),
        map(_reason, shared(table["reason"])),
        shared(table["detail"]),
        strict=True,
    )
    return {i: AnsweredContext(*row) for i, row in zip(table["source_id"].to_pylist(), rows, strict=True)}


def _aligner(
    store: Store, part: Json | None, name: str, encoder: Json | None, language: str
) -> WordAligner | None:
    if encoder:
        return neural_aligner(name, encoder, language)
    return Aligner.from_table(read_part(store, Part.from_json(part))) if part else None


def _reason(name: str | None) -> Reason | None:
    return Reason(name) if name else None
