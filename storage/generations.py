"""Generations: numbered periods of one engine and language, each opened at its first use.

What an engine wrote stays valid until someone declares that the engine has changed, so a build never asks a known
engine who it is: it reads the newest generation that was opened with the same options. What the engine answered to a
fixed set of texts when its generation was opened, the *canary*, is kept beside, so that a change can be told later.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from storage.errors import StoreError
from storage.hashing import canonical_json, content_id
from storage.parts import read_rows
from storage.store import Store

FOLDER = "engines"

CANARY_SCHEMA = pa.schema([("text", pa.string()), ("translation", pa.string()), ("reason", pa.string())])
"""What was sent, what came back, and why it could not be used where it could not."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What an engine reported of itself, and its answers to the canary set (`CANARY_SCHEMA`) if it was asked."""

    version: str
    answers: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """One period of one engine and language.

    `options` are what the user chose (they pick the generation), `version` is what the engine reported when the
    generation was opened ("not reported" where it says nothing), `canary` the SHA-256 of the file with its answers to
    the canary set (empty where the engine's options already tell its content).
    """

    engine: str
    language: str
    number: int
    version: str
    options: dict[str, str]
    canary: str = ""

    @property
    def id(self) -> str:
        """Its name in the memory and in every row: `apertium/es/1-3f9c...`; other identity, other name."""
        return f"{self.engine}/{self.language}/{self.number}-{content_id(self.identity)[:8]}"

    @property
    def identity(self) -> dict[str, Any]:
        """Who wrote the translations, as snapshots record it."""
        return {"engine": self.engine, "version": self.version, "options": self.options}


class Generations:
    """The generations of a store, one file of JSON lines per engine and language, oldest first."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def list(self, engine: str, language: str) -> list[Generation]:
        """All generations of an engine and language, oldest first."""
        name = _file(engine, language)
        lines = self.store.read(name).splitlines() if self.store.exists(name) else []
        return [Generation(**json.loads(line)) for line in lines]

    def current(self, engine: str, language: str, options: dict[str, str]) -> Generation | None:
        """The newest generation opened with these options, or None before the first use."""
        return next((g for g in reversed(self.list(engine, language)) if g.options == options), None)

    def open(self, engine: str, language: str, version: str, options: dict[str, str]) -> Generation:
        """Open the next generation, unless another run has just opened the very same."""
        with self.store.locked(_file(engine, language)):
            current = self.current(engine, language, options)
            if current and current.version == version:
                return current
            number = len(self.list(engine, language)) + 1
            return self._added(Generation(engine, language, number, version, options))

    def opened(
        self, engine: str, language: str, options: dict[str, str], probe: Callable[[int], Probed]
    ) -> Generation:
        """The current generation; at the first use of these options it is opened, once, whoever else tries to.

        A second process waits until the first has probed the engine. On a store that is not on this machine there is
        no lock: then both may ask the engine, and the second writes no second line.

        Args:
            engine: its name.
            language: what it translates into.
            options: what the user chose.
            probe: asks the engine, given the number that its next generation would have; not called for a known one.
        """
        if (known := self.current(engine, language, options)) is not None:
            return known
        with self.store.locked(_file(engine, language)):
            if (known := self.current(engine, language, options)) is not None:
                return known
            number = len(self.list(engine, language)) + 1
            probed = probe(number)
            generation = Generation(engine, language, number, probed.version, options)
            digest = "" if probed.answers is None else self._kept(generation, probed.answers)
            return self._added(replace(generation, canary=digest))

    def succeeded(self, known: Generation, probed: Probed) -> Generation:
        """The generation that follows one whose engine has changed without its options telling so.

        Of several who find the same change at once the first opens it, and the others get what it opened.

        Args:
            known: the generation that was found to be over.
            probed: what the engine reports now, and its answers to the canary set.
        """
        engine, language = known.engine, known.language
        with self.store.locked(_file(engine, language)):
            current = self.current(engine, language, known.options)
            if current is not None and current.number > known.number:
                return current
            number = len(self.list(engine, language)) + 1
            generation = Generation(engine, language, number, probed.version, known.options)
            digest = "" if probed.answers is None else self._kept(generation, probed.answers)
            return self._added(replace(generation, canary=digest))

    def find(self, generation_id: str) -> Generation:
        """A generation by its id.

        Raises:
            StoreError: there is none.
        """
        engine, _, rest = generation_id.partition("/")
        language = rest.partition("/")[0]
        found = [g for g in self.list(engine, language) if g.id == generation_id]
        if not found:
            raise StoreError(
                f"The store {self.store.url} knows no generation {generation_id!r}; use the store that it was built in."
            )
        return found[0]

    def canary(self, generation: Generation) -> pa.Table | None:
        """The engine's answers to the canary set when this generation was opened; None where none were asked for.

        Raises:
            StoreError: the file is missing or damaged.
        """
        if not generation.canary:
            return None
        name = _canary_file(generation, generation.canary)
        content = self.store.read(name)
        if hashlib.sha256(content).hexdigest() != generation.canary:
            raise StoreError(f"{name} is damaged; put it back from a copy of the store.")
        return read_rows(pa.BufferReader(content))

    def _kept(self, generation: Generation, answers: pa.Table) -> str:
        sink = pa.BufferOutputStream()
        pq.write_table(answers, sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        digest = hashlib.sha256(content).hexdigest()
        self.store.write(_canary_file(generation, digest), content)
        return digest

    def _added(self, generation: Generation) -> Generation:
        """Its line written, unless someone beside us has just written the same; its number moves on if it was taken."""
        name = _file(generation.engine, generation.language)
        lines = self.store.read(name).splitlines(keepends=True) if self.store.exists(name) else []
        if generation.number <= len(lines):
            taken = Generation(**json.loads(lines[generation.number - 1]))
            if taken.id == generation.id:
                return taken
            generation = replace(generation, number=len(lines) + 1)
        line = canonical_json(asdict(generation)).encode() + b"\n"
        self.store.write(name, b"".join([*lines, line]))
        return generation


def _file(engine: str, language: str) -> str:
    return f"{FOLDER}/{engine}/{language}.jsonl"


def _canary_file(generation: Generation, digest: str) -> str:
    return f"{FOLDER}/{generation.engine}/{generation.language}/{digest}.parquet"
