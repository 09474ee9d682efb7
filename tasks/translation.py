"""Translation: every distinct question and every distinct context of a shard, once, through the memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from uuid import uuid4

from prefect import task
from prefect.runtime import flow_run

from storage.examples import Example
from storage.generations import Generation, Generations
from storage.memory import TranslationMemory
from storage.parts import Part
from storage.store import Store
from tasks.keys import keys_of_this_step
from tasks.mt.bill import Sent
from tasks.mt.budget import UNBOUNDED, Allowance
from tasks.mt.canary import canary_set, open_generation
from tasks.mt.catalogue import holds_model, open_engine
from tasks.mt.markup import Markup
from tasks.place import Place
from tasks.processes import apart
from tasks.progress import Progress
from tasks.projection.segments import Kind, segments
from tasks.shards.translating import gates, translate_part
from tasks.source import row_ranges
from tasks.steps import STEP, Json, Outcome, keyed_by, parts_intact, run_all
from tasks.story import say

ShardParts = dict[tuple[str, str], Part]
"""One part for each (language, shard)."""


@dataclass(frozen=True, slots=True)
class Translator:
    """The engine of one language: what opens it (`apertium`, `table:FILE`), its generation and its markup.

    `sent` is what was asked of it in this run to open the generation.
    """

    engine: str
    generation: Generation
    markup: Markup
    sent: Sent = field(default_factory=Sent)


@dataclass(frozen=True, slots=True)
class Translated:
    """The translations of all shards, and what was sent for them."""

    parts: ShardParts = field(default_factory=dict)
    by_language: Mapping[str, Sent] = field(default_factory=dict)

    @property
    def sent(self) -> Sent:
        """What was sent for all languages together."""
        return sum(self.by_language.values(), Sent())


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a run may ask engines: operational, but for `retry_markup` and `sentencewise`.

    Args:
        workers: requests at once; by default what the engine bears.
        allowance: the most that the whole run may spend.
        retry_markup: whether segments without a usable translation are sent in other ways.
        sentencewise: whether contexts are sent sentence by sentence, whatever the engine takes.
    """

    workers: int | None = None
    allowance: Allowance = UNBOUNDED
    retry_markup: bool = False
    sentencewise: bool = False


def this_run() -> str:
    """The name under which the workers of this flow run, in all processes, share a budget: `RUN#TRY`."""
    return f"{flow_run.get_id() or uuid4()}#{flow_run.get_run_count()}"


def opened(
    place: Place,
    engines: Mapping[str, str],
    canary: Callable[[], Sequence[Example]],
    terms: Terms = Terms(),
    kept: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Translator]:
    """The translator of each language; a generation is opened where an engine is used for the first time.

    Args:
        place: where generations are recorded and translations kept.
        engines: what opens the engine, by target language.
        canary: gives examples that never change, of which the canary set of a new engine is made.
        terms: on which terms engines may be asked.
        kept: ids of generations by language, for those languages that are to stay with what they have.

    Raises:
        StoreError: the store knows no such generation.
    """
    with place.memory() as memory:
        found = {
            language: _kept(place.store, name, kept[language])
            if language in kept
            else _opened(place.store, memory, name, language, canary, terms)
            for language, name in engines.items()
        }
    for language, translator in found.items():
        how = ", as before" if language in kept else ", opened now" if translator.sent != Sent() else ""
        say(f"Translations into {language} are those of {translator.generation.id}{how}.")
    return found


def _kept(store: Store, name: str, generation: str) -> Translator:
    return Translator(name, Generations(store).find(generation), open_engine(name).markup)


def _opened(
    store: Store,
    memory: TranslationMemory,
    name: str,
    language: str,
    canary: Callable[[], Sequence[Example]],
    terms: Terms,
) -> Translator:
    engine = open_engine(name, keys_of_this_step())
    pace, budget = gates(memory, name, engine, this_run(), terms.allowance)
    found = open_generation(
        Generations(store),
        engine,
        language,
        memory=memory,
        texts=lambda: canary_set(segments(canary(), Kind.CONTEXTS, engine.markup), engine.markup),
        workers=terms.workers,
        pace=pace,
        budget=budget,
    )
    return Translator(name, found.generation, engine.markup, Sent.of(found.usage))


def translated(
    place: Place,
    english: Mapping[str, Part],
    translators: Mapping[str, Translator],
    kind: Kind,
    terms: Terms = Terms(),
) -> Translated:
    """Translate one kind of text of every shard into every language."""
    keys = [(language, shard) for language in translators for shard in english]
    run, ranges = this_run(), row_ranges(english)
    calls: list[Json] = [
        {
            "store": place.store_url,
            "memory": place.memory_url,
            "shard": ranges[shard],
            "english": english[shard].to_json(),
            "kind": str(kind),
            "language": language,
            "engine": translators[language].engine,
            "generation": translators[language].generation.id,
            "options": translators[language].generation.options,
            "retry_markup": terms.retry_markup,
            "sentencewise": terms.sentencewise,
            "workers": terms.workers,
            "allowance": asdict(terms.allowance),
            "run": run,
        }
        for language, shard in keys
    ]
    outcomes = run_all(translate_shard, calls, lambda value: parts_intact(place.store, value))
    return collected(f"Translated {kind} into {', '.join(translators)}", keys, outcomes, "translations")


def collected(
    what: str, keys: Sequence[tuple[str, str]], outcomes: Sequence[Outcome], part: str
) -> Translated:
    """What the shards of a step that asks engines came to: their parts of that name by key, and what this run sent.

    The run's log is told of it, beginning with `what` was done.
    """
    parts = (Part.from_json(outcome.value["parts"][part]) for outcome in outcomes)
    by_language: dict[str, Sent] = {language: Sent() for language, _ in keys}
    for (language, _), outcome in zip(keys, outcomes, strict=True):
        if outcome.fresh:
            by_language[language] += Sent(**outcome.value["sent"])
    found = Translated(dict(zip(keys, parts, strict=True)), by_language)
    done = sum(not outcome.fresh for outcome in outcomes)
    say(
        f"{what}: {found.sent.requests:,} requests, {found.sent.characters:,} characters sent;"
        f" {done} of {len(outcomes)} shards were done before."
    )
    return found


@task(
    name="translate",
    description="Send what the memory lacks to the engine, and keep each answer as it returns.",
    task_run_name="translate {kind} {language} {shard}",
    cache_key_fn=keyed_by(
        "translate", 3, "english", "kind", "language", "generation", "retry_markup", "sentencewise"
    ),
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
    retry_markup: bool,
    sentencewise: bool,
    workers: int | None,
    allowance: Json,
    run: str,
) -> Json:
    """One kind of text of one shard into one language.

    Raises:
        EngineChanged: the engine is not the one whose generation was opened.
    """
    call = {
        "store": store,
        "memory": memory,
        "english": english,
        "kind": kind,
        "language": language,
        "engine": engine,
        "generation": generation,
        "options": options,
        "retry_markup": retry_markup,
        "sentencewise": sentencewise,
        "workers": workers,
        "allowance": allowance,
        "run": run,
    }
    with Progress(f"{kind} {language} {shard}") as progress:
        rows = english["rows"] if not holds_model(engine) else 0
        return apart(translate_part, call, rows=rows, on_progress=progress.advance)
