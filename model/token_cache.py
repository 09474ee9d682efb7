"""Token tables kept on disk: each is one Arrow file, known by what it was made of, and read as a memory map.

Its name is a hash of the tokenizer and of the texts themselves, never of a file's name: edited data cannot meet
the tokens of its former self. A file that is there is whole, for it is written aside and renamed.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import tokenizers

from model.tokens import Ints32, TokenTable, backend, bounds_of, token_chunks, tokenise

KEPT = 16
"""So many tables are kept in a folder; those that nobody read for longest go first."""

_VERSION = 1
"""Raised when the same texts would give another table."""


def cached_tokens(
    folder: Path | None,
    tokenizer: Any,
    texts: Sequence[str],
    on_texts: Callable[[int], None],
    *,
    located: bool = True,
) -> TokenTable:
    """`tokenise`, or the table of the same texts by the same tokenizer that `folder` holds."""
    if folder is None:
        return tokenise(tokenizer, texts, on_texts, located=located)
    path = folder / f"{_key(tokenizer, texts, located)}.arrow"
    with suppress(pa.ArrowInvalid, OSError):
        table = read_table(path)
        os.utime(path)
        on_texts(len(texts))
        return table
    folder.mkdir(parents=True, exist_ok=True)
    with spooled(folder, token_chunks(tokenizer, texts, on_texts, located=located)) as table:
        write_table(path, table)
    table = read_table(path)
    _prune(folder)
    return table


@contextmanager
def spooled(folder: Path, chunks: Iterable[TokenTable]) -> Iterator[TokenTable]:
    """One table of the texts of all chunks, put down in `folder` as they come and read from there as a memory map.

    The files have no name: nothing is left of them, however the process ends.
    """
    with ExitStack() as held:
        columns = [held.enter_context(tempfile.TemporaryFile(dir=folder)) for _ in range(3)]
        lengths = []
        for chunk in chunks:
            for file, numbers in zip(columns, (chunk.ids, chunk.starts, chunk.ends), strict=True):
                file.write(numbers.data)
            lengths.append(chunk.lengths)
        ids, starts, ends = map(_mapped, columns)
        yield TokenTable(ids, starts, ends, bounds_of(lengths))


def _mapped(file: IO[bytes]) -> Ints32:
    file.flush()
    # An empty file has nothing to map.
    return np.memmap(file, dtype=np.int32, mode="r") if file.tell() else np.zeros(0, dtype=np.int32)


def write_table(path: Path, table: TokenTable) -> None:
    """Writes the table as one Arrow IPC file, whole or not at all."""
    bounds = pa.array(table.bounds)
    columns = {name: pa.array(getattr(table, name)) for name in ("ids", "starts", "ends")}
    lists = {name: pa.LargeListArray.from_arrays(bounds, values) for name, values in columns.items()}
    batch = pa.record_batch(lists)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as aside:
        try:
            with pa.ipc.new_file(aside, batch.schema) as writer:
                writer.write_batch(batch)
            aside.flush()
            os.fsync(aside.fileno())
            Path(aside.name).replace(path)
        finally:
            Path(aside.name).unlink(missing_ok=True)


def read_table(path: Path) -> TokenTable:
    """The table of a file, its pages read from disk when they are used.

    Raises:
        pyarrow.ArrowInvalid: the file is damaged.
        OSError: there is none.
    """
    with pa.ipc.open_file(pa.memory_map(str(path))) as reader:
        batch = reader.get_batch(0)
    ids, starts, ends = (batch.column(name) for name in ("ids", "starts", "ends"))
    return TokenTable(
        ids=ids.values.to_numpy(zero_copy_only=True),
        starts=starts.values.to_numpy(zero_copy_only=True),
        ends=ends.values.to_numpy(zero_copy_only=True),
        bounds=ids.offsets.to_numpy(zero_copy_only=True),
    )


def _key(tokenizer: Any, texts: Iterable[str], located: bool) -> str:
    digest = hashlib.sha256(f"{_VERSION} {tokenizers.__version__} {located}\n".encode())
    digest.update(backend(tokenizer).to_str().encode())
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()


def _prune(folder: Path) -> None:
    by_age = sorted(folder.glob("*.arrow"), key=_last_read, reverse=True)
    for path in by_age[KEPT:]:
        path.unlink(missing_ok=True)


def _last_read(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return -np.inf
