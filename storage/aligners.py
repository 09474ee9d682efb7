"""Which word aligner belongs to a generation of an engine: fitted once, then pinned, so that builds stay the same."""

import json
from dataclasses import asdict, dataclass

from storage.generations import FOLDER, Generation
from storage.hashing import canonical_json
from storage.parts import Part
from storage.store import Store

FILE = "aligners.jsonl"


@dataclass(frozen=True, slots=True)
class Pinned:
    """An aligner's table (`part`), in use for a generation from the moment it is written."""

    generation: str
    part: dict[str, str | int]


class Aligners:
    """The pinned aligners of a store, one file of JSON lines per engine and language, oldest first."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def of(self, generation: Generation) -> Part | None:
        """The newest aligner of a generation; None where none was fitted yet."""
        lines = [line for line in self._lines(_file(generation)) if line.generation == generation.id]
        return Part.from_json(lines[-1].part) if lines else None

    def pin(self, generation: Generation, part: Part) -> Part:
        """Have a generation use this aligner from now on; the same again writes nothing."""
        name = _file(generation)
        with self.store.locked(name):
            if self.of(generation) != part:
                line = canonical_json(asdict(Pinned(generation.id, part.to_json()))).encode() + b"\n"
                self.store.write(name, (self.store.read(name) if self.store.exists(name) else b"") + line)
        return part

    def parts(self) -> set[str]:
        """The SHA-256 of every aligner that is pinned or once was: garbage collection leaves them."""
        found = self.store.fs.find(self.store.path(FOLDER)) if self.store.exists(FOLDER) else []
        names = (str(path).removeprefix(f"{self.store.root}/") for path in found)
        return {
            str(line.part["sha256"])
            for name in names
            if name.endswith(f"/{FILE}")
            for line in self._lines(name)
        }

    def _lines(self, name: str) -> list[Pinned]:
        content = self.store.read(name) if self.store.exists(name) else b""
        return [Pinned(**json.loads(line)) for line in content.splitlines()]


def _file(generation: Generation) -> str:
    return f"{FOLDER}/{generation.engine}/{generation.language}/{FILE}"
