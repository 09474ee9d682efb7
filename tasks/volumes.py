"""How much is sent for a build: by text, by language, and in all, with what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from storage.silver import Reason, SilverSet
from tasks.mt.budget import UNIT
from tasks.projection.segments import Kind
from tasks.projection.sets import CONTEXT_SETS, MEMBERS, QUESTION_SETS

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
class BackPlan:
    """About what is translated back: as many answers as there are in the source, about as long as they are there."""

    engine: str
    segments: int
    characters: int
    price_per_million: float | None

    def to_json(self) -> Json:
        """As commands print it."""
        return {
            "engine": self.engine,
            "segments_about": self.segments,
            "characters_about": self.characters,
            "price_about": _price(self.characters, self.price_per_million),
        }


@dataclass(frozen=True, slots=True)
class LanguagePlan:
    """One language: which engine, what opening its generation takes, what each kind of text takes, what is lost.

    `second_try` is what may be sent of contexts once more; it is known to the last only when their tags are back.
    `back` is in no sum, for nobody knows yet what will be found.
    """

    engine: str
    generation: str | None
    price_per_million: float | None
    canary: Volume
    kinds: Mapping[Kind, Volume]
    rejected: Mapping[Reason, int]
    second_try: Volume = Volume()
    back: BackPlan | None = None

    @property
    def total(self) -> Volume:
        """Everything that is sent for this language."""
        return self.segments + self.canary

    @property
    def segments(self) -> Volume:
        """The build's own segments; the canary set of a new engine comes on top, once."""
        return sum(self.kinds.values(), replace(self.second_try, segments=0, remembered=0))

    def of_set(self, silver_set: SilverSet) -> Volume:
        """What one set needs by itself; sets share their texts, so these do not add up."""
        needed = kinds_of(MEMBERS[silver_set], answers=Kind.ANSWERS in self.kinds)
        return sum((self.kinds[kind] for kind in needed), Volume())

    def to_json(self, sets: Sequence[SilverSet]) -> Json:
        """As commands print it."""
        price = self.price_per_million
        return {
            "engine": self.engine,
            "generation": self.generation,
            **self.segments.to_json(price),
            "canary": self.canary.to_json(price),
            **{str(kind): volume.to_json(price) for kind, volume in self.kinds.items()},
            "second_try": self.second_try.to_json(price),
            "back_translation": self.back.to_json() if self.back else None,
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


def kinds_of(members: Sequence[SilverSet], *, answers: bool = False) -> list[Kind]:
    """The kinds of text that these translated sets need, and answers by themselves where they are wanted."""
    needed = [(Kind.QUESTIONS, QUESTION_SETS), (Kind.CONTEXTS, CONTEXT_SETS)]
    if answers:
        needed.append((Kind.ANSWERS, CONTEXT_SETS))
    return [kind for kind, by in needed if by & set(members)]


def _price(sent: int, per_million: float | None) -> float | None:
    return None if per_million is None else round(sent * per_million / UNIT, 6)


def _sum(prices: Sequence[float | None]) -> float | None:
    """The price of everything, where the price of each part is known."""
    known = [price for price in prices if price is not None]
    return round(sum(known), 6) if len(known) == len(prices) else None


def _named(counts: Mapping[Reason, int]) -> dict[str, int]:
    return {str(reason): count for reason, count in counts.items()}
