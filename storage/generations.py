"""Generations: numbered periods of one engine and language, each opened at its first use.

What an engine wrote stays valid until someone declares that the engine has changed, so a build never asks a known
engine who it is: it reads the newest generation that was opened with the same options.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from storage.hashing import canonical_json, content_id
from storage.store import Store

FOLDER = "engines"


@dataclass(frozen=True, slots=True)
class Generation:
    """One period of one engine and language.

    `options` are what the user chose (they pick the generation), `version` is what the engine reported when the
    generation was opened ("not reported" where it says nothing).
    """

    engine: str
    language: str
    number: int
    version: str
    options: dict[str, str]

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
        with self.store.locked(f"{FOLDER}/{engine}/{language}"):
            current = self.current(engine, language, options)
            if current and current.version == version:
                return current
            number = len(self.list(engine, language)) + 1
            generation = Generation(engine, language, number, version, options)
            self.store.append(_file(engine, language), canonical_json(asdict(generation)))
            return generation


def _file(engine: str, language: str) -> str:
    return f"{FOLDER}/{engine}/{language}.jsonl"
