"""A queue of requests worked off: what is sent, what is sent again, and what is stored.

Several workers send; one thread, the caller's, judges what comes back, stores it, and only then lets the next go.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from storage.silver import Reason, Refusal
from tasks.mt.checking import Asked, Check
from tasks.mt.errors import BrokenAnswer, RetryLater, TooLarge
from tasks.mt.packing import halves, pack
from tasks.mt.sending import Halted, Patience, Sender

TRIES = 3
"""How often a request is sent that comes back broken, and a text that comes back unusable."""

SINGLE_TRIES = 3 * TRIES
"""How often a single text is sent that comes back broken, with the rest of the queue in between."""

DOUBT_EVERY = 20
"""After so many broken answers in a row a text is sent again that was once answered well."""

OUT_OF_ORDER = 60
"""After so many the service is taken to be out of order."""

Progress = Callable[[int, int], None]
"""Called with the number of segments done and of all that had to be sent."""


class MemoryView(Protocol):
    """The translation memory bound to one generation of an engine and one pair of languages."""

    def lookup(self, texts: Sequence[str]) -> dict[str, str]:
        """The translations of those texts that it holds."""
        ...

    def add(self, pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Keep (text, translation) pairs for good before returning what it holds of those texts now.

        Another translation than the one given where somebody else's came first.
        """
        ...

    def refusals(self, texts: Sequence[str]) -> dict[str, Refusal]:
        """What is known of those texts that were answered without a usable translation so far."""
        ...

    def refuse(self, refusals: Mapping[str, Refusal]) -> None:
        """Keep, by text, that an answer was unusable, for good before returning."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """A request: its texts, how often they were answered unusably, and what became of this very request so far."""

    texts: tuple[str, ...]
    asks: int = 0
    put_off: int = 0
    broken: int = 0
    wait_s: float = 0.0


@dataclass(slots=True)
class _Doubts:
    """Single texts that came back broken to the last: is it they, or is it the service?

    Any good answer in between clears the service. Where none comes by itself, `control`, the shortest text that was
    answered well, in this run or before, is sent once more.
    """

    control: str | None = None
    refusals: dict[str, Refusal] = field(default_factory=dict)
    error: BrokenAnswer | None = None
    broken_in_a_row: int = 0


class Session:
    """One queue for one engine and pair of languages.

    Args:
        sender: who sends.
        memory: where answers and refusals are kept; used by the calling thread alone.
        check: tells usable answers.
        patience: how long to go on when the service cannot answer now.
        on_progress: told after each request.
        control: a text that the engine has translated before.
    """

    def __init__(
        self,
        sender: Sender,
        memory: MemoryView,
        check: Check,
        patience: Patience,
        on_progress: Progress | None = None,
        control: str | None = None,
    ) -> None:
        self.refused: dict[str, Refusal] = {}
        self.translations: dict[str, str] = {}
        self._sender, self._memory, self._check, self._patience = sender, memory, check, patience
        self._on_progress = on_progress
        self._queue: deque[Job] = deque()
        self._running: dict[Future[list[str | None]], Job] = {}
        self._failure: BaseException | None = None
        self._doubts = _Doubts(control)
        self._jitter = random.Random()
        self._done = self._total = 0

    def run(self, texts: Mapping[int, Iterable[str]], workers: int) -> None:
        """Send texts, given by how often they were asked for before, until each is translated or refused.

        Raises:
            EngineError: what ended the work early; all that came back is stored.
        """
        for asks, some in texts.items():
            requests = pack(some, self._sender.engine.limits)
            self._queue.extend(Job(tuple(request), asks) for request in requests)
        self._total = sum(len(job.texts) for job in self._queue)
        with ThreadPoolExecutor(workers) as pool:
            try:
                while self._filled(pool, workers):
                    self._settle_some()
            except BaseException:
                self._sender.halt()
                self._rescue()
                raise
        # Where not one good answer tells that the service is sound, nothing is held against the texts.
        if (failure := self._failure or self._doubts.error) is not None:
            raise failure

    def _filled(self, pool: ThreadPoolExecutor, workers: int) -> bool:
        """Whether anything is under way, once free workers have been given what waits."""
        if not self._queue and not self._running and self._doubts.refusals:
            self._ask_control()
        while self._failure is None and self._queue and len(self._running) < workers:
            job = self._queue.popleft()
            self._running[pool.submit(self._sender.send, job.texts, job.wait_s)] = job
        return bool(self._running)

    def _settle_some(self) -> None:
        for future in wait(self._running, return_when=FIRST_COMPLETED).done:
            job, error = self._running[future], future.exception()
            if error is None:
                self._answered(job, future.result())
            elif not isinstance(error, Halted):
                self._failed(job, error)
            del self._running[future]

    def _rescue(self) -> None:
        """What is under way was paid for: store it even where this thread is being stopped."""
        for future in wait(self._running).done:
            if future.exception() is None:
                with suppress(Exception):
                    self._answered(self._running[future], future.result())

    def _answered(self, job: Job, answers: Sequence[str | None]) -> None:
        """Store the usable answers, and why the others are not; then ask again for those that may yet come."""
        good: list[tuple[str, str]] = []
        bad: dict[str, Refusal] = {}
        for text, answer in zip(job.texts, answers, strict=True):
            refusal = self._judged(text, answer, job.asks + 1)
            if refusal is not None:
                bad[text] = refusal
            elif answer is not None:
                good.append((text, answer))
        self.translations.update(self._memory.add(good))
        if good:
            self._cleared(good)
        self._refuse(bad)
        self._told(len(good))
        if again := tuple(text for text, refusal in bad.items() if refusal.asks < TRIES):
            self._queue.append(Job(again, job.asks + 1))

    def _judged(self, text: str, answer: str | None, asks: int) -> Refusal | None:
        sender = self._sender
        if answer is None:
            return Refusal(
                Reason.NOT_TRANSLATED, f"{sender.engine.name!r} has no translation of it", asks=TRIES
            )
        asked = Asked(text, sender.engine.markup, sender.source, sender.target)
        found = self._check(asked, answer)
        return None if found is None else replace(found, asks=asks)

    def _refuse(self, refusals: Mapping[str, Refusal]) -> None:
        """Remember unusable answers, so that another run goes on with asking where this one stops."""
        self._memory.refuse(refusals)
        final = {text: refusal for text, refusal in refusals.items() if refusal.asks >= TRIES}
        self.refused.update(final)
        self._told(len(final))

    def _told(self, settled: int) -> None:
        self._done = min(self._done + settled, self._total)
        if self._on_progress is not None and settled:
            self._on_progress(self._done, self._total)

    def _failed(self, job: Job, error: BaseException) -> None:
        if isinstance(error, RetryLater):
            self._put_off(job, error)
        elif isinstance(error, TooLarge):
            if not self._split(job):
                self._refuse({job.texts[0]: Refusal(Reason.TOO_LONG, str(error), asks=TRIES)})
        elif isinstance(error, BrokenAnswer):
            self._broken(job, error)
        else:
            self._end(error)

    def _put_off(self, job: Job, error: RetryLater) -> None:
        tried = job.put_off + 1
        if self._patience.gives_up(tried, error.retry_after_s):
            self._end(error)
            return
        wait_s = self._patience.wait_s(tried, error.retry_after_s, self._jitter.random())
        self._queue.appendleft(replace(job, put_off=tried, wait_s=wait_s))

    def _split(self, job: Job) -> bool:
        """Both halves in the place of a request; whether it had two."""
        if len(job.texts) > 1:
            self._queue.extendleft(Job(texts, job.asks) for texts in reversed(halves(job.texts)))
        return len(job.texts) > 1

    def _broken(self, job: Job, error: BrokenAnswer) -> None:
        self._doubts.broken_in_a_row += 1
        again = replace(job, broken=job.broken + 1, wait_s=self._backoff(job.broken + 1))
        if self._doubts.broken_in_a_row >= OUT_OF_ORDER:
            self._end(error)
            return
        if again.broken < TRIES:
            self._queue.appendleft(again)
        elif not self._split(job):
            self._isolated(again, error)
        if self._doubts.broken_in_a_row % DOUBT_EVERY == 0 and self._failure is None:
            self._ask_control()

    def _isolated(self, job: Job, error: BrokenAnswer) -> None:
        """A single text that came back broken: again after all others, as what is wrong may pass; in the end, doubt."""
        text = job.texts[0]
        if job.broken < SINGLE_TRIES:
            self._queue.append(job)
        elif text == self._doubts.control:
            self._end(error)
        else:
            self._doubts.refusals[text] = Refusal(Reason.BROKEN_ANSWER, str(error), asks=TRIES)
            self._doubts.error = error

    def _backoff(self, tried: int) -> float:
        return self._patience.wait_s(tried, None, self._jitter.random())

    def _ask_control(self) -> None:
        if self._doubts.control is not None:
            self._queue.appendleft(Job((self._doubts.control,)))

    def _cleared(self, good: Sequence[tuple[str, str]]) -> None:
        """A good answer: the service is sound, and what it broke on before is broken by itself."""
        doubts = self._doubts
        doubts.broken_in_a_row = 0
        texts = [text for text, _ in good]
        doubts.control = min([*texts, *([doubts.control] if doubts.control is not None else [])], key=len)
        refusals, doubts.refusals, doubts.error = doubts.refusals, {}, None
        self._refuse(refusals)

    def _end(self, error: BaseException) -> None:
        self._sender.halt()
        self._failure = self._failure or error
        self._queue.clear()
