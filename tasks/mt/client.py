"""Texts through an engine: what the memory holds is not asked for again, what comes back is stored at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from tasks.mt.engine import Engine, Limits
from tasks.mt.errors import BrokenAnswer

Progress = Callable[[int, int], None]
"""Called with the number of segments done and of all that had to be sent."""


class MemoryView(Protocol):
    """The translation memory bound to one generation of an engine and one pair of languages."""

    def lookup(self, texts: Sequence[str]) -> dict[str, str]:
        """The translations of those texts that it holds."""
        ...

    def add(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Keep (text, translation) pairs for good before returning."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call to `translate` cost, or would cost.

    Of the `segments` distinct texts, `remembered` were in the memory, `too_long` exceed what one request may hold and
    were not sent, and the engine had nothing for `untranslated` of the rest. `characters_sent` counts code points.
    """

    segments: int
    remembered: int
    requests: int
    characters_sent: int
    too_long: int = 0
    untranslated: int = 0


def plan(engine: Engine, texts: Iterable[str], memory: MemoryView) -> Usage:
    """What `translate` would send, without sending it."""
    return _planned(engine, texts, memory)[0]


def translate(
    engine: Engine,
    texts: Iterable[str],
    source: str,
    target: str,
    *,
    memory: MemoryView,
    workers: int | None = None,
    on_progress: Progress | None = None,
) -> Usage:
    """Bring every text's translation into the memory, as far as the engine has one.

    The memory is used by the calling thread alone. When a request fails, those under way are still waited for and
    stored, no new one is sent, and the failure is raised: a second call sends only what is missing.

    Args:
        engine: whom to ask.
        texts: marked segments in the engine's dialect; equal ones are sent once.
        source: their language.
        target: the language wanted.
        memory: where translations are looked up and kept.
        workers: how many requests may be under way at once; the engine's own number by default.
        on_progress: told after each request.

    Raises:
        EngineError: as the engine raised it; BrokenAnswer also where it answered too few or too many texts.
    """
    usage, requests = _planned(engine, texts, memory)
    total, done, untranslated = sum(map(len, requests)), 0, 0
    for request, answers in _answers(engine, requests, source, target, workers or engine.workers):
        pairs = [(text, answer) for text, answer in zip(request, answers, strict=True) if answer is not None]
        memory.add(pairs)
        untranslated += len(request) - len(pairs)
        done += len(request)
        if on_progress is not None:
            on_progress(done, total)
    return Usage(
        usage.segments, usage.remembered, usage.requests, usage.characters_sent, usage.too_long, untranslated
    )


def pack(texts: Iterable[str], limits: Limits) -> Iterator[list[str]]:
    """Texts in order, in requests as full as the limits allow; no text may be longer than a request.

    >>> list(pack(["aa", "b", "cc", "d"], Limits(max_segments=2, max_chars=3)))
    [['aa', 'b'], ['cc', 'd']]
    """
    request: list[str] = []
    chars = 0
    for text in texts:
        if request and (len(request) == limits.max_segments or chars + len(text) > limits.max_chars):
            yield request
            request, chars = [], 0
        request.append(text)
        chars += len(text)
    if request:
        yield request


def _planned(engine: Engine, texts: Iterable[str], memory: MemoryView) -> tuple[Usage, list[list[str]]]:
    distinct = list(dict.fromkeys(texts))
    known = memory.lookup(distinct)
    missing = [text for text in distinct if text not in known]
    short = [text for text in missing if len(text) <= engine.limits.max_chars]
    requests = list(pack(short, engine.limits))
    usage = Usage(
        segments=len(distinct),
        remembered=len(distinct) - len(missing),
        requests=len(requests),
        characters_sent=sum(map(len, short)),
        too_long=len(missing) - len(short),
    )
    return usage, requests


def _answers(
    engine: Engine, requests: Iterable[list[str]], source: str, target: str, workers: int
) -> Iterator[tuple[list[str], list[str | None]]]:
    """Requests with their answers as they return, at most `workers` under way; the first failure is raised last."""
    queue = iter(requests)
    running: dict[Future[list[str | None]], list[str]] = {}
    failure: BaseException | None = None
    with ThreadPoolExecutor(workers) as pool:
        while True:
            while failure is None and len(running) < workers and (request := next(queue, None)) is not None:
                running[pool.submit(_ask, engine, request, source, target)] = request
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                request = running.pop(future)
                if (error := future.exception()) is None:
                    yield request, future.result()
                else:
                    failure = failure or error
    if failure is not None:
        raise failure


def _ask(engine: Engine, request: list[str], source: str, target: str) -> list[str | None]:
    answers = engine.translate(request, source, target)
    if len(answers) != len(request):
        raise BrokenAnswer(
            f"The engine {engine.name!r} gave {len(answers)} answers for {len(request)} texts; try again."
        )
    return answers
