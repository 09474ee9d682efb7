"""Sheets for people: nothing in them runs, and they come back from any spreadsheet."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import InputError
from tasks.projection.sheet import BOM, FORMULAS, harmless, read, written

CELLS = st.one_of(
    st.text(max_size=8), st.builds("{}{}".format, st.sampled_from(FORMULAS), st.text(max_size=4))
).filter(lambda text: "\x00" not in text)


@given(st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS}), max_size=4), st.lists(CELLS, max_size=4))
def test_law_what_is_written_is_read_and_nothing_runs(rows: list[dict[str, str]], legend: list[str]) -> None:
    """As `csv` reads it, every cell is its text or its text behind an apostrophe, and none begins like a formula."""
    content = written(rows, legend).encode("utf-8", "surrogatepass")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in content.decode("utf-8", "surrogatepass")):
        return
    table = [row for _, row in read(content, ["a"] if rows else [], "x.csv")]
    assert [{"a": row["a"], "b": row["b"]} for row in table[: len(rows)]] == [
        {key: harmless(cell) for key, cell in row.items()} for row in rows
    ]
    assert [row["legend"] for row in table[: len(legend)]] == [harmless(line) for line in legend]
    assert len(table) == max(len(rows), len(legend))
    assert not [cell for row in table for cell in row.values() if cell.startswith(FORMULAS)]


@pytest.mark.parametrize("cell", ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])
def test_what_would_run_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["1904", "a=b", "'=1", "«-»", "", " "])
def test_what_would_not_run_stays(cell: str) -> None:
    assert harmless(cell) == cell


ROWS = [{"verdict": "y", "context": 'el «coche», "rojo"\nहिन्दी; 中'}]


def test_spreadsheets_see_utf_8() -> None:
    assert written(ROWS, []).startswith(BOM)


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16")])
def test_saved_by_any_spreadsheet(delimiter: str, encoding: str) -> None:
    out = io.StringIO(newline="")
    table = list(csv.reader(io.StringIO(written(ROWS, ["x"]).removeprefix(BOM), newline="")))
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL).writerows(table)
    found = read(out.getvalue().encode(encoding), ["verdict"], "x.csv")
    assert found == [(3, {**ROWS[0], "legend": "x"})]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x.csv has no column 'verdict'"),
        (b"a,b\n1,2\n", "x.csv has no column 'verdict'"),
        ("verdict\né\n".encode("latin-1"), "x.csv is not in UTF-8; save it as CSV UTF-8."),
        (b"verdict\n" + b"y" * 200_000, "x.csv is no CSV behind line 1"),
    ],
)
def test_files_that_are_no_sheet(content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=re.escape(sentence)):
        read(content, ["verdict"], "x.csv")
