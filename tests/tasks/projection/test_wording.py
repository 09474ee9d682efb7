"""What an answer says alone, looked for where its tags stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from tasks.projection.wording import completed, cuts, runs_at, snapped, wording

TEXT = "the boy ate grapesde the house"


@pytest.mark.parametrize(
    ("cut", "alone", "said"),
    [
        ("ate gra", "ate", "ate"),
        ("te grapesde", "ate grapesde", "ate grapesde"),
        ("y ate", "ate", "ate"),
        ("grapes", "grapes", "grapes"),
        ("ate grapes", "grapes ate", "ate grapes"),
        ("grapes", "raisins", None),
    ],
)
def test_a_cut_word_is_whole_or_left_out(cut: str, alone: str, said: str | None) -> None:
    start = TEXT.index(cut)
    found = snapped(TEXT, Span(start, start + len(cut)), alone)
    assert (found and TEXT[found.start : found.end]) == said


@pytest.mark.parametrize(
    ("text", "cut", "whole"),
    [
        ("ol rujan tor", "ujan", "rujan"),
        ("ol rujan toren", "rujan t", "rujan"),
        ("olek rujan tor", "k rujan", "rujan"),
        ("de casade campo", "casa", "casa"),
        ("de delago", "lago", "lago"),
        ("glued words", "words", "words"),
    ],
)
def test_a_bit_of_a_word(text: str, cut: str, whole: str) -> None:
    """Not if it is a word of its own elsewhere in the text."""
    start = text.index(cut)
    found = completed(text, Span(start, start + len(cut)))
    assert text[found.start : found.end] == whole


@pytest.mark.parametrize(
    ("alone", "found"),
    [
        ("black cat", ["cat quite black"]),
        ("cat", ["cat"]),
        ("old", ["old"]),
        ("dog", []),
        ("", []),
        ("!", []),
    ],
)
def test_runs_at_a_place(alone: str, found: list[str]) -> None:
    text = 'an "old" cat quite black'
    assert [text[span.start : span.end] for span in runs_at(text, 8, alone)] == found


def test_no_word_is_cut_where_words_are_not_spaced() -> None:
    assert not cuts("猫は黒い", 2)
    assert cuts("ночь", 2)


@given(st.text("ab '.é", min_size=1), st.data())
def test_spans_stay_inside_and_are_not_empty(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    alone = data.draw(st.text("ab '", min_size=1))
    found = [completed(text, span), *runs_at(text, start, alone)]
    if (said := snapped(text, span, alone)) is not None:
        found.append(said)
        assert sorted("".join(wording(text[said.start : said.end]))) == sorted("".join(wording(alone)))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
