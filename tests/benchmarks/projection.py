"""What it costs to mark all answers of a context in one copy, beside the paper's one copy for each question.

    python -m tests.benchmarks.projection [SQUAD.json]

Alternates the two ways over the same questions through the real Apertium (English to Spanish) and prints the
characters sent, the seconds, and their ratios.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from flows.parameters import SAMPLE, resolve_source
from storage.examples import Example
from storage.squad import read_squad
from tasks.mt.catalogue import open_engine
from tasks.mt.engine import Engine
from tasks.mt.packing import pack
from tasks.projection.contexts import mark_contexts
from tasks.projection.marking import mark

ROUNDS = 3


def together(examples: Sequence[Example], engine: Engine) -> list[str]:
    """Each distinct context once, with tags round all its answers."""
    return [marked.text for marked in mark_contexts(examples, engine.markup)]


def apart(examples: Sequence[Example], engine: Engine) -> list[str]:
    """A copy of the context for each question, with one pair of tags (the paper's Sec. 3.1)."""
    return [mark(e.context, [e.answers[0].span], engine.markup)[0].text for e in examples]


def seconds(texts: Sequence[str], engine: Engine) -> float:
    """The time to translate them in one thread."""
    began = time.perf_counter()
    for request in pack(texts, engine.limits):
        engine.translate(request, "en", "es")
    return time.perf_counter() - began


def main(source: str) -> None:
    """Print both ways and their ratios."""
    examples, engine = read_squad(Path(source)).examples, open_engine("apertium")
    ways: dict[str, Callable[[Sequence[Example], Engine], list[str]]] = {"together": together, "apart": apart}
    texts = {name: way(examples, engine) for name, way in ways.items()}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name in ways:
            times[name].append(seconds(texts[name], engine))
    for name in ways:
        characters, median = sum(map(len, texts[name])), statistics.median(times[name])
        print(f"{name:10} {len(texts[name]):6,} copies {characters:10,} characters  {median:7.2f} s")
    ratios = [a / t for a, t in zip(times["apart"], times["together"], strict=True)]
    sent = sum(map(len, texts["apart"])) / sum(map(len, texts["together"]))
    print(f"apart / together: {sent:.2f}x characters, {statistics.median(ratios):.2f}x time")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else resolve_source(SAMPLE))
