"""What a build would translate and what that would cost, told without sending anything.

The texts are put together as a build puts them together, shard by shard, so that the figures are those of the run
that follows, as long as the engine makes no trouble: what comes back unusable is asked for again. How much that can be
at most, other ways of marking included, is told beside.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.examples import Example
from storage.generations import Generation, Generations
from storage.memory import TranslationMemory
from storage.silver import Reason, Refusal, SilverSet
from storage.squad import SquadFile
from tasks.mt.budget import UNIT, price_of
from tasks.mt.canary import Forgetful, canary_set, options_of, planned_canary
from tasks.mt.catalogue import open_engine
from tasks.mt.client import MemoryView, Usage, plan
from tasks.mt.engine import Engine
from tasks.mt.packing import characters, pack
from tasks.mt.session import TRIES
from tasks.place import Place
from tasks.projection.marking import Marked, plain
from tasks.projection.segments import Kind, marked_segments, segments
from tasks.projection.sets import CONTEXT_SETS, MEMBERS, QUESTION_SETS, translated_sets
from tasks.projection.ways import texts_of_ways
from tasks.source import SHARD_ROWS, shards

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Volume:
    """How much of something is sent; `at_most` where an engine answers every text unusably to the last."""

    segments: int = 0
    remembered: int = 0
    requests: int = 0
    characters: int = 0
    requests_at_most: int = 0
    characters_at_most: int = 0

    def __add__(self, other: "Volume") -> "Volume":
        return Volume(
            self.segments + other.segments,
            self.remembered + other.remembered,
            self.requests + other.requests,
            self.characters + other.characters,
            self.requests_at_most + other.requests_at_most,
            self.characters_at_most + other.characters_at_most,
        )

    def to_json(self, price_per_million: float | None) -> Json:
        """As commands print it, with the price in US dollars (None: not known)."""
        return {
            "segments": self.segments,
            "remembered": self.remembered,
            "requests": self.requests,
            "characters_sent": self.characters,
            "price": _price(self.characters, price_per_million),
            "at_most": {
                "requests": self.requests_at_most,
                "characters_sent": self.characters_at_most,
                "price": _price(self.characters_at_most, price_per_million),
            },
        }


@dataclass(frozen=True, slots=True)
class LanguagePlan:
    """One language: which engine, what opening its generation takes, what each kind of text takes, what is lost."""

    engine: str
    generation: str | None
    price_per_million: float | None
    canary: Volume
    kinds: Mapping[Kind, Volume]
    rejected: Mapping[Reason, int]

    @property
    def total(self) -> Volume:
        """Everything that is sent for this language."""
        return self.segments + self.canary

    @property
    def segments(self) -> Volume:
        """The build's own segments; the canary set of a new engine comes on top, once."""
        return sum(self.kinds.values(), Volume())

    def of_set(self, silver_set: SilverSet) -> Volume:
        """What one set needs by itself; sets share their texts, so these do not add up."""
        return sum((self.kinds[kind] for kind in kinds_of(MEMBERS[silver_set])), Volume())

    def to_json(self, sets: Sequence[SilverSet]) -> Json:
        """As commands print it."""
        price = self.price_per_million
        return {
            "engine": self.engine,
            "generation": self.generation,
            **self.segments.to_json(price),
            "canary": self.canary.to_json(price),
            **{str(kind): volume.to_json(price) for kind, volume in self.kinds.items()},
            "sets": {str(s): self.of_set(s).to_json(price) for s in sets},
        }


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """A whole build, by target language."""

    languages: Mapping[str, LanguagePlan]
    sets: Sequence[SilverSet]
    set_aside: int

    def to_json(self) -> Json:
        """The totals under the names that a build's result has, then the same by language and by set."""
        plans = self.languages.values()
        total = sum((p.segments for p in plans), Volume())
        rejected = {language: _named(p.rejected) for language, p in self.languages.items() if p.rejected}
        aside = {"en": {str(Reason.UNANSWERABLE): self.set_aside}} if self.set_aside else {}
        figures = total.to_json(None)
        figures["price"] = _sum([p.segments.to_json(p.price_per_million)["price"] for p in plans])
        figures["at_most"]["price"] = _sum(
            [p.segments.to_json(p.price_per_million)["at_most"]["price"] for p in plans]
        )
        by_language = {language: p.to_json(self.sets) for language, p in self.languages.items()}
        canary = sum((p.canary for p in plans), Volume()).to_json(None)
        canary["price"] = _sum([p.canary.to_json(p.price_per_million)["price"] for p in plans])
        return {**figures, "canary": canary, "rejected": {**aside, **rejected}, "languages": by_language}


def plan_build(
    place: Place,
    source: SquadFile,
    engines: Mapping[str, str],
    sets: Sequence[SilverSet],
    canary: Sequence[Example],
    *,
    retry_markup: bool = False,
) -> BuildPlan:
    """What building these sets would translate; no engine is asked anything, and nothing is written.

    Args:
        place: the store with its generations, and the memory.
        source: the English questions.
        engines: what opens the engine, by target language.
        sets: the sets that are wanted.
        canary: the examples of which the canary set is made.
        retry_markup: whether segments without a usable translation are to be sent in other ways.
    """
    memory = _memory(place)
    try:
        planner = _Planner(
            Generations(place.store), memory, list(shards(source.examples, SHARD_ROWS)), retry_markup
        )
        members = translated_sets(sets)
        plans = {
            language: planner.planned(name, language, members, canary) for language, name in engines.items()
        }
    finally:
        if memory is not None:
            memory.close()
    return BuildPlan(plans, sets, len(source.set_aside))


