"""One pace for all who ask the same engine: threads, processes and, through a shared database, machines.

It begins at the rate that the engine declares (`Engine.rate`), from what its service documents.

The pace is a state that everyone reads and changes atomically (`storage.states`). It holds how many requests and
characters a second may go out, and the moment from which the next one may. Whoever wants to send takes the next free
moment and waits for it: nobody needs to be asked, and a worker that dies leaves nothing behind but its moment.

It adapts: when the service says "slow down", the pace is halved, from the pace that was really kept where none was set;
undisturbed, it rises by a tenth every ten seconds. What a service says about when to come back (`Retry-After`) binds
everyone.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from storage.states import States

Clock = Callable[[], float]
"""Seconds since the epoch: the one clock that processes and machines have in common."""

Pause = Callable[[float], None]
"""Waits so many seconds."""

HALVED = 0.5
RAISED = 1.1
RAISE_EVERY_S = 10.0
SLOWEST = 0.05
"""Requests a second that are always left: one in twenty seconds."""

ONE_COMPLAINT_S = 2.0
"""Complaints within so many seconds are about the same haste: eight workers must not halve the pace eight times."""

LONGEST_HOLD_S = 1800.0
"""Who is told to wait for longer gives up instead, so such a wait binds nobody else; and no clock put right does."""

SEEN = 20
"""From so many of the last requests the real pace is told."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast an engine may be asked, and with how many code points, a second; None: as fast as it answers."""

    requests_per_s: float | None = None
    chars_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Gait:
    """The shared state: rates now, when the next request may go, when the pace last changed, and who went lately."""

    requests_per_s: float | None = None
    chars_per_s: float | None = None
    free_at: float = 0.0
    hold_until: float = 0.0
    slowed_at: float = 0.0
    changed_at: float = 0.0
    seen: list[tuple[float, int]] = field(default_factory=list)


class Pace:
    """The pace of one engine.

    Args:
        states: where it is kept, for as many workers as share it.
        name: whose pace it is: the engine as it was named, address included.
        rate: what the service is known to bear; the pace never rises above it.
        clock: tells the time.
    """

    def __init__(self, states: States, name: str, rate: Rate = Rate(), clock: Clock = time.time) -> None:
        self._states = states
        self._name = f"pace of {name}"
        self._rate = rate
        self._clock = clock

    def wait(self, characters: int, pause: Pause) -> None:
        """Return at the moment at which a request of so many characters may go out."""
        while True:
            moment = self._states.update(self._name, lambda state: self._taken(state, characters))
            if (wait_s := moment - self._clock()) > 0:
                pause(wait_s)
            if self._gait(self._states.read(self._name)).hold_until <= max(moment, self._clock()):
                return

    def hold(self, seconds: float) -> None:
        """Nobody asks for so long: the service said when it wants to be asked again."""
        self._states.update(self._name, lambda state: (self._held(self._gait(state), seconds), None))

    def slow_down(self, seconds: float | None) -> None:
        """Everyone asks half as fast from now on, and not at all for `seconds` where the service said so."""
        self._states.update(self._name, lambda state: (self._slowed(state, seconds or 0.0), None))

    @property
    def rate(self) -> Rate:
        """The pace at this moment."""
        gait = self._gait(self._states.read(self._name))
        return Rate(gait.requests_per_s, gait.chars_per_s)

    def _gait(self, state: dict[str, Any]) -> _Gait:
        return _Gait(**state) if state else _Gait(self._rate.requests_per_s, self._rate.chars_per_s)

    def _taken(self, state: dict[str, Any], characters: int) -> tuple[dict[str, Any], float]:
        """The next free moment, taken; the one after it is as much later as this request takes up."""
        now = self._clock()
        gait = self._raised(self._gait(state), now)
        moment = max(now, min(max(gait.free_at, gait.hold_until), now + LONGEST_HOLD_S))
        takes_s = max(_share(1, gait.requests_per_s), _share(characters, gait.chars_per_s))
        seen = [*gait.seen, (moment, characters)][-SEEN:]
        return asdict(replace(gait, free_at=moment + takes_s, seen=seen)), moment

    def _raised(self, gait: _Gait, now: float) -> _Gait:
        steps = int((now - gait.changed_at) / RAISE_EVERY_S) if gait.changed_at else 0
        if steps < 1:
            return gait
        factor = RAISED ** min(steps, 100)
        return replace(
            gait,
            requests_per_s=_below(gait.requests_per_s, factor, self._rate.requests_per_s),
            chars_per_s=_below(gait.chars_per_s, factor, self._rate.chars_per_s),
            changed_at=now,
        )

    def _held(self, gait: _Gait, seconds: float) -> dict[str, Any]:
        binding_s = seconds if seconds <= LONGEST_HOLD_S else 0.0
        until = max(gait.hold_until, self._clock() + binding_s)
        return asdict(replace(gait, hold_until=until, free_at=max(gait.free_at, until)))

    def _slowed(self, state: dict[str, Any], seconds: float) -> dict[str, Any]:
        now, gait = self._clock(), self._gait(state)
        if now - gait.slowed_at >= ONE_COMPLAINT_S:
            requests_per_s = gait.requests_per_s or _kept(gait.seen, now)
            gait = replace(
                gait,
                requests_per_s=max(SLOWEST, HALVED * requests_per_s),
                chars_per_s=gait.chars_per_s and HALVED * gait.chars_per_s,
                slowed_at=now,
                changed_at=now,
            )
        return self._held(gait, seconds)


def _share(amount: float, per_s: float | None) -> float:
    return amount / per_s if per_s else 0.0


def _below(rate: float | None, factor: float, most: float | None) -> float | None:
    return None if rate is None else min(rate * factor, most if most is not None else math.inf)


def _kept(seen: list[tuple[float, int]], now: float) -> float:
    """Requests a second that really went out lately."""
    sent = [moment for moment, _ in seen if moment <= now]
    return len(sent) / max(now - sent[0], 0.1) if sent else 1.0
