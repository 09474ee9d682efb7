from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import InputError
from tasks.mt.table import Table, TableRow, write_table

CELL = st.text(
    alphabet=st.one_of(st.sampled_from("\t\n\r\\tnr\"'"), st.characters(exclude_categories=["Cs"])),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    st.dictionaries(CELL, CELL.filter(bool), min_size=1, max_size=5), st.sampled_from(["t.tsv", "t.parquet"])
)
def test_law_a_table_says_what_was_written(tmp_path: Path, translations: dict[str, str], name: str) -> None:
    """Table(write_table(rows)) translates every text to its translation, whatever characters they hold."""
    write_table(tmp_path / name, [TableRow("en", "es", text, made) for text, made in translations.items()])
    assert Table(tmp_path / name).translate(list(translations), "en", "es") == list(translations.values())


def test_what_the_table_lacks_is_none(tmp_path: Path) -> None:
    write_table(
        tmp_path / "t.tsv",
        [TableRow("en", "es", "a", "A"), TableRow("eng", "fra", "b", "B"), TableRow("en", "es", "c", "")],
    )
    table = Table(tmp_path / "t.tsv")
    assert table.translate(["b", "a", "c"], "en", "es") == [None, "A", None]
    assert table.targets("en") == ["es", "fr"]


def test_identity_is_the_content_not_the_place(tmp_path: Path) -> None:
    for name, translation in (("one.tsv", "A"), ("two.tsv", "A"), ("three.tsv", "B")):
        write_table(tmp_path / name, [TableRow("en", "es", "a", translation)])
    one, two, three = (
        Table(tmp_path / f"{name}.tsv").identity("en", "es") for name in ("one", "two", "three")
    )
    assert one == two != three
    assert one.options.keys() == {"sha256"}


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_bytes(
        "\ufeffsource\ttarget\ttext\ttranslation\r\nen\tes\ta\\tb\tA\r\n\r\n".encode()
    )
    assert Table(tmp_path / "t.tsv").translate(["a\tb"], "en", "es") == ["A"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"line 1: the columns must be source, target, text, translation"),
        (b"text\ttranslation\n", r"line 1: the columns must be"),
        (b"source\ttarget\ttext\ttranslation\nen\tes\ta\n", r"line 2: 3 columns instead of 4"),
        (
            b"source\ttarget\ttext\ttranslation\nen\tes\ta\tA\nen\tes\ta\tB\n",
            r"line 3: this text has another translation",
        ),
        (b"source\ttarget\ttext\ttranslation\nen\tes\ta\t\xff\n", r"not UTF-8 at byte 39"),
    ],
)
def test_bad_files_are_named_with_their_place(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "t.tsv").write_bytes(content)
    with pytest.raises(InputError, match=message):
        Table(tmp_path / "t.tsv")


def test_bad_parquet_and_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "noise.parquet").write_bytes(b"noise")
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "columns.parquet")
    nothing = pa.table(
        {
            name: pa.array(values, pa.string())
            for name, values in zip(TableRow._fields, [["en"], ["es"], [None], ["A"]], strict=True)
        }
    )
    pq.write_table(nothing, tmp_path / "null.parquet")
    for name, message in (
        ("noise", "not a Parquet file"),
        ("columns", "with the string columns"),
        ("null", "row 1: .* is null"),
    ):
        with pytest.raises(InputError, match=message):
            Table(tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match="No such file"):
        Table(tmp_path / "none.tsv")
