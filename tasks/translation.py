"""Translation: every distinct question and every distinct context of a shard, once, through the memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import pyarrow as pa
from prefect import task

from storage.examples import Example
from storage.generations import Generation, Generations
from storage.parts import Part, read_part, write_part
from storage.store import Store
from tasks.mt.catalogue import open_engine
from tasks.mt.client import translate
from tasks.mt.errors import EngineChanged
from tasks.mt.markup import Markup
from tasks.place import Place
from tasks.progress import Progress
from tasks.projection.contexts import mark_contexts
from tasks.projection.marking import plain
from tasks.projection.sets import examples_of
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_all

ShardParts = dict[tuple[str, str], Part]
"""One part for each (language, shard)."""

SCHEMA = pa.schema([("text", pa.string()), ("translation", pa.string())])
"""Segments as they were sent, and what came back as it came; null where the engine has no translation."""


class Kind(StrEnum):
    """What is translated of a shard."""

    QUESTIONS = "questions"
    CONTEXTS = "contexts"


@dataclass(frozen=True, slots=True)
class Translator:
    """The engine of one language: what opens it (`apertium`, `table:FILE`), its generation and its markup."""

    engine: str
    generation: Generation
    markup: Markup


@dataclass(frozen=True, slots=True)
class Sent:
    """What this run, not an earlier one, asked of the engines."""

    requests: int = 0
    characters: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.requests + other.requests, self.characters + other.characters)


@dataclass(frozen=True, slots=True)
class Translated:
    """The translations of all shards, and what was sent for them."""

    parts: ShardParts = field(default_factory=dict)
    sent: Sent = Sent()


def opened(store: Store, engines: Mapping[str, str]) -> dict[str, Translator]:
    """The translator of each language; a generation is opened where an engine is used for the first time.

    Args:
        store: where generations are recorded.
        engines: what opens the engine, by target language.
    """
    return {language: _translator(store, name, language) for language, name in engines.items()}


def _translator(store: Store, name: str, language: str) -> Translator:
    engine = open_engine(name)
    identity = engine.identity("en", language)
    generations, options = Generations(store), dict(identity.options)
    known = generations.current(identity.name, language, options)
    generation = known or generations.open(identity.name, language, identity.version, options)
    return Translator(name, generation, engine.markup)


def translated(
    place: Place,
    english: Mapping[str, Part],
    translators: Mapping[str, Translator],
    kind: Kind,
    workers: int | None,
) -> Translated:
    """Translate one kind of text of every shard into every language."""
    keys = [(language, shard) for language in translators for shard in english]
    calls: list[Json] = [
        {
            "store": place.store_url,
            "memory": place.memory_url,
            "shard": shard,
            "english": english[shard].to_json(),
            "kind": str(kind),
            "language": language,
            "engine": translators[language].engine,
            "generation": translators[language].generation.id,
            "options": translators[language].generation.options,
            "workers": workers,
        }
        for language, shard in keys
    ]
    outcomes = run_all(translate_shard, calls, lambda value: parts_intact(place.store, value))
    parts = (Part.from_json(outcome.value["parts"]["translations"]) for outcome in outcomes)
    sent = (Sent(**outcome.value["sent"]) for outcome in outcomes if outcome.fresh)
    return Translated(dict(zip(keys, parts, strict=True)), sum(sent, Sent()))


@task(
    name="translate",
    description="Send what the memory lacks to the engine, and keep each answer as it returns.",
    task_run_name="translate {kind} {language} {shard}",
    cache_key_fn=keyed_by("translate", 1, "english", "kind", "language", "generation"),
    **STEP,
)
def translate_shard(
    store: str,
    memory: str,
    shard: str,
    english: Json,
    kind: str,
    language: str,
    engine: str,
    generation: str,
    options: dict[str, str],
    workers: int | None,
) -> Json:
    """One kind of text of one shard into one language.

    Raises:
        EngineChanged: the engine is not the one whose generation was opened.
    """
    place, opened_engine = Place(store, memory), open_engine(engine)
    if opened_engine.identity("en", language).options != options:
        raise EngineChanged(f"The engine {engine!r} changed while the build ran; build again.")
    examples = examples_of(read_part(place.store, Part.from_json(english)))
    texts = segments(examples, Kind(kind), opened_engine.markup)
    with Progress(f"{kind} {language} {shard}") as progress, place.memory() as known:
        scope = known.of(generation, "en", language)
        usage = translate(
            opened_engine, texts, "en", language, memory=scope, workers=workers, on_progress=progress.advance
        )
        found = scope.lookup(texts)
    rows = {"text": texts, "translation": [found.get(text) for text in texts]}
    part = write_part(place.store, pa.Table.from_pydict(rows, schema=SCHEMA))
    sent = {"requests": usage.requests, "characters": usage.characters_sent}
    return {"parts": {"translations": part.to_json()}, "sent": sent}


def segments(examples: Sequence[Example], kind: Kind, markup: Markup) -> list[str]:
    """The distinct texts to be sent for a shard, in source order."""
    if kind is Kind.QUESTIONS:
        return list(dict.fromkeys(plain(example.question, markup) for example in examples))
    return list(dict.fromkeys(marked.text for marked in mark_contexts(examples, markup)))


def read_translations(store: Store, part: Json) -> dict[str, str]:
    """Translations by segment, without those that the engine does not have."""
    table = read_part(store, Part.from_json(part))
    pairs = zip(table["text"].to_pylist(), table["translation"].to_pylist(), strict=True)
    return {text: translation for text, translation in pairs if translation is not None}
