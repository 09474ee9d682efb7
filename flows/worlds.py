"""Worlds in a plan: wherever it says `world:NAME`, the world's own file, engine, benchmark or encoder is meant."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import UsageError
from storage.store import Store
from tasks.laboratory.knobs import Knobs
from tasks.mt.laboratory import Laboratory, with_options
from tasks.scoring.tables import SQUAD
from tasks.worlds import World, made_world, pretrained

if TYPE_CHECKING:
    from flows.plan import Plan, Silver

PREFIX = "world:"
_ENGINE = re.compile(r"\bworld:([^?,=]+)(?:\?([^,]*))?")
"""A world as an engine, with its options."""


@dataclass(frozen=True, slots=True)
class Site:
    """A world that is made: its files, and its encoders in the order of their seeds."""

    knobs: Knobs
    world: World
    encoders: Sequence[Path] = ()
    seconds: Sequence[float] = ()
    """What the pre-training of each took."""


Sites = Mapping[str, Site]
"""By the names that the plan gives its worlds."""


def made_worlds(store: Store, plan: "Plan") -> Sites:
    """The plan's worlds; encoders are pre-trained for those that some row begins with."""
    wanted = {name for row in plan.systems if (name := named(plan.settings_of(row).get("encoder", "")))}
    found: dict[str, Site] = {}
    for name, knobs in plan.worlds.items():
        world = made_world(store, knobs)
        found[name] = Site(knobs, world, *(pretrained(store, world, knobs) if name in wanted else ()))
    return found


def named(text: str) -> str:
    """The world that a text names, without options; empty where it names none.

    >>> named("world:b"), named("bert-base-multilingual-cased")
    ('b', '')
    """
    return text.removeprefix(PREFIX) if text.startswith(PREFIX) else ""


def source_of(source: str, sites: Sites) -> str:
    """A source of training questions, a world's file in the place of its name."""
    return sites[name].world.source if (name := named(source)) else source


def english_of(source: str) -> str:
    """What tables call the English questions of a source.

    >>> english_of("world:lab"), english_of("sample")
    ('English of the world lab', 'SQuAD v1.1')
    """
    return f"English of the world {name}" if (name := named(source)) else SQUAD


def engines_of(engines: str, sites: Sites) -> str:
    """Engines as builds know them, worlds' among them."""
    return _ENGINE.sub(lambda found: _engine(sites[found[1]], found[2]), engines)


def benchmark_of(data: str, sites: Sites) -> str:
    """Where a benchmark lies, a world's folder in the place of its name."""
    return sites[name].world.benchmark if (name := named(data)) else data


def encoder_of(encoder: str, sites: Sites, seeds: Sequence[int], seed: int) -> str:
    """What a training with one of the plan's seeds begins with: they take a world's encoders in turn."""
    if not (name := named(encoder)) or not sites:
        return encoder
    encoders = sites[name].encoders
    return str(encoders[seeds.index(seed) % len(encoders)])


def check_known(text: str, plan: "Plan") -> None:
    """Refuse a world that the plan does not have.

    Raises:
        UsageError: there is none of that name; those that it has are listed.
    """
    if (name := named(text)) and name not in plan.worlds:
        raise UsageError.unknown("world of the plan", name, plan.worlds)


def check_silver(silver: "Silver", plan: "Plan") -> None:
    """Refuse training data of a world that is not there, or that does not speak its languages.

    Raises:
        UsageError: there is no such world, option, or language of it.
    """
    check_known(silver.source, plan)
    for found in _ENGINE.finditer(silver.engine):
        check_known(f"{PREFIX}{found[1]}", plan)
        engine = Laboratory(with_options(plan.worlds[found[1]], found[2] or ""))
        for language in silver.languages:
            engine.identity("en", language)


def has_worlds(silver: "Silver") -> bool:
    """Whether its engine is a world's."""
    return bool(_ENGINE.search(silver.engine))


def _engine(site: Site, options: str | None) -> str:
    return site.world.engine(with_options(site.knobs, options or "").engine_options())
