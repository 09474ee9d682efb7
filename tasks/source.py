"""The source: English questions imported once, cut into shards that every later step is mapped over."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prefect import task
from prefect.runtime import task_run

from storage.errors import InputError
from storage.parts import Part
from storage.store import Store
from tasks.examples import Drawn
from tasks.processes import apart
from tasks.shards.importing import ASIDE, import_squad
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_one
from tasks.story import say

SHARD_ROWS = 15_000
"""SQuAD v1.1 gives six shards of like size: so few that tasks cost little, so small that one takes little memory."""


@dataclass(frozen=True, slots=True)
class English:
    """The source once it is imported: its shards by label (`00000`, ...), and the rows that were set aside."""

    sha256: str
    shards: dict[str, Part]
    aside: Part
    counts: dict[str, Json] = field(default_factory=dict)
    """What is counted of each, by label (`tasks.shards.counting`)."""
    drawn: list[Drawn] = field(default_factory=list)
    """Some of the rows that were set aside, for people to look at."""


def imported(store: Store, file: Path) -> English:
    """The English rows of a SQuAD-format file.

    Raises:
        InputError: the file cannot be used; parts written before the fault are left to garbage collection.
    """
    digest = file_digest(file)
    call = {"store": store.url, "file": str(file), "sha256": digest, "rows": SHARD_ROWS}
    outcome = run_one(import_source, call, lambda value: parts_intact(store, value))
    parts = {label: Part.from_json(part) for label, part in outcome.value["parts"].items()}
    aside = parts.pop(ASIDE)
    rows = sum(part.rows for part in parts.values())
    without = f"; {aside.rows:,} more have no answer" if aside.rows else ""
    say(f"The source {file.name} has {rows:,} questions, in {len(parts)} shard(s){without}.")
    drawn = [Drawn.from_json(one) for one in outcome.value["drawn"]]
    return English(digest, parts, aside, outcome.value["counts"], drawn)


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
    cache_key_fn=keyed_by("import", 4, "sha256", "rows"),
    **STEP,
)
def import_source(store: str, file: str, sha256: str, rows: int) -> Json:
    """Keep the English rows, about `rows` in a shard; `sha256` is the file's, `file` only says where it lies."""
    call = {"store": store, "file": file, "sha256": sha256, "rows": rows}
    # The size of the file stands for its rows, which are not known yet: SQuAD has some 400 bytes for each.
    return apart(import_squad, call, rows=Path(file).stat().st_size // 400)


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
