"""Has an engine changed? Its canary set is translated again and laid beside what it answered before.

A change is another version or other options than it reported before, or answers that have moved by more than a
threshold. Nothing else opens a generation. Whoever answers a little differently each time is asked twice before it is
said to have changed: what lies between its own two answers is noise, and does not count.

Three generations of a kind play a part: the one that the world was last told of, the one that a build would use now,
and the one after the watch. A watch that dies between opening a generation and telling of it has opened one that the
next watch finds untold, and tells.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import pyarrow as pa

from storage.generations import CANARY_SCHEMA, Generation, Generations, Probed
from storage.watches import Watches
from tasks.mt.canary import NOT_REPORTED, THRESHOLD, options_of
from tasks.mt.client import Usage
from tasks.mt.engine import Engine
from tasks.mt.fresh import FreshMemory
from tasks.scoring.drift import Drift, bound, drift

Ask = Callable[[Engine, Sequence[str], FreshMemory], Usage]
"""Has an engine translate texts into a memory."""

Answers = dict[str, str | None]


class Cause(StrEnum):
    """Why an engine is said to have changed."""

    OPTIONS = "options"
    """It is asked with other options, or has other content (a table, weights), than before."""
    VERSION = "version"
    """It reports another version."""
    OUTPUT = "output"
    """Its answers have moved by more than the threshold."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a watch of one engine and language found; `before` is None where it is used for the first time.

    `noise` is by how much its answers move when it is asked twice, where that was tried; `threshold` what they had to
    move by to count as changed, both in points of chrF. `answers` and `earlier` are the answers now and before.
    """

    before: Generation | None
    after: Generation
    drift: Drift | None
    noise: float | None
    threshold: float
    answers: Answers
    earlier: Answers
    usages: tuple[Usage, ...]

    @property
    def cause(self) -> Cause | None:
        """Why there is another generation; None where there is none."""
        if self.before is None or self.before.id == self.after.id:
            return None
        if self.before.options != self.after.options:
            return Cause.OPTIONS
        return Cause.OUTPUT if self.before.version == self.after.version else Cause.VERSION


@dataclass(frozen=True, slots=True)
class Watch:
    """One watch of one engine and language.

    Args:
        generations: where generations are recorded.
        engine: whom to watch.
        spec: how it is named, options included.
        target: what it translates English into.
        ask: has it translate texts; what it raises ends the watch.
        threshold: points of chrF by which answers may move unnoticed.
    """

    generations: Generations
    engine: Engine
    spec: str
    target: str
    ask: Ask
    threshold: float = THRESHOLD

    def look(self, texts: Sequence[str]) -> Finding:
        """Ask for the canary set once more and judge the answers; open a generation if they tell of a change.

        Args:
            texts: the canary set in the engine's style.

        Raises:
            EngineError: it does not translate this pair, or cannot be asked.
        """
        watches = Watches(self.generations.store)
        name, options = self.engine.name, options_of(self.engine.identity("en", self.target))
        known = self.generations.current(name, self.target, options)
        before = watches.told(self.spec, name, self.target) or known or self._newest()
        if before is not None:
            watches.tell(self.spec, before)
        earlier = {} if before is None else _answers(watches.answers(before))
        asked = list(dict.fromkeys([*texts, *({} if earlier.keys() >= set(texts) else earlier)]))
        probed, usage = self._asked(asked)
        if known is None:
            after = self.generations.opened(name, self.target, options, lambda _number: probed)
            watches.add(after, _table(_of(probed)))
            moved = drift(earlier, _of(probed))
            return self._finding(before, after, moved, None, probed, earlier, usage)
        found = self._compared(watches, known, probed, usage)
        if before is None or before.id == known.id:
            return found
        return replace(found, before=before, earlier=earlier, drift=drift(earlier, found.answers))

    def _compared(self, watches: Watches, known: Generation, probed: Probed, usage: Usage) -> Finding:
        """Judge the answers of an engine whose options are known, against those of its generation."""
        baseline, usages, noise = _answers(watches.answers(known)), [usage], None
        moved = drift(baseline, _of(probed))
        over = reports_another(known.version, probed.version)
        if not over and moved is not None and moved.moved > self.threshold:
            again, more = self._asked([text for text in baseline if text in _of(probed)])
            usages.append(more)
            noisy = drift(_of(probed), _of(again))
            noise = 0.0 if noisy is None else noisy.moved
            over = moved.moved > bound(self.threshold, noise)
        after = self.generations.succeeded(known, probed) if over else known
        watches.add(after, _table(_of(probed)))
        return self._finding(known, after, moved, noise, probed, baseline, *usages)

    def _newest(self) -> Generation | None:
        """An engine that was used before with other options, and never watched, is taken to be the same."""
        return next(reversed(self.generations.list(self.engine.name, self.target)), None)

    def _asked(self, texts: Sequence[str]) -> tuple[Probed, Usage]:
        memory = FreshMemory()
        usage = self.ask(self.engine, texts, memory)
        answers = {text: memory.known.get(text) for text in texts}
        table = _table(answers) if texts else None
        return Probed(self.engine.identity("en", self.target).version, table), usage

    def _finding(
        self,
        before: Generation | None,
        after: Generation,
        moved: Drift | None,
        noise: float | None,
        probed: Probed,
        earlier: Answers,
        *usages: Usage,
    ) -> Finding:
        limit = bound(self.threshold, noise or 0.0)
        return Finding(before, after, moved, noise, limit, _of(probed), earlier, usages)


def reports_another(before: str, now: str) -> bool:
    """Whether an engine tells that it is another version; one that says nothing tells nothing.

    >>> reports_another("3.8", "3.9"), reports_another(NOT_REPORTED, "3.9")
    (True, False)
    """
    return before != now and NOT_REPORTED not in (before, now)


def _answers(table: pa.Table) -> Answers:
    return dict(zip(table["text"].to_pylist(), table["translation"].to_pylist(), strict=True))


def _of(probed: Probed) -> Answers:
    return {} if probed.answers is None else _answers(probed.answers)


def _table(answers: Mapping[str, str | None]) -> pa.Table:
    rows = {"text": list(answers), "translation": list(answers.values()), "reason": [None] * len(answers)}
    return pa.Table.from_pydict(rows, schema=CANARY_SCHEMA)
