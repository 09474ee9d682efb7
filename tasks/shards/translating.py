"""One kind of text of one shard into one language, through the memory."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from storage.memory import TranslationMemory
from storage.parts import Part, read_part
from storage.states import SharedStates
from tasks.desk import Desk
from tasks.keys import keys_of_this_step
from tasks.mt.bill import Sent
from tasks.mt.budget import Allowance, Budget
from tasks.mt.canary import options_of
from tasks.mt.catalogue import open_engine
from tasks.mt.engine import Engine
from tasks.mt.errors import EngineChanged
from tasks.mt.pace import Pace
from tasks.place import Place
from tasks.projection.segments import Kind
from tasks.projection.sets import examples_of
from tasks.shards.texts import write_translations

OnProgress = Callable[[int, int], None]


def translate_part(
    store: str,
    memory: str,
    english: dict[str, Any],
    kind: str,
    language: str,
    engine: str,
    generation: str,
    options: dict[str, str],
    retry_markup: bool,
    sentencewise: bool,
    workers: int | None,
    allowance: dict[str, Any],
    run: str,
    on_progress: OnProgress,
) -> dict[str, Any]:
    """Send what the memory lacks, and keep what came back as a part.

    Raises:
        EngineChanged: the engine is not the one whose generation was opened.
    """
    place, opened_engine = Place(store, memory), checked_engine(engine, language, options)
    examples = examples_of(read_part(place.store, Part.from_json(english)))
    with place.memory() as known:
        pace, budget = gates(known, engine, opened_engine, run, Allowance(**allowance))
        terms = (workers, pace, budget, on_progress, sentencewise)
        rows, usages = Desk(opened_engine, known, generation, language, *terms).rows(
            examples, Kind(kind), retry_markup
        )
    part = write_translations(place.store, rows)
    return {"parts": {"translations": part.to_json()}, "sent": asdict(Sent.of(*usages))}


def checked_engine(name: str, language: str, options: Mapping[str, str]) -> Engine:
    """The engine of that name, with its keys.

    Raises:
        EngineChanged: its options are not those of the generation that was opened.
    """
    engine = open_engine(name, keys_of_this_step())
    if options_of(engine.identity("en", language)) != options:
        raise EngineChanged(
            f"The engine {name!r} is not the one that its generation was opened by; build again, or rebuild with"
            f" {language} named as changed."
        )
    return engine


def gates(
    memory: TranslationMemory, name: str, engine: Engine, run: str, allowance: Allowance
) -> tuple[Pace, Budget]:
    """What all who ask an engine share (`name` is what opens it), and what all workers of `run` share."""
    states = SharedStates(memory)
    return Pace(states, name, engine.rate), Budget(states, run, engine, allowance, name)
