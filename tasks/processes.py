"""Processes of this machine that do the steps' work: Python computes on one core, however many threads it has.

Prefect's tasks stay threads of the flow's process, where one costs milliseconds; what they compute is done by a crew
of processes that know nothing of Prefect. (A task of Prefect's own process pool costs a third of a second.) A process
of the crew ends with the one that started it, however that one ends.
"""

import gc
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any, ClassVar

import pyarrow as pa

from storage.errors import JobError, SilverspanError

Json = dict[str, Any]
OnProgress = Callable[[int, int], None]
"""Is told how much is done, and of how much."""

FEW_ROWS = 2_000
"""Fewer rows than this are worked on in this process: another one takes a second or two to start."""

LISTEN_S = 0.5
"""Seconds between two looks at how far a process has come."""

TRIES = 3
"""Processes that a call is handed to one after the other, as long as it is lost before it begins."""

LAST_WORDS_S = 5.0
"""The longest that is waited for what processes told before they were lost: they have ended, or do so at once."""


class ProcessLost(JobError):
    """A process of the crew ended in the middle of its work, for want of memory, say."""

    retryable: ClassVar[bool] = True


class RunEnded(JobError):
    """The run ended while a process was at work for it."""


@dataclass(frozen=True, slots=True)
class _Pool:
    """Processes, the pipe whose end tells them to end, and our end of the one by which they tell what they do."""

    executor: ProcessPoolExecutor
    lifeline: Connection
    told: Connection
    listener: threading.Thread

    def let_go(self) -> None:
        """End what still lives of them, and `listener` with them."""
        self.lifeline.close()
        self.told.close()


@dataclass(slots=True)
class _Heard:
    """What a process has told of a call: nothing until it begins it."""

    begun: bool = False
    newest: tuple[int, int] | None = None


class Crew:
    """Processes that are started when there is work for them, and wait for more.

    Args:
        size: how many work at once.
        environment: what they are to find in theirs; asked for when the first of them is started.
    """

    def __init__(self, size: int, environment: Callable[[], Mapping[str, str]] = dict) -> None:
        self.size = size
        self._environment = environment
        self._context = multiprocessing.get_context("spawn")
        self._lock = threading.RLock()
        self._numbers = count()
        self._calls: dict[int, _Heard] = {}
        self._ended = False
        self._pool: _Pool | None = None

    def work(self, function: Callable[..., Json], call: Json, on_progress: OnProgress | None = None) -> Json:
        """Call a function of a module in a free process and wait for what it returns.

        Args:
            function: told of as `on_progress` what this one is, if it is given.
            call: its keyword arguments.
            on_progress: called in this thread.

        Raises:
            ProcessLost: the process did not live to the end of it, or no process to its beginning.
            RunEnded: `close` was called in the meantime.
        """
        number, heard = next(self._numbers), _Heard()
        self._calls[number] = heard
        told_there = (_called, function, call, number, on_progress is not None)
        tries = 0
        try:
            while True:
                try:
                    return self._waited(*self._submitted(*told_there), heard, on_progress)
                except ProcessLost:
                    tries += 1
                    # One that had not begun was lost with a process that was idle, or at another call.
                    if heard.begun or tries == TRIES:
                        raise
        finally:
            del self._calls[number]

    def _waited(
        self, pool: _Pool, future: "Future[Json]", heard: _Heard, on_progress: OnProgress | None
    ) -> Json:
        try:
            while True:
                try:
                    return future.result(LISTEN_S if on_progress else None)
                except NotYet:
                    if future.done():  # with a time-out of its own, or just now
                        return future.result()
                    if on_progress and heard.newest:
                        on_progress(*heard.newest)
        except (BrokenProcessPool, CancelledError) as error:
            raise self._lost(pool) from error

    def close(self, *, at_once: bool = False) -> None:
        """End all processes; `at_once`: in the middle of their work."""
        with self._lock:
            self._ended = True
            if self._pool:
                if at_once:
                    self._pool.lifeline.close()
                self._pool.executor.shutdown(cancel_futures=True)
                self._forget()

    def _forget(self) -> None:
        if self._pool:
            self._pool.let_go()
        self._pool = None

    def _submitted(self, function: Callable[..., Json], *arguments: object) -> tuple[_Pool, "Future[Json]"]:
        with self._lock, _nameless_main():
            pool = self._running()
            try:
                return pool, pool.executor.submit(function, *arguments)
            except BrokenProcessPool as error:
                raise self._lost(pool) from error

    def _running(self) -> _Pool:
        if self._ended:
            raise RunEnded("The run has ended; start it again to go on.")
        if self._pool is None:
            # No end of this pipe but ours can write: when this process ends, the others read its end.
            held, lifeline = self._context.Pipe(duplex=False)
            heard, told = self._context.Pipe(duplex=False)
            listener = threading.Thread(target=self._listen, args=(heard,), daemon=True)
            listener.start()
            executor = ProcessPoolExecutor(
                self.size,
                mp_context=self._context,
                initializer=_begin,
                initargs=(held, told, dict(self._environment())),
            )
            self._pool = _Pool(executor, lifeline, told, listener)
        return self._pool

    def _lost(self, pool: _Pool) -> JobError:
        """What to say of a pool that broke, once all is heard that it told; the next call gets another one."""
        with self._lock:
            if self._ended:
                return RunEnded("The run ended before this was done; start it again to go on.")
            if self._pool is pool:
                self._forget()
        pool.listener.join(LAST_WORDS_S)
        return ProcessLost(
            "A process that worked on a shard was ended from outside, perhaps for want of memory; with fewer "
            "processes (--runner local:1) less is needed."
        )

    def _listen(self, pipe: Connection) -> None:
        while True:
            try:
                number, done, total = json.loads(pipe.recv_bytes())
            except (EOFError, OSError):
                return
            if heard := self._calls.get(number):  # and not done in the meantime
                heard.begun, heard.newest = True, (done, total) if total else None


