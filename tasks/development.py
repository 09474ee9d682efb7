"""What a training chooses its best step by: questions of a benchmark, kept as a part of the store."""

from collections.abc import Collection, Sequence

import pyarrow as pa

from storage.errors import UsageError
from storage.parts import Part, write_part
from storage.store import Store
from tasks.downloads import benchmark_data
from tasks.scoring.benchmarks import Pair, languages_of, read_benchmark

SPLIT = "dev"
"""Of MLQA, whose `test` is for finished readers; the other benchmarks have one split."""

DEVELOPMENT = pa.schema(
    [
        ("question", pa.string()),
        ("context", pa.string()),
        ("answers", pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int32()))])),
    ]
)
"""The columns that `model.development` reads."""


def development(
    store: Store, benchmark: str, data: str, languages: Collection[str], mirror: str = ""
) -> Part:
    """A benchmark's questions in the languages of a training, fetched where `data` is `official`, as a part.

    Raises:
        DownloadError, InputError, UsageError: they cannot be had, or none is in these languages.
    """
    files = benchmark_data(store, benchmark, data, mirror)
    return development_part(store, spoken(read_benchmark(benchmark, files, SPLIT), languages))


def spoken(pairs: Sequence[Pair], languages: Collection[str]) -> list[Pair]:
    """The pairs whose question and context are both in one of the languages: a reader is chosen by what it learns.

    Raises:
        UsageError: there is none.
    """
    found = [pair for pair in pairs if {pair.context_language, pair.question_language} <= set(languages)]
    if not found:
        raise UsageError(
            f"The dev questions are in {', '.join(languages_of(pairs))}, and the training in"
            f" {', '.join(sorted(languages))}; name a benchmark that has one of these."
        )
    return found


def development_part(store: Store, pairs: Sequence[Pair]) -> Part:
    """Questions and answers as a part of the store, whose name `TrainSpec.dev` is to hold."""
    rows = [
        {
            "question": example.question,
            "context": example.context,
            "answers": {
                "text": [answer.text for answer in example.answers],
                "answer_start": [answer.answer_start for answer in example.answers],
            },
        }
        for pair in pairs
        for example in pair.examples
    ]
    return write_part(store, pa.Table.from_pylist(rows, schema=DEVELOPMENT))