def kinds_of(members: Sequence[SilverSet]) -> list[Kind]:
    """The kinds of text that these translated sets need."""
    needed = ((Kind.QUESTIONS, QUESTION_SETS), (Kind.CONTEXTS, CONTEXT_SETS))
    return [kind for kind, by in needed if by & set(members)]


@dataclass(frozen=True, slots=True)
class _Planner:
    generations: Generations
    memory: TranslationMemory | None
    shards: Sequence[Sequence[Example]]
    retry_markup: bool

    def planned(
        self, name: str, language: str, members: Sequence[SilverSet], canary: Sequence[Example]
    ) -> LanguagePlan:
        engine = open_engine(name)
        identity = engine.identity("en", language)
        known = self.generations.current(identity.name, language, options_of(identity))
        opening = Usage(0, 0, 0, 0) if known else self._opening(engine, language, canary)
        view = self._view(known, language)
        volumes, refusals = {}, {}
        for kind in kinds_of(members):
            volumes[kind], refusals[kind] = self._kind(engine, kind, view)
        examples = [example for shard in self.shards for example in shard]
        rejected = _rejected(examples, members, engine, refusals)
        asked_again = Volume(
            opening.segments,
            opening.remembered,
            opening.requests,
            opening.characters_sent,
            TRIES * opening.requests,
            TRIES * opening.characters_sent,
        )
        generation = known.id if known else None
        return LanguagePlan(name, generation, price_of(engine), asked_again, volumes, rejected)

    def _opening(self, engine: Engine, language: str, canary: Sequence[Example]) -> Usage:
        texts = canary_set(segments(canary, Kind.CONTEXTS, engine.markup), engine.markup)
        number = len(self.generations.list(engine.name, language)) + 1
        return planned_canary(engine, self.memory, texts, language, number)

    def _view(self, known: Generation | None, language: str) -> MemoryView:
        if known is None or self.memory is None:
            return Forgetful()
        return self.memory.of(known.id, "en", language)

    def _kind(self, engine: Engine, kind: Kind, view: MemoryView) -> tuple[Volume, dict[str, Refusal]]:
        """One kind of text of all shards; what an earlier shard has sent a later one finds in the memory."""
        total, refused, before = Volume(), dict[str, Refusal](), set[str]()
        for shard in self.shards:
            marked = {s.text: s for s in marked_segments(shard, kind, engine.markup) if s.text not in before}
            usage = plan(engine, list(marked), view)
            total += self._volume(engine, marked, usage, view)
            refused.update(usage.refused)
            before.update(marked)
        return total, refused

    def _volume(self, engine: Engine, marked: Mapping[str, Marked], usage: Usage, view: MemoryView) -> Volume:
        """At most every request is sent three times, and then every segment in every other way, also three times."""
        requests, sent = TRIES * usage.requests, TRIES * usage.characters_sent
        if self.retry_markup:
            known = view.lookup(list(marked))
            for way in zip(
                *(texts_of_ways(s) for text, s in marked.items() if text not in known), strict=True
            ):
                texts = list(dict.fromkeys(text for some in way for text in some))
                requests += TRIES * sum(1 for _ in pack(texts, engine.limits))
                sent += TRIES * characters(texts)
        return Volume(usage.segments, usage.remembered, usage.requests, usage.characters_sent, requests, sent)


def _memory(place: Place) -> TranslationMemory | None:
    """The memory, unless it is a file that is not there yet: a plan makes none."""
    if "://" not in place.memory_url:
        path = Path(place.memory_url or place.store.local_path("memory.sqlite"))
        if not path.exists():
            return None
    return place.memory()


def _rejected(
    examples: Sequence[Example],
    members: Sequence[SilverSet],
    engine: Engine,
    refusals: Mapping[Kind, Mapping[str, Refusal]],
) -> Counter[Reason]:
    """Questions that are known to be lost already; the larger count of the sets, as in a build's result."""
    contexts: dict[str, list[str]] = {}
    if Kind.CONTEXTS in refusals:
        for marked in marked_segments(examples, Kind.CONTEXTS, engine.markup):
            contexts.setdefault(marked.context, []).append(marked.text)
    counts: Counter[Reason] = Counter()
    for member in members:
        lost: Counter[Reason] = Counter()
        for example in examples:
            if (reason := _lost(example, member, engine, refusals, contexts)) is not None:
                lost[reason] += 1
        counts |= lost
    return counts


def _lost(
    example: Example,
    member: SilverSet,
    engine: Engine,
    refusals: Mapping[Kind, Mapping[str, Refusal]],
    contexts: Mapping[str, Sequence[str]],
) -> Reason | None:
    if member in CONTEXT_SETS:
        copies = contexts[example.context]
        if all(text in refusals[Kind.CONTEXTS] for text in copies):
            return refusals[Kind.CONTEXTS][copies[0]].reason
    question = plain(example.question, engine.markup)
    if member in QUESTION_SETS and question in refusals[Kind.QUESTIONS]:
        return refusals[Kind.QUESTIONS][question].reason
    return None


def _price(sent: int, per_million: float | None) -> float | None:
    return None if per_million is None else round(sent * per_million / UNIT, 6)


def _sum(prices: Sequence[float | None]) -> float | None:
    """The price of everything, where the price of each part is known."""
    known = [price for price in prices if price is not None]
    return round(sum(known), 6) if len(known) == len(prices) else None


def _named(counts: Mapping[Reason, int]) -> dict[str, int]:
    return {str(reason): count for reason, count in counts.items()}
