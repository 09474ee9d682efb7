"""Canary sets of people's own, in both formats; every fault of theirs is told with its place."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import InputError
from tasks.mt.canary_file import CanaryRow, plain, read_canary, rows_for
from tasks.mt.markup import Markup, escape

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30)


def written(folder: Path, content: str, name: str = "canary.tsv") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def test_plain_texts_and_segments_with_tags_come_out_alike(tmp_path: Path) -> None:
    lines = ["segment\ttext\treference", "\tA & B\t", "<b1>A</b1> &amp; B\t\tA y B"]
    rows = read_canary(written(tmp_path, "\n".join(lines)))
    assert rows == [CanaryRow("A &amp; B"), CanaryRow("<b1>A</b1> &amp; B", "A y B")]
    assert [row.written(Markup.TAGS) for row in rows] == ["A & B", "<b1>A</b1> & B"]


def test_json_says_the_same(tmp_path: Path) -> None:
    objects = [{"text": "A & B"}, {"segment": "<b1>A</b1>", "reference": "A", "language": "es"}]
    rows = read_canary(written(tmp_path, json.dumps(objects), "canary.json"))
    assert rows == [CanaryRow("A &amp; B"), CanaryRow("<b1>A</b1>", "A", "es")]


def test_rows_without_a_language_are_for_all_and_texts_count_once() -> None:
    rows = [CanaryRow("a"), CanaryRow("a", "uno", "es"), CanaryRow("b", "deux", "fr")]
    assert rows_for(rows, "es") == [CanaryRow("a", "uno", "es")]
    assert rows_for(rows, "fr") == [CanaryRow("a"), CanaryRow("b", "deux", "fr")]
    with pytest.raises(InputError, match="no row for 'hi'"):
        rows_for(rows[1:], "hi")


@given(TEXT, st.sampled_from(Markup))
def test_a_plain_text_survives_every_style(text: str, markup: Markup) -> None:
    """Law: plain(written(escape(t))) == t."""
    assert plain(CanaryRow(escape(text, Markup.HTML)).written(markup), markup) == text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("c.tsv", "text\tnote\na\tb\n", "line 1: the columns may be"),
        ("c.tsv", "text\treference\na\n", "line 2: 1 columns instead of 2"),
        ("c.tsv", "text\tsegment\na\tb\n", "line 2: fill in either text"),
        ("c.tsv", "text\n", "holds no row"),
        ("c.json", "{}", "no list of objects"),
        ("c.json", "[", "is not JSON"),
        ("c.json", '[{"text": 7}]', "row 1: an object may hold"),
        ("c.json", '[{"reference": "a"}]', "row 1: fill in either text"),
    ],
)
def test_faults_are_told_with_their_place(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_canary(written(tmp_path, content, name))


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_canary(tmp_path / "nowhere.tsv")
    (tmp_path / "c.tsv").write_bytes(b"text\n\xff")
    with pytest.raises(InputError, match="not UTF-8 at byte 5"):
        read_canary(tmp_path / "c.tsv")
