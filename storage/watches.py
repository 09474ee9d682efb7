"""What watches of an engine leave for the next one: what it answered to whom, and which generation was last told of.

A generation keeps its answers to the canary set that it was opened with. Where people bring a set of their own, or an
engine is one that nobody asked at its opening, the answers of the first watch are added here: they are what later ones
are compared with. An answer that is there is never replaced, so a slow drift adds up until it shows.

Which generation was last told of is kept for each way in which an engine is named (`deepl?formality=more`), because
its options are part of that. It is written once the world has heard of it, so news is told twice rather than never.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from storage.generations import CANARY_SCHEMA, FOLDER, Generation, Generations
from storage.hashing import content_id
from storage.parts import read_rows
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Watches:
    """The watches of a store."""

    store: Store

    def answers(self, generation: Generation) -> pa.Table:
        """All canary answers of a generation (`CANARY_SCHEMA`), those of its opening first.

        Raises:
            StoreError: the file of the opening is missing or damaged.
        """
        opening = Generations(self.store).canary(generation)
        return pa.concat_tables([*([] if opening is None else [opening]), self._added(generation)])

    def add(self, generation: Generation, answers: pa.Table) -> None:
        """Keep answers to texts for which a generation has none yet."""
        with self.store.locked(_answers_file(generation)):
            known = set(self.answers(generation)["text"].to_pylist())
            new = [text not in known for text in answers["text"].to_pylist()]
            fresh = answers.filter(pa.array(new, pa.bool_()))
            if fresh.num_rows:
                table = pa.concat_tables([self._added(generation), fresh])
                sink = pa.BufferOutputStream()
                pq.write_table(table, sink, compression="zstd")
                self.store.write(_answers_file(generation), sink.getvalue().to_pybytes())

    def told(self, spec: str, engine: str, language: str) -> Generation | None:
        """The generation of which was last told, of the engine that `spec` names."""
        name = _told_file(spec, engine, language)
        if not self.store.exists(name):
            return None
        return Generations(self.store).find(self.store.read(name).decode().strip())

    def tell(self, spec: str, generation: Generation) -> None:
        """Remember that the world has heard of this generation."""
        name = _told_file(spec, generation.engine, generation.language)
        self.store.write(name, f"{generation.id}\n".encode())

    def _added(self, generation: Generation) -> pa.Table:
        name = _answers_file(generation)
        if not self.store.exists(name):
            return CANARY_SCHEMA.empty_table()
        return read_rows(pa.BufferReader(self.store.read(name)))


def _answers_file(generation: Generation) -> str:
    return f"{FOLDER}/{generation.id}.parquet"


def _told_file(spec: str, engine: str, language: str) -> str:
    return f"{FOLDER}/{engine}/{language}/told-{content_id(spec)}"
