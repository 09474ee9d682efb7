"""The source: English questions imported once, cut into shards that every later step is mapped over."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from prefect import task
from prefect.runtime import task_run

from storage.errors import InputError
from storage.examples import Example
from storage.parts import Part, write_part
from storage.squad import parse_squad
from storage.store import Store
from tasks.projection.sets import english_rows, set_aside
from tasks.scoring.statistics import question_type
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_one
from tasks.story import say

SHARD_ROWS = 24_000
"""SQuAD v1.1 gives four shards: few enough that tasks cost nothing, enough that a crash costs little."""

ASIDE = "aside"
"""The label of the part with rows that never entered the pipeline."""


@dataclass(frozen=True, slots=True)
class English:
    """The source once it is imported: its shards by label (`00000`, ...), and the rows that were set aside."""

    sha256: str
    shards: dict[str, Part]
    aside: Part


def imported(store: Store, file: Path) -> English:
    """The English rows of a SQuAD-format file.

    Raises:
        InputError: the file cannot be used; nothing is written.
    """
    digest = file_digest(file)
    call = {"store": store.url, "file": str(file), "sha256": digest}
    outcome = run_one(import_source, call, lambda value: parts_intact(store, value))
    parts = {label: Part.from_json(part) for label, part in outcome.value["parts"].items()}
    aside = parts.pop(ASIDE)
    rows = sum(part.rows for part in parts.values())
    say(f"Read {rows:,} questions of {file.name} as {len(parts)} shards; {aside.rows:,} have no answer.")
    return English(digest, parts, aside)


def row_ranges(english: Mapping[str, Part]) -> dict[str, str]:
    """Which rows of the source each shard holds, as the names of tasks tell it.

    >>> row_ranges({"00000": Part("", 24_003, 0), "00001": Part("", 9, 0)})
    {'00000': '1-24003', '00001': '24004-24012'}
    """
    ranges, before = {}, 0
    for shard, part in english.items():
        ranges[shard] = f"{before + 1}-{before + part.rows}"
        before += part.rows
    return ranges


def run_name() -> str:
    """Such as `import train-v1.1.json`."""
    return f"import {Path(task_run.parameters['file']).name}"


@task(
    name="import source",
    description="Read and check a SQuAD-format file; keep its English rows as Parquet shards.",
    task_run_name=run_name,
    cache_key_fn=keyed_by("import", 1, "sha256"),
    **STEP,
)
def import_source(store: str, file: str, sha256: str) -> Json:
    """Keep the English rows; `sha256` is the file's, `file` only says where it lies."""
    content = Path(file).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(f"{file}: changed while it was read; run again.")
    source = parse_squad(content, Path(file))
    place = Store(store)
    parts = {
        f"{i:05}": write_part(place, english_rows(shard, [question_type(e.question) for e in shard]))
        for i, shard in enumerate(shards(source.examples, SHARD_ROWS))
    }
    parts[ASIDE] = write_part(place, set_aside(source.set_aside))
    return {"sha256": sha256, "parts": {label: part.to_json() for label, part in parts.items()}}


def shards(examples: Sequence[Example], rows: int) -> Iterator[list[Example]]:
    """Cut examples into runs of about `rows`, never inside a paragraph, so that a context is marked whole.

    >>> e = [Example(str(i), "", "q", context, ()) for i, context in enumerate("aabbbc")]
    >>> [[x.context for x in shard] for shard in shards(e, 3)]
    [['a', 'a', 'b', 'b', 'b'], ['c']]
    """
    shard: list[Example] = []
    for _, paragraph in groupby(examples, key=lambda example: example.context):
        shard.extend(paragraph)
        if len(shard) >= rows:
            yield shard
            shard = []
    if shard:
        yield shard


def file_digest(file: Path) -> str:
    """The SHA-256 of a local file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); check the path.") from error
