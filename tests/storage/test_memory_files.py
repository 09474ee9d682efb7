"""The translation memory as a file: whole, streamed, and added without overwriting."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.errors import InputError
from storage.memory import TranslationMemory
from storage.memory_files import ROWS, SCHEMA, export_memory, import_memory
from storage.silver import Reason, Refusal
from storage.store import ASIDE

REFUSED = {"bad ": Refusal(Reason.TAGS_LOST, "none of 2 marks came back", "<x>", 3)}


@pytest.fixture
def filled(tmp_path: Path) -> TranslationMemory:
    memory = TranslationMemory(str(tmp_path / "filled.sqlite"))
    for generation, language in (("apertium/es/1-ab", "es"), ("deepl/ca/2-cd", "ca")):
        scope = memory.of(generation, "en", language)
        scope.add([("one ", f"uno {language}"), ("", ""), ("tab\t\n\u2028", "𝄞")])
        scope.refuse(REFUSED)
    return memory


def test_everything_comes_back(filled: TranslationMemory, tmp_path: Path) -> None:
    file = tmp_path / "memory.parquet"
    with TranslationMemory(str(tmp_path / "other.sqlite")) as other:
        assert export_memory(filled, file) == import_memory(other, file) == 8
        for generation, language in (("apertium/es/1-ab", "es"), ("deepl/ca/2-cd", "ca")):
            texts = ["one ", "", "tab\t\n\u2028", "bad ", "unknown"]
            one, same = filled.of(generation, "en", language), other.of(generation, "en", language)
            assert same.lookup(texts) == one.lookup(texts)
            assert same.refusals(texts) == one.refusals(texts) == REFUSED
        again = tmp_path / "again.parquet"
        export_memory(other, again)
        assert again.read_bytes() == file.read_bytes()


def test_the_file_is_plain_parquet(filled: TranslationMemory, tmp_path: Path) -> None:
    export_memory(filled, tmp_path / "memory.parquet")
    table = pq.read_table(tmp_path / "memory.parquet")
    assert table.schema.names == SCHEMA.names
    assert sorted(set(table["target"].to_pylist())) == ["ca", "es"]
    assert table["reason"].to_pylist().count("tags-lost") == 2
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".parquet") == ["memory.parquet"]


def test_what_is_known_stays_as_it_is(filled: TranslationMemory, tmp_path: Path) -> None:
    export_memory(filled, tmp_path / "memory.parquet")
    with TranslationMemory(str(tmp_path / "other.sqlite")) as other:
        scope = other.of("apertium/es/1-ab", "en", "es")
        scope.add([("one ", "paid for here")])
        import_memory(other, tmp_path / "memory.parquet")
        import_memory(other, tmp_path / "memory.parquet")
        assert scope.lookup(["one "]) == {"one ": "paid for here"}
        assert other.count() == 6


def test_it_is_streamed_and_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    count = 2 * ROWS + 1
    with TranslationMemory(str(tmp_path / "m.sqlite")) as memory:
        memory.of("g", "en", "es").add([(f"text {i}", f"texto {i}") for i in range(count)])
        export_memory(memory, tmp_path / "m.parquet", lambda done, total: told.append((done, total)))
    assert told == [(ROWS, count), (2 * ROWS, count), (count, count)]
    assert pq.ParquetFile(tmp_path / "m.parquet").num_row_groups == 3
    with TranslationMemory(str(tmp_path / "n.sqlite")) as memory:
        told.clear()
        assert import_memory(memory, tmp_path / "m.parquet", lambda *at: told.append(at)) == count
        assert memory.count() == count
    assert told[-1] == (count, count)


def test_an_empty_memory_is_a_file_too(tmp_path: Path) -> None:
    with TranslationMemory(str(tmp_path / "m.sqlite")) as memory:
        assert export_memory(memory, tmp_path / "m.parquet") == 0
        assert import_memory(memory, tmp_path / "m.parquet") == 0


@pytest.mark.parametrize("content", [b"", b"no parquet", None])
def test_what_is_no_export_is_refused_in_one_sentence(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "m.parquet"
    if content is not None:
        file.write_bytes(content)
    with (
        TranslationMemory(str(tmp_path / "m.sqlite")) as memory,
        pytest.raises(InputError, match="memory export"),
    ):
        import_memory(memory, file)


@pytest.mark.parametrize(
    "rows",
    [
        {"text": ["a"], "translation": ["b"]},
        {**{name: ["x"] for name in SCHEMA.names}, "asks": ["many"]},
        {**{name: ["x"] for name in SCHEMA.names}, "asks": [1], "translation": [None]},
        {**{name: ["x"] for name in SCHEMA.names}, "asks": [1], "text": [None]},
    ],
)
def test_another_table_is_refused(rows: dict[str, list[object]], tmp_path: Path) -> None:
    pq.write_table(pa.table(rows), tmp_path / "m.parquet")
    with TranslationMemory(str(tmp_path / "m.sqlite")) as memory:
        with pytest.raises(InputError, match="not an export"):
            import_memory(memory, tmp_path / "m.parquet")
        assert memory.count() == 0


def test_a_place_that_cannot_be_written(filled: TranslationMemory, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        export_memory(filled, tmp_path / "missing" / "m.parquet")
    assert not list(tmp_path.glob(f"{ASIDE}*"))
