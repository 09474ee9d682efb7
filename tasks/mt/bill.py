"""What a run asked of engines, item by item, and what that costs where the price is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tasks.mt.budget import UNIT, price_of
from tasks.mt.client import Usage
from tasks.mt.engine import Engine


@dataclass(frozen=True, slots=True)
class Sent:
    """What this run, not an earlier one, asked of the engines."""

    requests: int = 0
    characters: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.requests + other.requests, self.characters + other.characters)

    @classmethod
    def of(cls, *usages: Usage) -> "Sent":
        """What several calls of the client sent."""
        return cls(sum(usage.requests for usage in usages), sum(usage.characters_sent for usage in usages))


class Purpose(StrEnum):
    """What something was sent for."""

    CANARY = "canary set of a new engine"
    TEXTS = "questions and contexts"
    AGAIN = "second try"
    BACK = "answers back into English"


@dataclass(frozen=True, slots=True)
class Item:
    """What one engine was sent for one language and one purpose.

    `usd_per_million` is the list price of so many characters: 0 where nothing is paid, None where it is not known.
    """

    language: str
    engine: str
    purpose: Purpose
    sent: Sent
    usd_per_million: float | None

    @classmethod
    def of(cls, language: str, engine: Engine, purpose: Purpose, sent: Sent) -> "Item":
        """At the engine's own price."""
        return cls(language, engine.name, purpose, sent, price_of(engine))

    @property
    def usd(self) -> float | None:
        """What it costs."""
        return None if self.usd_per_million is None else self.sent.characters * self.usd_per_million / UNIT


@dataclass(frozen=True, slots=True)
class Bill:
    """All items of a run."""

    items: Sequence[Item]

    @property
    def sent(self) -> Sent:
        """What was sent to be translated; the canary sets of new engines are not in it."""
        return sum((item.sent for item in self.items if item.purpose is not Purpose.CANARY), Sent())

    @property
    def canary(self) -> Sent:
        """What opening generations took, once for each new engine."""
        return sum((item.sent for item in self.items if item.purpose is Purpose.CANARY), Sent())

    @property
    def usd(self) -> float | None:
        """What everything costs; None where something was sent whose price is not known.

        >>> Bill([Item("es", "deepl", Purpose.TEXTS, Sent(2, 500_000), 25.0)]).usd
        12.5
        """
        prices = [item.usd for item in self.items if item.sent != Sent()]
        known = [price for price in prices if price is not None]
        return sum(known) if len(known) == len(prices) else None
