"""A SQuAD-format file cut into shards of English rows, one shard in memory at a time."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from storage.errors import InputError
from storage.examples import Example
from storage.parts import write_part
from storage.silver import Reason
from storage.squad import stream_squad
from storage.store import Store
from tasks.examples import drawn_rejected
from tasks.projection.sets import ENGLISH, english_rows, set_aside
from tasks.scoring.statistics import question_type
from tasks.shards.counting import kept_counts, rejected_counts

ASIDE = "aside"
"""The label of the part with rows that never entered the pipeline."""


def import_squad(store: str, file: str, sha256: str, rows: int) -> dict[str, Any]:
    """Keep the English rows as parts of about `rows`; `sha256` is the file's, `file` only says where it lies.

    Raises:
        InputError: the file cannot be used, or is another by now.
    """
    content = Path(file).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(f"{file}: changed while it was read; run again.")
    place, aside = Store(store), list[tuple[str, Reason]]()
    parts, counts = {}, {}
    for number, shard in enumerate(shards(_answerable(content, Path(file), aside), rows)):
        table = english_rows(shard, [question_type(example.question) for example in shard])
        label = f"{number:05}"
        parts[label], counts[label] = write_part(place, table).to_json(), kept_counts(table)
    lost = set_aside(aside)
    parts[ASIDE], counts[ASIDE] = write_part(place, lost).to_json(), rejected_counts(lost)
    drawn = [one.to_json() for one in drawn_rejected(ENGLISH, lost, {})]
    return {"sha256": sha256, "parts": parts, "counts": counts, "drawn": drawn}


def shards(examples: Iterable[Example], rows: int) -> Iterator[list[Example]]:
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


def _answerable(content: bytes, file: Path, aside: list[tuple[str, Reason]]) -> Iterator[Example]:
    for found in stream_squad(content, file):
        if isinstance(found, Example):
            yield found
        else:
            aside.append(found)
