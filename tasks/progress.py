"""Progress of long steps: an artifact in the Prefect UI, and whoever listens in this process (the terminal's bar)."""

import contextlib
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, cast
from uuid import UUID

import httpx
from prefect.artifacts import create_progress_artifact, update_progress_artifact

Listener = Callable[[str, int, int | None], None]
"""Is told (what, done, total or None)."""

UPDATE_S = 2.0
"""Seconds between two updates of the artifact: each is a request to the server."""

SHOWN_AFTER_S = 10.0
"""Seconds that work takes before it is shown: hundreds of shards that are done sooner would keep the server busy."""

_listeners: list[Listener] = []


def listen(listener: Listener) -> Callable[[], None]:
    """Have a function told of all progress in this process; the function returned ends that."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def tell(what: str, done: int, total: int | None) -> None:
    """Tell the listeners."""
    for listener in tuple(_listeners):
        listener(what, done, total)


class Progress:
    """Progress of one task run, as a context manager around the work; `advance` is safe to call very often.

    Under a key the artifact stands among the UI's artifacts from the beginning, the last run's in front. Without one it
    is there only for work that takes longer than `SHOWN_AFTER_S`.
    """

    def __init__(self, what: str, key: str | None = None) -> None:
        self.what = what
        self._key = key
        self._figures = ""
        self._artifact: UUID | None = None
        self._next = 0.0

    def __enter__(self) -> Self:
        if self._key:
            self._artifact = self._created(0.0)
        self._next = time.monotonic() + (UPDATE_S if self._key else SHOWN_AFTER_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._artifact:
            self._show(100.0)

    def advance(self, done: int, total: int | None, figures: str = "") -> None:
        """Say how far the work has come, and how it goes; without figures it is told how much is done."""
        tell(self.what, done, total)
        self._figures = figures or (f"{done:,} of {total:,}" if total else f"{done:,}")
        if total and time.monotonic() >= self._next:
            self._next = time.monotonic() + UPDATE_S
            self._show(100.0 * done / total)

    def _show(self, percent: float) -> None:
        # What shows the work must not end it: the server may be away for a while.
        with contextlib.suppress(httpx.HTTPError):
            if self._artifact is None:
                self._artifact = self._created(percent)
            else:
                update_progress_artifact(self._artifact, percent, description=self._described)

    def _created(self, percent: float) -> UUID:
        return cast(UUID, create_progress_artifact(percent, key=self._key, description=self._described))

    @property
    def _described(self) -> str:
        return f"{self.what}: {self._figures}" if self._figures else self.what
