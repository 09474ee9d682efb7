"""What every engine offers: the plug-in's interface and its values.

An engine is any object with these members; `tasks.mt.catalogue` names those that exist, and the conformance suite in
`tests/tasks/mt/test_conformance.py` says what they must do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from tasks.mt.markup import Markup
from tasks.mt.pace import Rate

Keys = Callable[[str], str | None]
"""Looks up a secret by the name that its engine documents (`DEEPL_API_KEY`); None where there is none."""


def no_keys(_name: str) -> str | None:
    """The `Keys` of someone who has none."""
    return None


class Billing(StrEnum):
    """What an engine's owner asks money for."""

    CHARACTERS = "characters"
    """Code points of what is sent, marks included."""
    TOKENS = "tokens"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one request may hold.

    `max_chars` counts the code points of all its texts, marks included; `max_bytes` the bytes of the same in UTF-8.
    `segment_chars` is for engines with short inputs: contexts are sent to them by sentences, as many neighbours
    together as it has room for, and each alone where it is 0. None: whole contexts.
    """

    max_segments: int
    max_chars: int
    max_bytes: int | None = None
    segment_chars: int | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who translated: equal identities are expected to give equal translations.

    `version` is what the engine reports about itself ("not reported" where it does not), `options` whatever else
    changes its output. It never holds anything of the machine, such as a path.
    """

    name: str
    version: str
    options: dict[str, str] = field(default_factory=dict)


class Engine(Protocol):
    """Translates marked segments. Languages are ISO 639-1 codes where one exists, else 639-3."""

    @property
    def name(self) -> str:
        """Its name in the catalogue."""
        ...

    @property
    def markup(self) -> Markup:
        """The style of marks that its segments are written in."""
        ...

    @property
    def markups(self) -> Sequence[Markup]:
        """The styles that it can be opened with, its default first."""
        ...

    @property
    def billing(self) -> Billing:
        """What its owner asks money for."""
        ...

    @property
    def price_per_million(self) -> float | None:
        """The list price of a million characters in US dollars, where one is published."""
        ...

    @property
    def limits(self) -> Limits:
        """The most that one call of `translate` may be given."""
        ...

    @property
    def workers(self) -> int:
        """How many calls of `translate` may sensibly run at once."""
        ...

    @property
    def rate(self) -> Rate:
        """How fast it may be asked to begin with; the pace slows down where it complains, and rises no higher."""
        ...

    def identity(self, source: str, target: str) -> Identity:
        """Who would translate this pair now, as far as it is known without asking: no key is needed.

        Where only answers tell the version, it is "not reported" until the first one is here.

        Raises:
            UnknownPair: it does not translate this pair.
            EngineMissing: its program is not installed.
        """
        ...

    def targets(self, source: str) -> list[str]:
        """The languages that it translates `source` into, sorted."""
        ...

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        """One translation per text, in order, in the same style of marks; None where it has none for that text.

        ONE attempt of ONE request: whether to repeat, wait or split is for `tasks.mt.client` to decide, by the class
        of the error. The shape of the answer is checked here, and its order where the protocol tells it; an empty
        translation is given back as it came. Safe to call from several threads at once.

        Raises:
            RetryLater, SlowDown: not now.
            TooLarge: too much at once, or one of several texts that the service refuses.
            BrokenAnswer: it failed in a way that a later try may not.
            FinalError: its subclasses; no request that follows can succeed.
        """
        ...
