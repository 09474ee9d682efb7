"""What can go wrong with a translation engine: one branch of the tree in `storage.errors`.

    EngineError
    ├── EngineMissing       its program is not on this machine           install it
    ├── UnknownPair         it does not know these two languages         bad usage: exit code 2
    ├── EngineChanged       it is not the one that the build began with   build again
    └── BrokenAnswer        it crashed, hung, or gave back nonsense      a retry can help

An unknown engine *name* is a `UsageError`, a table that cannot be read an `InputError`.
"""

from collections.abc import Iterable
from typing import ClassVar

from storage.errors import EngineError, UsageError


class EngineMissing(EngineError):
    """The engine's program is not installed; the message says how to install it."""


class UnknownPair(EngineError):
    """The engine does not translate between these two languages."""

    exit_code: ClassVar[int] = UsageError.exit_code

    @classmethod
    def of(cls, engine: str, source: str, target: str, targets: Iterable[str]) -> "UnknownPair":
        """Names the pair and lists what the engine can do from `source`."""
        valid = ", ".join(sorted(targets))
        remedy = f"choose a target of: {valid}" if valid else f"it has no target at all for {source!r}"
        return cls(f"The engine {engine!r} cannot translate {source!r} into {target!r}; {remedy}.")


class EngineChanged(EngineError):
    """The engine's options (a table's content) changed while a build ran."""


class BrokenAnswer(EngineError):
    """The engine crashed, took too long or answered something that cannot be its translation."""

    retryable: ClassVar[bool] = True
