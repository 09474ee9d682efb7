"""How long work reports on itself: values for a callback, and one JSON object per line for a pipe."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TextIO

from storage.errors import SilverspanError


class Stage(StrEnum):
    """The stretches of a job, in the order in which they come."""

    FEATURES = "features"
    TRAIN = "train"
    EVALUATE = "evaluate"
    PREDICT = "predict"


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` texts (features), steps (train) or windows (predict, evaluate).

    `loss` in nats; `samples_per_s` are windows, `tokens_per_s` real tokens, `mfu` is a share (`model.flops`).
    """

    stage: Stage
    done: int
    total: int
    loss: float | None = None
    samples_per_s: float | None = None
    tokens_per_s: float | None = None
    mfu: float | None = None


OnProgress = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """The callback of a caller who does not want to know."""


def counting(stage: Stage, total: int, on_progress: OnProgress) -> Callable[[int], None]:
    """A callback that is told how many more are done, and reports how many are."""
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        on_progress(Progress(stage, done, total))

    return more


class EventStream:
    """Writes events as JSON lines and flushes each, so that a parent process sees them as they happen."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def progress(self, progress: Progress) -> None:
        """An `OnProgress` callback; figures that are not known are left out."""
        known = {name: value for name, value in asdict(progress).items() if value is not None}
        self._write("progress", known)

    def done(self, result: dict[str, Any]) -> None:
        """The last line of a job that ended well."""
        self._write("done", result)

    def error(self, error: SilverspanError) -> None:
        """The last line of a job that failed."""
        self._write(
            "error", {"kind": type(error).__name__, "message": str(error), "retryable": error.retryable}
        )

    def _write(self, event: str, fields: dict[str, Any]) -> None:
        # ASCII only: the parent decides nothing about encodings.
        self._stream.write(json.dumps({"event": event, **fields}) + "\n")
        self._stream.flush()
