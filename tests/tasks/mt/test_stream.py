import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from tasks.mt.stream import END, from_stream, to_stream
from tasks.projection.marking import mark, recover

WORDS = st.lists(
    st.sampled_from(["house", "a~b", "[x]", "\\", "^$", "\0", "<&>", "{/@}", "é", "\n", "[[1]]"]), min_size=1
)


@given(WORDS, st.data())
def test_law_an_engine_that_changes_nothing_returns_what_was_sent(
    words: list[str], data: st.DataObject
) -> None:
    """from_stream(to_stream(m), m) marks the same words of the same text; here answers are whole words."""
    text = " ".join(words)
    starts = [sum(len(word) + 1 for word in words[:index]) for index in range(len(words))]
    index = data.draw(st.integers(0, len(words) - 1))
    marked = mark(text, [Span(starts[index], starts[index] + len(words[index]))])[0].text
    assert recover(from_stream(to_stream(marked), marked)) == recover(marked)


@given(st.text())
def test_no_nul_and_no_bare_reserved_character_enters_the_stream(text: str) -> None:
    stream = to_stream(mark(text, [])[0].text)
    assert "\0" not in stream
    assert recover(from_stream(stream, text)).text in (text, text.strip(" "))


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("[[1]]a[[/]] [[1]]b[[/]], [[1]]c[[/]]", "<b1>a b, c</b1>"),
        ("[[1]]a[[/]] de [[1]]b[[/]]", "<b1>a</b1> de <b1>b</b1>"),
        ("[[1; 2]]a[[/]] [[1]]b[[/]] [[2]]c[[/]]", "<b2><b1>a</b1></b2> <b1>b</b1> <b2>c</b2>"),
        ("  a  [[1]]b[[/]]  ", "a <b1>b</b1>"),
        ("\\[a\\] \\\\ [&#126;]", "[a] \\ ~"),
    ],
)
def test_what_the_engine_writes_becomes_tags(segment: str, expected: str) -> None:
    found = recover(from_stream(segment + END, "x"))
    assert found.text == recover(expected).text
    assert {n: sorted(spans) for n, spans in found.pieces.items()}.keys() == recover(expected).pieces.keys()


def test_pieces_of_neighbours_are_joined() -> None:
    assert from_stream("[[1]]a[[/]] [[1]]b[[/]], [[1]]c[[/]].[]", "x") == "<b1>a b, c</b1>"
    assert from_stream("[[1]]a[[/]] de [[1]]b[[/]].[]", "x") == "<b1>a</b1> de <b1>b</b1>"


def test_doubled_spaces_of_the_source_are_its_own() -> None:
    assert from_stream(" a  b.[]", "a b") == "a b"
    assert from_stream(" a  b.[]", " a  b") == " a  b"


def test_a_mark_that_cuts_a_word_takes_all_of_it() -> None:
    assert to_stream("Bron<b1>co</b1>s won") == "[[1]]Broncos[[/]] won.[]"
