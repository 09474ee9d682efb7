"""What can go wrong with a translation engine: one branch of the tree in `storage.errors`, and what to do about each.

    EngineError
    ├── RetryLater          busy, unreachable, cut off: the SAME request again, after `retry_after_s` where it is known
    │   └── SlowDown        it was asked too fast: the same again, and everyone asks more slowly from now on
    ├── TooLarge            the request holds too much: split it in two and send both halves
    ├── BrokenAnswer        it answered, but nonsense: the same request again, a few times
    └── FinalError          stop: no request that follows can succeed
        ├── QuotaSpent      the account has no characters or money left
        ├── KeyRefused      the key is missing, wrong or expired
        ├── RequestRefused  the service does not accept what is sent: our mistake or a changed protocol
        ├── UnknownPair     it does not know these two languages             bad usage: exit code 2
        ├── EngineMissing   its program or package is not on this machine    install it
        ├── EngineChanged   it is not the one that the build began with      build again
        └── BudgetSpent     the user's own budget would be passed: nothing more was sent

An unknown engine *name* is a `UsageError`, a table that cannot be read an `InputError`. No message ever holds a key,
and none holds the address of a request with its query.
"""

from collections.abc import Iterable
from typing import ClassVar

from storage.errors import EngineError, UsageError


class RetryLater(EngineError):
    """The service cannot answer now; `retry_after_s` is how long it asked us to wait, in seconds, where it did."""

    retryable: ClassVar[bool] = True

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SlowDown(RetryLater):
    """The service was asked too fast."""


class TooLarge(EngineError):
    """The request holds more than the service takes at once."""


class BrokenAnswer(EngineError):
    """The engine crashed, took too long or answered something that cannot be its translation."""

    retryable: ClassVar[bool] = True


class FinalError(EngineError):
    """No further request can succeed until a person does something."""


class QuotaSpent(FinalError):
    """The account's quota or money is used up."""


class KeyRefused(FinalError):
    """The key is missing, wrong, expired or not allowed to translate."""


class RequestRefused(FinalError):
    """The service does not accept what we send."""


class BudgetSpent(FinalError):
    """The budget that the user set would be passed by the next request."""


class EngineMissing(FinalError):
    """The engine's program or package is not installed; the message says how to install it."""


class UnknownPair(FinalError):
    """The engine does not translate between these two languages."""

    exit_code: ClassVar[int] = UsageError.exit_code

    @classmethod
    def of(cls, engine: str, source: str, target: str, targets: Iterable[str]) -> "UnknownPair":
        """Names the pair and lists what the engine can do from `source`."""
        valid = ", ".join(sorted(targets))
        remedy = f"choose a target of: {valid}" if valid else f"it has no target at all for {source!r}"
        return cls(f"The engine {engine!r} cannot translate {source!r} into {target!r}; {remedy}.")


class EngineChanged(FinalError):
    """The engine's options (a table's content) changed while a build ran."""
