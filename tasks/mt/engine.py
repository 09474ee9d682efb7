"""What every engine offers: the plug-in's interface and its values.

An engine is any object with these members; `tasks.mt.catalogue` names those that exist, and the conformance suite in
`tests/tasks/mt/test_conformance.py` says what they must do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tasks.mt.markup import Markup


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one request may hold; `max_chars` counts code points, marks included."""

    max_segments: int
    max_chars: int


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
        """The dialect of marks that its segments are written in."""
        ...

    @property
    def limits(self) -> Limits:
        """The most that one call of `translate` may be given."""
        ...

    @property
    def workers(self) -> int:
        """How many calls of `translate` may sensibly run at once."""
        ...

    def identity(self, source: str, target: str) -> Identity:
        """Who would translate this pair now.

        Raises:
            UnknownPair: it does not translate this pair.
            EngineMissing: its program is not installed.
        """
        ...

    def targets(self, source: str) -> list[str]:
        """The languages that it translates `source` into, sorted."""
        ...

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        """One translation per text, in order, in the same markup; None where it has none for that text.

        Safe to call from several threads at once.

        Raises:
            UnknownPair: it does not translate this pair.
            EngineMissing: its program is not installed.
            BrokenAnswer: it failed in a way that a later try may not.
        """
        ...
