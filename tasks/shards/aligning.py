"""A word aligner fitted on the translations of all shards of a language."""

from collections.abc import Iterator, Mapping
from typing import Any

from storage.parts import Part, read_part, write_part
from storage.store import Store
from tasks.mt.markup import Markup
from tasks.projection.alignment.aligner import fit
from tasks.projection.parallel import Pair, context_pairs, question_pairs, sampled
from tasks.projection.sets import examples_of
from tasks.shards.texts import read_translations

Json = dict[str, Any]

SAMPLE = 20_000
"""At most so many segments are an aligner fitted on: more make it larger, not better."""


def fit_on_parts(
    store: str,
    language: str,
    markup: str,
    english: dict[str, Json],
    questions: dict[str, Json],
    contexts: dict[str, Json],
) -> Json:
    """One language, all shards."""
    place = Store(store)
    pairs = sampled(_pairs(place, Markup(markup), english, questions, contexts), SAMPLE)
    table = fit(pairs, source="en", target=language).to_table()
    return {"parts": {"aligner": write_part(place, table).to_json()}}


def _pairs(
    store: Store,
    markup: Markup,
    english: Mapping[str, Json],
    questions: Mapping[str, Json],
    contexts: Mapping[str, Json],
) -> Iterator[Pair]:
    for shard, part in english.items():
        examples = examples_of(read_part(store, Part.from_json(part)))
        if shard in contexts:
            yield from context_pairs(examples, read_translations(store, contexts[shard])[0], markup)
        if shard in questions:
            yield from question_pairs(examples, read_translations(store, questions[shard])[0], markup)
