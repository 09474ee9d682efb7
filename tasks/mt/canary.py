"""The canary: a fixed set of tagged segments that an engine translates when its generation is opened.

Its answers are kept beside the generation, so that it can be told later whether the engine has changed. They go through
the translation memory like all others, under a name of their own and together with the version that the engine reported
when it gave them: a run that is killed while it opens a generation pays for none of them twice.

What a user chose picks the generation. Content is part of that choice: another table, other weights are another engine,
known without asking. A table answers nothing but what stands in it, so it is not asked at all.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from storage.generations import CANARY_SCHEMA, Generation, Generations, Probed
from storage.hashing import content_id
from storage.silver import Refusal
from tasks.mt.budget import Budget
from tasks.mt.client import Usage, plan, translate
from tasks.mt.engine import Engine, Identity
from tasks.mt.markup import Markup, Tag, closing, escape, opening, read
from tasks.mt.pace import Pace
from tasks.mt.sentences import sentences
from tasks.mt.session import MemoryView

SEGMENTS = 200
"""Enough that one change in a hundred answers shows with a probability of 87 %; some 26,000 characters."""

THRESHOLD = 1.0
"""Points of chrF. Each lost answer of 200 moves them by 0.1 to 0.25; two real engines lie 11 to 32 apart on FLORES."""

UNASKED = frozenset({"table"})
"""Engines of which all answers lie open."""

NOT_REPORTED = "not reported"
"""The version of an engine that does not tell it, or has not yet."""

SIGNATURE = "(version)"
"""What stands for a text in the memory where the version is kept."""

CONTENT = "sha256:"
"""What the version of an engine begins with that is known by its content."""


class Memory(Protocol):
    """The translation memory as far as it is needed here."""

    def of(self, generation: str, source: str, target: str) -> MemoryView:
        """The part of it that bears this name."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A generation, and what was sent to open it (nothing where it was known)."""

    generation: Generation
    usage: Usage


def canary_set(marked: Iterable[str], markup: Markup, count: int = SEGMENTS) -> list[str]:
    """The shortest sentences of marked texts, in order; one that has no mark gets one round its longest word.

    Short ones, because every opening of a generation pays for all of them.

    Args:
        marked: marked contexts of a source that does not change.
        markup: the style of their marks.
        count: how many are wanted; fewer come of fewer sentences.

    >>> canary_set(["A <b1>red</b1> car. It stopped suddenly."], Markup.HTML)
    ['A <b1>red</b1> car.', 'It stopped <b1>suddenly</b1>.']
    """
    pieces = (piece.strip() for text in marked for piece in sentences(text, markup))
    texts = list(dict.fromkeys(_tagged(piece, markup) for piece in pieces if piece))
    shortest = set(sorted(texts, key=len)[:count])
    return [text for text in texts if text in shortest]


def options_of(identity: Identity) -> dict[str, str]:
    """What picks the generation of an engine: its options, and its content where that is known."""
    content = {"content": identity.version} if identity.version.startswith(CONTENT) else {}
    return {**identity.options, **content}


def planned_canary(
    engine: Engine, memory: Memory | None, texts: Sequence[str], target: str, number: int
) -> Usage:
    """What opening generation `number` would send."""
    scope = Forgetful() if memory is None else _scope(memory, engine.identity("en", target), target, number)
    return plan(engine, [] if engine.name in UNASKED else texts, scope)


def open_generation(
    generations: Generations,
    engine: Engine,
    target: str,
    *,
    memory: Memory,
    texts: Callable[[], Sequence[str]],
    workers: int | None = None,
    pace: Pace | None = None,
    budget: Budget | None = None,
) -> Opened:
    """The generation of an engine and language; at its first use the canary set is translated.

    Args:
        generations: where generations are recorded.
        engine: whose generation it is; a known one is not asked anything.
        target: what it translates English into.
        memory: where the answers are kept as they return.
        texts: makes the canary set in the engine's style; not called for a known engine.
        workers: how many requests may be under way at once.
        pace: shared by all who ask this engine.
        budget: shared by all workers of this run.

    Raises:
        EngineError: it does not translate this pair, or cannot be asked.
    """
    identity = engine.identity("en", target)
    used = [Usage(0, 0, 0, 0)]

    def probe(number: int) -> Probed:
        if engine.name in UNASKED:
            return Probed(identity.version)
        canary = texts()
        scope = _Signed(
            _scope(memory, identity, target, number), lambda: engine.identity("en", target).version
        )
        usage = translate(
            engine, canary, "en", target, memory=scope, workers=workers, pace=pace, budget=budget
        )
        used.append(usage)
        return Probed(scope.signature, _answers(canary, usage))

    generation = generations.opened(identity.name, target, options_of(identity), probe)
    return Opened(generation, used[-1])


class Forgetful:
    """The memory before anything is in it."""

    def lookup(self, texts: Sequence[str]) -> dict[str, str]:
        """Nothing."""
        return {}

    def add(self, pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Forget them."""
        return dict(pairs)

    def refusals(self, texts: Sequence[str]) -> dict[str, Refusal]:
        """None."""
        return {}

    def refuse(self, refusals: Mapping[str, Refusal]) -> None:
        """Forget them."""


@dataclass(frozen=True, slots=True)
class _Signed:
    """A part of the memory that keeps beside the answers which version gave them, in one transaction with the first."""

    scope: MemoryView
    version: Callable[[], str]

    @property
    def signature(self) -> str:
        """The version that the engine reports, or that it reported when it was last asked."""
        now = self.version()
        return self.lookup([SIGNATURE]).get(SIGNATURE, now) if now == NOT_REPORTED else now

    def lookup(self, texts: Sequence[str]) -> dict[str, str]:
        return self.scope.lookup(texts)

    def add(self, pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        return self.scope.add([(SIGNATURE, self.version()), *pairs])

    def refusals(self, texts: Sequence[str]) -> dict[str, Refusal]:
        return self.scope.refusals(texts)

    def refuse(self, refusals: Mapping[str, Refusal]) -> None:
        self.scope.refuse(refusals)


def _scope(memory: Memory, identity: Identity, target: str, number: int) -> MemoryView:
    return memory.of(
        f"{identity.name}/{target}/{number}-canary-{content_id(options_of(identity))[:8]}", "en", target
    )


def _answers(texts: Sequence[str], usage: Usage) -> pa.Table:
    reasons = [str(usage.refused[text].reason) if text in usage.refused else None for text in texts]
    translations = [usage.translations.get(text) for text in texts]
    rows = {"text": list(texts), "translation": translations, "reason": reasons}
    return pa.Table.from_pydict(rows, schema=CANARY_SCHEMA)


def _tagged(piece: str, markup: Markup) -> str:
    tokens = list(read(piece, markup))
    if any(isinstance(token, Tag) for token in tokens):
        return piece
    text = "".join(token for token in tokens if isinstance(token, str))
    word = max(re.finditer(r"\w+", text), key=lambda match: len(match[0]), default=None)
    if word is None:
        return piece
    inside = opening(1, markup) + escape(word[0], markup) + closing(1, markup)
    return escape(text[: word.start()], markup) + inside + escape(text[word.end() :], markup)
