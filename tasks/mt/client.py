"""Texts through an engine: what the memory holds is not asked for again, what comes back is stored at once.

An engine makes one attempt of one request; what follows from its failure is decided here (`tasks.mt.session`):

    RetryLater, SlowDown    the same request again, after the time asked for, else after a growing time with jitter
    TooLarge                both halves; a single text is refused by name
    BrokenAnswer            the same request up to three times, then both halves; a single text, in the end, is refused
    FinalError              no worker sends anything more; what is under way is awaited and stored; the error is raised
    an unusable answer      asked for again, three times in all, then refused by name

A text without a usable translation is never dropped in silence: `Usage.refused` says why, and the memory remembers it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from storage.silver import Reason, Refusal
from tasks.mt.budget import Budget
from tasks.mt.checking import Check, check_answer, is_text
from tasks.mt.engine import Engine
from tasks.mt.pace import Pace, Pause
from tasks.mt.packing import characters, fits, pack
from tasks.mt.sending import PATIENCE, Patience, Sender
from tasks.mt.session import TRIES, MemoryView, Progress, Session


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call to `translate` cost, or would cost.

    Of the `segments` distinct texts, `remembered` were known in the memory, as translated or as refused for good.
    `requests` and `characters_sent` (code points) count every attempt. `refused` are the texts without a usable
    translation, whether they were refused now or earlier; `translations` are those of all others, as the memory holds
    them, once they were asked for.
    """

    segments: int
    remembered: int
    requests: int
    characters_sent: int
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    translations: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def reasons(self) -> Counter[Reason]:
        """How many texts have no usable translation, by reason."""
        return Counter(refusal.reason for refusal in self.refused.values())


def plan(engine: Engine, texts: Iterable[str], memory: MemoryView) -> Usage:
    """What `translate` would send, without sending it; an engine that makes trouble needs more."""
    work = _planned(engine, texts, memory)
    requests = [request for some in work.missing.values() for request in pack(some, engine.limits)]
    sent = sum(map(characters, requests))
    return Usage(work.segments, work.remembered, len(requests), sent, work.refused)


def translate(
    engine: Engine,
    texts: Iterable[str],
    source: str,
    target: str,
    *,
    memory: MemoryView,
    workers: int | None = None,
    pace: Pace | None = None,
    budget: Budget | None = None,
    on_progress: Progress | None = None,
    check: Check = check_answer,
    patience: Patience = PATIENCE,
    pause: Pause | None = None,
) -> Usage:
    """Bring every text's translation, or the reason why it has none, into the memory.

    The memory is used by the calling thread alone, which stores what a request brought before it lets the next one go.
    When a request fails for good, those under way are still waited for and stored, no new one is sent, and the failure
    is raised: a second call sends only what is missing.

    Args:
        engine: whom to ask.
        texts: marked segments in the engine's style; equal ones are sent once.
        source: their language.
        target: the language wanted.
        memory: where translations are looked up and kept.
        workers: how many requests may be under way at once; the engine's own number by default.
        pace: shared by all who ask this engine.
        budget: shared by all workers of this run.
        on_progress: told after each request.
        check: tells usable answers.
        patience: how long to go on when the service cannot answer now.
        pause: waits so many seconds; by default in a way that ends when the run does.

    Raises:
        FinalError: as the engine raised it, here or in another worker of the run; BudgetSpent among them.
        RetryLater, BrokenAnswer: the service did not come back in time, or is out of order.
    """
    work = _planned(engine, texts, memory)
    sender = Sender(engine, source, target, pace, budget, pause)
    session = Session(sender, memory, check, patience, on_progress, work.control)
    session.run(work.missing, workers or engine.workers)
    translations = {**work.known, **session.translations}
    # A text that was asked again only to see whether the service is sound keeps what it had.
    refused = {t: r for t, r in {**work.refused, **session.refused}.items() if t not in translations}
    return Usage(work.segments, work.remembered, sender.requests, sender.characters, refused, translations)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be done: the texts that are missing by how often they were asked for already, and what is settled."""

    segments: int
    remembered: int
    missing: dict[int, list[str]]
    refused: dict[str, Refusal]
    known: dict[str, str]
    control: str | None
    """A short text that was translated before, to tell a broken service from a text that breaks it."""


def _planned(engine: Engine, texts: Iterable[str], memory: MemoryView) -> _Work:
    distinct = list(dict.fromkeys(texts))
    sound = [text for text in distinct if is_text(text)]
    known = memory.lookup(sound)
    unknown = [text for text in sound if text not in known]
    before = memory.refusals(unknown)
    missing: dict[int, list[str]] = {}
    refused = {text: _NOT_TEXT for text in distinct if not is_text(text)}
    remembered = len(known)
    for text in unknown:
        earlier = before.get(text, _NEVER_ASKED)
        if earlier.asks >= TRIES:
            refused[text] = earlier
            remembered += 1
        elif not fits(text, engine.limits):
            refused[text] = _too_long(engine, text)
        else:
            missing.setdefault(earlier.asks, []).append(text)
    control = min((text for text in known if text.strip()), key=len, default=None)
    return _Work(len(distinct), remembered, dict(sorted(missing.items())), refused, known, control)


_NOT_TEXT = Refusal(Reason.NOT_TEXT, "it holds NUL or half a character")
_NEVER_ASKED = Refusal(Reason.NOT_TRANSLATED)


def _too_long(engine: Engine, text: str) -> Refusal:
    detail = f"its {len(text):,} characters are more than a request to {engine.name!r} may hold"
    return Refusal(Reason.TOO_LONG, detail)
