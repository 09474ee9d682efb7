"""What can go wrong with a run, as one tree.

    SilverspanError
    ├── UsageError              the command itself is wrong: an unknown engine, language, system (exit code 2)
    ├── InputError              a file that was given cannot be used: named with its place
    ├── StoreError              the store lacks something, or holds it damaged
    ├── DownloadError           storage/downloads.py draws its own branch
    ├── EngineError             tasks/mt/errors.py draws its own branch
    └── JobError                a training or prediction process ended badly

A bad *row* is never an exception: it is a value with a named reason (`storage.silver.Reason`).
Every message names the thing, the cause and the remedy, in one sentence; `retryable` says whether the same
call can succeed later without anyone changing anything.
"""

from collections.abc import Iterable
from typing import ClassVar


class SilverspanError(Exception):
    """The root: one sentence for a person, an exit code for a shell, a flag for a scheduler."""

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class UsageError(SilverspanError):
    """The command asks for something that does not exist."""

    exit_code: ClassVar[int] = 2

    @classmethod
    def unknown(cls, kind: str, name: str, valid: Iterable[str]) -> "UsageError":
        """`unknown("engine", "gogle", [...])`: names the thing and lists what is valid."""
        return cls(f"Unknown {kind} {name!r}; choose one of: {', '.join(sorted(valid))}.")


class InputError(SilverspanError):
    """A given file cannot be used as it is."""


class StoreError(SilverspanError):
    """Something that the store should hold is missing or damaged."""


class DownloadError(SilverspanError):
    """A file could not be fetched."""


class EngineError(SilverspanError):
    """A translation engine could not do its work."""


class JobError(SilverspanError):
    """A reader's job (training, prediction) ended badly."""
