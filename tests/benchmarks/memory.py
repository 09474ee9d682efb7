"""Looking up 100,000 segments in the translation memory, beside asking for each of them by its text.

    python -m tests.benchmarks.memory [--segments 100000] [--rounds 3]

The naive way is what a cache in a table usually is: the text is the key, and there is one SELECT for each segment
(timed on a sample of 5,000 and scaled up). Both run on SQLite and, where one is installed, on a PostgreSQL of its own;
four segments in five are as long as SQuAD's questions, the fifth as its contexts. Rounds alternate, the ratio is of the
medians. Prints one JSON object last.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from storage.memory import TranslationMemory
from tests.storage.postgres import missing, running

SAMPLE = 5_000
QUESTION_WORDS, CONTEXT_WORDS = 10, 117
GOAL_S = 2.0

NAIVE = sa.Table(
    "naive",
    sa.MetaData(),
    sa.Column("text", sa.Text, primary_key=True),
    sa.Column("translation", sa.Text, nullable=False),
)


def texts(count: int, seed: int = 0) -> list[str]:
    """Distinct made-up segments."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("aeioubcdfglmnprst", k=chance.randint(2, 9))) for _ in range(20_000)]
    lengths = (CONTEXT_WORDS if number % 5 == 0 else QUESTION_WORDS for number in range(count))
    return [f"{number} " + " ".join(chance.choices(words, k=length)) for number, length in enumerate(lengths)]


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def one_by_one(memory: TranslationMemory, asked: Sequence[str]) -> dict[str, str]:
    """The naive way."""
    with memory._engine.connect() as connection:
        query = sa.select(NAIVE.c.translation).where(NAIVE.c.text == sa.bindparam("asked"))
        return {text: connection.scalar(query, {"asked": text}) or "" for text in asked}


def measured(url: str, segments: Sequence[str], rounds: int) -> dict[str, float]:
    """Seconds of both ways on one database, and their ratio."""
    sample = segments[:: max(1, len(segments) // SAMPLE)]
    scale = len(segments) / len(sample)
    with TranslationMemory(url) as memory:
        scope = memory.of("deepl/es/1-0123abcd", "en", "es")
        NAIVE.create(memory._engine)
        adding = 0.0
        for start in range(0, len(segments), 1000):
            some = segments[start : start + 1000]
            adding += seconds(lambda some=some: scope.add([(text, text.upper()) for text in some]))  # type: ignore[misc]
            memory.insert([{"text": text, "translation": text.upper()} for text in some], NAIVE)
        ours, naive = [], []
        for _ in range(rounds):
            ours.append(seconds(lambda: scope.lookup(segments)))
            naive.append(scale * seconds(lambda: one_by_one(memory, sample)))
        assert scope.lookup(segments) == {text: text.upper() for text in segments}
    lookup, alternative = statistics.median(ours), statistics.median(naive)
    return {
        "add_s": round(adding, 2),
        "lookup_s": round(lookup, 2),
        "one_by_one_s": round(alternative, 2),
        "ratio": round(alternative / lookup, 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    segments = texts(given.segments)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        found["sqlite"] = measured(str(Path(folder) / "memory.sqlite"), segments, given.rounds)
    if (why := missing()) is None:
        with running() as server:
            found["postgresql"] = measured(server.database("benchmark"), segments, given.rounds)
    else:
        print(f"PostgreSQL is left out: {why}")
    for name, figures in found.items():
        verdict = "within" if figures["lookup_s"] < GOAL_S else "BEYOND"
        print(
            f"{name}: {given.segments:,} segments looked up in {figures['lookup_s']} s ({verdict} {GOAL_S} s), "
            f"{figures['ratio']} times as fast as one by one ({figures['one_by_one_s']} s)"
        )
    print(json.dumps({"segments": given.segments, **found}))


if __name__ == "__main__":
    main()
