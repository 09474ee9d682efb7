"""Writes flows/sample/apertium.tsv anew: what a real Apertium makes of the sample, to be replayed where it is not.

python -m deploy.record_sample
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flows.commands.demonstration import LANGUAGES, REPLAY
from flows.parameters import SAMPLE, resolve_source
from storage.memory import TranslationMemory
from storage.squad import read_squad
from tasks.mt.catalogue import open_engine
from tasks.mt.client import translate
from tasks.mt.table import TableRow, write_table
from tasks.projection.segments import Kind, segments


def recorded(memory: TranslationMemory) -> Iterator[TableRow]:
    """Every segment of the sample with its translation into every language of the demo, in source order."""
    engine = open_engine("apertium")
    examples = read_squad(Path(resolve_source(SAMPLE))).examples
    texts = [
        text for kind in (Kind.QUESTIONS, Kind.CONTEXTS) for text in segments(examples, kind, engine.markup)
    ]
    for language in LANGUAGES:
        scope = memory.of("record", "en", language)
        translate(engine, texts, "en", language, memory=scope)
        found = scope.lookup(texts)
        yield from (TableRow("en", language, text, found[text]) for text in dict.fromkeys(texts))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, TranslationMemory(f"{folder}/memory.sqlite") as memory:
        write_table(REPLAY, recorded(memory))
