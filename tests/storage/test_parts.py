"""Parts: Parquet files under the hash of their bytes."""

import hashlib
import io
import json
import random
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import StoreError
from storage.parts import GROUP_ROWS, Part, part_intact, read_part, write_part
from storage.silver import SILVER_SCHEMA
from storage.store import Store

TABLE = pa.table({"text": ["α", "β 🎵", None] * 50, "n": list(range(150))})
TEXTS = st.lists(st.none() | st.text(), max_size=8)
LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


@LAW
@given(TEXTS)
def test_a_part_holds_its_table(store: Store, texts: list[str | None]) -> None:
    """Law: `read_part(write_part(t)) == t`, under the SHA-256 of the file."""
    table = pa.table({"text": pa.array(texts, pa.string()), "length": [len(text or "") for text in texts]})
    part = write_part(store, table)
    content = store.read(part.name)
    assert read_part(store, part).equals(table)
    assert part == Part(hashlib.sha256(content).hexdigest(), len(texts), len(content))
    assert part_intact(store, part)


@LAW
@given(TEXTS, TEXTS)
def test_equal_tables_are_one_file(store: Store, one: list[str | None], other: list[str | None]) -> None:
    """Law: equal tables, equal part; different tables, different parts."""
    parts = [write_part(store, pa.table({"text": pa.array(texts, pa.string())})) for texts in (one, other)]
    assert (parts[0] == parts[1]) == (one == other)


def test_the_schema_lasts_even_without_rows(store: Store) -> None:
    part = write_part(store, SILVER_SCHEMA.empty_table())
    assert part.rows == 0
    assert read_part(store, part).schema.equals(SILVER_SCHEMA)


def test_an_intact_part_is_not_written_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    part = write_part(store, TABLE)
    monkeypatch.setattr(store, "write", lambda *_: pytest.fail("written again"))
    assert write_part(store, TABLE) == part


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"other"])
def test_a_damaged_part_is_written_again(store: Store, damage: bytes) -> None:
    part = write_part(store, TABLE)
    store.write(part.name, damage)
    assert not part_intact(store, part)
    assert write_part(store, TABLE) == part
    assert part_intact(store, part)
    assert read_part(store, part).equals(TABLE)


def test_only_the_columns_asked_for_are_read(store: Store) -> None:
    part = write_part(store, TABLE)
    assert read_part(store, part, ["n"]).column_names == ["n"]
    assert read_part(store, part, ["n", "text"]).column_names == ["n", "text"]


def test_a_column_that_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(pa.ArrowInvalid, match="no column of mine, yours"):
        read_part(store, write_part(store, TABLE), ["n", "yours", "of mine"])


def test_a_part_is_read_without_what_large_data_sets_need() -> None:
    """`pyarrow.dataset` would cost each process of a build fifty megabytes."""
    code = """
import sys, tempfile, pyarrow
from storage.parts import read_part, write_part
from storage.store import Store
store = Store(tempfile.mkdtemp())
read_part(store, write_part(store, pyarrow.table({"n": [1]})))
sys.exit("pyarrow.dataset" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_part(store: Store) -> None:
    part = Part("0" * 64, 1, 1)
    assert not part_intact(store, part)
    with pytest.raises(StoreError, match=r"parts/0{64}\.parquet is missing or damaged; build again"):
        read_part(store, part)


@pytest.mark.parametrize("keep", [0, 3, 4, 40, -1])
def test_a_part_cut_short(store: Store, keep: int) -> None:
    part = write_part(store, TABLE)
    store.write(part.name, store.read(part.name)[:keep])
    with pytest.raises(StoreError, match="missing or damaged"):
        read_part(store, part)


@LAW
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_damaged_part_passes_for_a_whole_one(local: Store, place: int, change: int) -> None:
    """Law: whichever byte of the file is changed, it is noticed, and named as a fault of the store."""
    part = write_part(local, TABLE)
    content = bytearray(local.read(part.name))
    content[place % len(content)] ^= change
    local.write(part.name, bytes(content))
    assert not part_intact(local, part)
    with pytest.raises(StoreError, match="missing or damaged"):
        read_part(local, part)


def test_a_part_travels_as_json() -> None:
    part = Part("ab", 3, 4)
    assert Part.from_json(json.loads(json.dumps(part.to_json()))) == part


def test_a_context_is_stored_once_for_all_its_questions(store: Store) -> None:
    """Contexts that no compression helps with: four thousand rows take no more than their thousand contexts do."""
    draw = random.Random(1)
    contexts = [draw.randbytes(1_500).hex() for _ in range(1_000)]
    once = write_part(store, pa.table({"context": contexts}))
    often = write_part(store, pa.table({"context": [c for c in contexts for _ in range(4)]}))
    assert once.bytes > 1 << 20
    assert often.bytes < 1.02 * once.bytes


def test_a_reader_can_take_row_groups_one_by_one(store: Store) -> None:
    part = write_part(store, pa.table({"n": range(GROUP_ROWS + 1)}))
    metadata = pq.ParquetFile(io.BytesIO(store.read(part.name))).metadata
    assert [metadata.row_group(g).num_rows for g in range(metadata.num_row_groups)] == [GROUP_ROWS, 1]
