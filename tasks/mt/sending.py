"""One attempt of one request, made by a worker when its time has come."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.mt.budget import Budget
from tasks.mt.engine import Engine
from tasks.mt.errors import BrokenAnswer, FinalError, RetryLater, SlowDown, TooLarge, UnknownPair
from tasks.mt.pace import Pace, Pause
from tasks.mt.packing import characters


class Halted(Exception):
    """Raised in a worker that was about to send when its run ended."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request that cannot be answered now is tried again: some ten minutes with these."""

    tries: int = 15
    first_s: float = 1.0
    longest_s: float = 60.0
    longest_asked_s: float = 1800.0

    def wait_s(self, tried: int, asked_s: float | None, jitter: float) -> float:
        """Seconds before the next try: what was asked for, or twice as long each time, half of it by chance.

        >>> [Patience().wait_s(tried, None, 1.0) for tried in (1, 2, 3, 20)], Patience().wait_s(1, 7.0, 0.5)
        ([1.0, 2.0, 4.0, 60.0], 7.0)
        """
        if asked_s is not None:
            return asked_s
        grown = self.first_s * 2.0 ** min(tried - 1, 30)
        return min(self.longest_s, grown) * (0.5 + 0.5 * jitter)

    def gives_up(self, tried: int, asked_s: float | None) -> bool:
        """Whether so many tries, or such a wait, are too much."""
        return tried >= self.tries or (asked_s or 0.0) > self.longest_asked_s


PATIENCE = Patience()
"""What suits a paid service."""


class Sender:
    """Sends requests from several threads at once, and lets everyone know at once what concerns everyone.

    Args:
        engine: whom to ask.
        source: the language of the texts.
        target: the language wanted.
        pace: shared by all who ask this engine.
        budget: shared by all workers of the run.
        pause: waits so many seconds; by default in a way that ends when the run does.
    """

    def __init__(
        self,
        engine: Engine,
        source: str,
        target: str,
        pace: Pace | None = None,
        budget: Budget | None = None,
        pause: Pause | None = None,
    ) -> None:
        self.engine, self.source, self.target = engine, source, target
        self.requests = self.characters = 0
        self._pace, self._budget = pace, budget
        self._halted = threading.Event()
        self._pause: Pause = self._wait if pause is None else pause
        self._counting = threading.Lock()

    def halt(self) -> None:
        """Nothing more is sent; whoever waits for their turn stops waiting."""
        self._halted.set()

    def send(self, texts: Sequence[str], wait_s: float) -> list[str | None]:
        """One attempt, in `wait_s` seconds at the earliest.

        Raises:
            Halted: the run ended first, and nothing was sent.
            EngineError: what the engine met, or another worker of the run; nothing is sent after a final one.
        """
        size = characters(texts)
        try:
            self._await_turn(size, wait_s)
            return self._asked(texts)
        except (RetryLater, TooLarge) as error:
            self._turned_away(error, size)
            raise
        except FinalError as error:
            self._halted.set()
            if self._budget is not None and not isinstance(error, UnknownPair):
                self._budget.halt(error)
            raise

    def _await_turn(self, size: int, wait_s: float) -> None:
        if wait_s > 0:
            self._pause(wait_s)
        if self._pace is not None and not self._halted.is_set():
            self._pace.wait(size, self._pause)
        if self._halted.is_set():
            raise Halted
        if self._budget is not None:
            self._budget.spend(size)
        with self._counting:
            self.requests += 1
            self.characters += size

    def _asked(self, texts: Sequence[str]) -> list[str | None]:
        answers = self.engine.translate(texts, self.source, self.target)
        if len(answers) != len(texts):
            raise BrokenAnswer(
                f"The engine {self.engine.name!r} gave {len(answers)} answers for {len(texts)} texts; try again."
            )
        return answers

    def _turned_away(self, error: RetryLater | TooLarge, size: int) -> None:
        if self._budget is not None:
            self._budget.give_back(size)
        if self._pace is None or isinstance(error, TooLarge):
            return
        if isinstance(error, SlowDown):
            self._pace.slow_down(error.retry_after_s)
        elif error.retry_after_s is not None:
            self._pace.hold(error.retry_after_s)

    def _wait(self, seconds: float) -> None:
        self._halted.wait(seconds)