CREW: ContextVar[Crew | None] = ContextVar("CREW", default=None)
"""The crew of this run, where it has one."""


def apart(
    function: Callable[..., Json], call: Json, *, rows: int, on_progress: OnProgress | None = None
) -> Json:
    """Call a function in another process where that is worth it and there is one, else here.

    Args:
        function: a function of a module, which takes and returns what JSON can say; see `Crew.work`.
        call: its keyword arguments.
        rows: about how many rows it works on.
        on_progress: is told how far it has come.
    """
    crew = CREW.get()
    if crew is not None and rows >= FEW_ROWS:
        return crew.work(function, call, on_progress)
    return function(**call) if on_progress is None else function(**call, on_progress=on_progress)


def cores() -> int:
    """How many cores this process may use: a container has fewer than its machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_MAIN = threading.Lock()
"""There is one main module, however many crews there are."""


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Let a process that is started here not import this one's main module: a caller's script, Prefect's engine."""
    with _MAIN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


_told: Connection | None = None


def _begin(held: Connection, told: Connection, environment: Mapping[str, str]) -> None:
    """In a new process: end with the parent, and leave an interrupt of the terminal to it."""
    global _told  # noqa: PLW0603 - the initializer of a process has no other way to leave something behind
    _told = told
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(held,), daemon=True).start()


def _end_with(held: Connection) -> None:
    try:
        held.poll(None)
    finally:
        os._exit(1)


def _called(function: Callable[..., Json], call: Json, number: int, wants_progress: bool) -> Json:
    _tell(number, 0, 0)  # it has begun
    # Rows are many and never in cycles: looking for cycles among them would take a third of the time, and looking at
    # all that was imported a tenth of a second at the end of each shard.
    gc.disable()
    gc.freeze()
    try:
        return function(**call, on_progress=partial(_tell, number)) if wants_progress else function(**call)
    except Exception as error:
        # Whatever cannot be read at the other end would end the whole crew; these can.
        if not isinstance(error, SilverspanError | OSError):
            raise JobError(f"{type(error).__name__}: {error}") from error
        raise
    finally:
        gc.enable()
        gc.collect()
        # A process waits for its next shard without what Arrow would keep for it: some fifty megabytes.
        pa.default_memory_pool().release_unused()


def _tell(number: int, done: int, total: int) -> None:
    # So few bytes are written whole, whoever else writes: no lock is needed that a killed process could hold.
    if _told is not None:
        _told.send_bytes(json.dumps((number, done, total)).encode())
