"""Questions brought back from translation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mt.markup import Markup
from tasks.projection.marking import plain
from tasks.projection.questions import questions_back


def back(questions: list[str], translations: dict[str, str]) -> dict[str, str]:
    return questions_back(questions, translations, Markup.HTML)


def test_each_question_by_its_english_text() -> None:
    found = back(["Who?", "Why?", "Who?"], {"Who?": "¿Quién?", "Why?": "¿Por qué?", "More": "Más"})
    assert found == {"Who?": "¿Quién?", "Why?": "¿Por qué?"}


def test_a_question_without_a_translation_is_left_out() -> None:
    assert back(["Who?", "Why?"], {"Why?": "¿Por qué?"}) == {"Why?": "¿Por qué?"}


@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_an_empty_translation_is_none(nothing: str) -> None:
    assert back(["Who?"], {"Who?": nothing}) == {}


def test_white_space_at_the_ends_goes() -> None:
    assert back(["Who?"], {"Who?": " ¿Quién? \n"}) == {"Who?": "¿Quién?"}


@pytest.mark.parametrize(
    ("question", "translation", "expected"),
    [
        ("R&D?", "¿I&amp;D?", "¿I&D?"),
        ("R&D?", "¿I&amp;amp;D?", "¿I&D?"),
        ("Is 1 < 2?", "¿Es 1 &lt; 2?", "¿Es 1 < 2?"),
        ("Who?", "¿Quién <i>es</i>?", "¿Quién es?"),
        ("What is &amp;?", "¿Qué es &amp;amp;?", "¿Qué es &amp;?"),
        ("What does <b1> do?", "¿Qué hace &lt;b1&gt;?", "¿Qué hace <b1>?"),
    ],
)
def test_markup_comes_back_as_it_was(question: str, translation: str, expected: str) -> None:
    assert back([question], {plain(question): translation}) == {question: expected}


@given(st.lists(st.text(st.sampled_from("ab <>&;b1/#é中🎵"), max_size=12), max_size=5))
def test_an_engine_that_changes_nothing(questions: list[str]) -> None:
    """Law: every question comes back as it was, less white space at its ends; blank ones do not."""
    found = back(questions, {plain(question): plain(question) for question in questions})
    assert found == {question: question.strip() for question in questions if question.strip()}
