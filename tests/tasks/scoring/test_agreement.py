"""Whether a reader answers alike in every language, right or wrong."""

from collections.abc import Mapping

import pytest

from tasks.scoring.agreement import agreement
from tasks.scoring.benchmarks import Pair
from tasks.scoring.error_analysis import Answers
from tasks.scoring.samples import Key


def answers(texts: Mapping[Key, str], starts: Mapping[Key, int] | None = None) -> Answers:
    return Answers([], texts, starts)


def said(pairs: list[Pair], text: str) -> dict[Key, str]:
    return {(pair.name, example.id): text for pair in pairs for example in pair.examples}


def test_a_reader_that_says_one_thing_agrees_with_itself(pairs: list[Pair]) -> None:
    assert agreement(pairs, answers(said(pairs, "wrong"))) == 1.0


def test_one_of_four_translated_questions_gets_another_answer(pairs: list[Pair]) -> None:
    """Two context languages with two Arabic questions each."""
    texts = said(pairs, "Lyon") | {("context-en-question-ar", "a"): "Rhône"}
    assert agreement(pairs, answers(texts)) == 0.75


def test_the_same_word_elsewhere_is_another_answer(pairs: list[Pair]) -> None:
    texts = said(pairs, "Lyon")
    starts = dict.fromkeys(texts, 0) | {("context-ar-question-ar", "b"): 9}
    assert agreement(pairs, answers(texts, starts)) == 0.75


def test_a_missing_answer_agrees_with_none(pairs: list[Pair]) -> None:
    assert agreement(pairs, answers({})) == 0.0


@pytest.mark.parametrize("languages", [{"en"}, {"ar"}])
def test_without_english_and_another_language_there_is_nothing_to_agree(
    pairs: list[Pair], languages: set[str]
) -> None:
    chosen = [pair for pair in pairs if pair.question_language in languages]
    assert agreement(chosen, answers(said(chosen, "x"))) is None
