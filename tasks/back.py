"""Back-translation: the answers that were kept, through an engine into English again, and judged by what came of it.

These translations belong to no generation: they weigh rows and stand in none. The memory keeps them under the engine,
its options and the pair of languages.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from prefect import task

from storage.hashing import content_id
from storage.parts import Part, read_part
from storage.store import Store
from tasks.desk import Desk
from tasks.keys import keys_of_this_step
from tasks.mt.bill import Sent
from tasks.mt.budget import Allowance
from tasks.mt.canary import options_of
from tasks.mt.catalogue import open_engine
from tasks.mt.engine import Engine
from tasks.place import Place
from tasks.progress import Progress
from tasks.projection.back import answers_found, weighed_back
from tasks.projection.filters.settings import parse_filters
from tasks.projection.marking import plain
from tasks.projection.sets import examples_of
from tasks.shards.projecting import read_projections, write_projections
from tasks.shards.translating import gates
from tasks.source import row_ranges
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_all
from tasks.translation import ShardParts, Terms, collected, this_run


@dataclass(frozen=True, slots=True)
class Judged:
    """The projections of all shards after their answers were translated back, and what was sent for that."""

    parts: ShardParts = field(default_factory=dict)
    by_language: Mapping[str, Sent] = field(default_factory=dict)


def scope_of(engine: Engine, language: str) -> str:
    """The name under which the memory keeps what an engine made of texts in a language: `deepl/es-en/3f9c...`."""
    identity = engine.identity(language, "en")
    return f"{identity.name}/{language}-en/{content_id(options_of(identity))[:8]}"


def judged_back(
    place: Place,
    english: Mapping[str, Part],
    projections: ShardParts,
    engines: Mapping[str, str],
    filters: str,
    terms: Terms,
) -> Judged:
    """Have the kept answers of every shard translated back and weigh them; without engines they stay as they are.

    Args:
        place: where projections lie and translations are kept.
        english: the shards of the source.
        projections: of the contexts, by language and shard.
        engines: what opens the engine that translates back, by language.
        filters: the canonical text of the settings.
        terms: on which terms engines may be asked.
    """
    wanted = {key: part for key, part in projections.items() if key[0] in engines}
    if not wanted:
        return Judged(projections)
    scopes = {language: scope_of(open_engine(name), language) for language, name in engines.items()}
    run, ranges = this_run(), row_ranges(english)
    calls: list[Json] = [
        {
            "store": place.store_url,
            "memory": place.memory_url,
            "shard": ranges[shard],
            "english": english[shard].to_json(),
            "projections": part.to_json(),
            "language": language,
            "engine": engines[language],
            "scope": scopes[language],
            "filters": filters,
            "workers": terms.workers,
            "allowance": asdict(terms.allowance),
            "run": run,
        }
        for (language, shard), part in wanted.items()
    ]
    outcomes = run_all(judge_back_shard, calls, lambda value: parts_intact(place.store, value))
    what = f"Translated answers back from {', '.join(engines)}"
    found = collected(what, list(wanted), outcomes, "projections")
    return Judged({**projections, **found.parts}, found.by_language)


@task(
    name="translate back",
    description="Have the answers that were found translated back, and weigh them by what came of it.",
    task_run_name="translate back {language} {shard}",
    cache_key_fn=keyed_by("back", 1, "english", "projections", "language", "scope", "filters"),
    **STEP,
)
def judge_back_shard(
    store: str,
    memory: str,
    shard: str,
    english: Json,
    projections: Json,
    language: str,
    engine: str,
    scope: str,
    filters: str,
    workers: int | None,
    allowance: Json,
    run: str,
) -> Json:
    """One shard in one language."""
    place, opened_engine = Place(store, memory), open_engine(engine, keys_of_this_step())
    found = read_projections(place.store, projections)
    texts = [plain(text, opened_engine.markup) for text in answers_found(found.values())]
    with Progress(f"back {language} {shard}") as progress, place.memory() as known:
        pace, budget = gates(known, engine, opened_engine, run, Allowance(**allowance))
        terms = (workers, pace, budget, progress.advance)
        desk = Desk(opened_engine, known, scope, "en", *terms, source=language)
        usage = desk.asked(texts)
    judged = weighed_back(
        examples_of(read_part(place.store, Part.from_json(english))),
        found,
        usage.translations,
        opened_engine.markup,
        parse_filters(f"none,{filters}"),
        source="en",
        target=language,
    )
    part = write_projections(Store(store), judged)
    return {"parts": {"projections": part.to_json()}, "sent": asdict(Sent.of(usage))}
