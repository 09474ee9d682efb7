import json
from pathlib import Path

import pytest

from tasks.scoring.statistics import QUESTION_TYPES, count_words, describe, question_type


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is it?", "what"),
        ("WHICH one?", "which"),
        ("“How's” that", "how"),
        ("Howard did what?", "other"),
        ("In which year?", "other"),
        ("Whose is it?", "other"),
        ("1984: who wrote it?", "other"),
        ("", "other"),
        ("???", "other"),
    ],
)
def test_the_first_word_decides_the_type(question: str, kind: str) -> None:
    assert question_type(question) == kind


def test_statistics_by_hand() -> None:
    rows = [("Who was it?", "Kant", "who"), ("在哪里", "里昂市", "where"), ("Où est-ce ?", "à Lyon", "where")]
    figures = describe(rows)
    assert (figures.question_words, figures.answer_words, figures.pairs) == (3.0, 2.0, 3)
    assert {kind: n for kind, n in figures.types.items() if n} == {"who": 1, "where": 2}
    assert tuple(figures.types) == QUESTION_TYPES


def test_no_rows_are_zeros() -> None:
    assert (describe([]).question_words, describe([]).pairs) == (0.0, 0)


def test_words_of_real_questions_grow_by_translation_as_in_the_paper(shared_data: Path) -> None:
    """The ground for counting Chinese by character: 10.4 words in English, 11.6 over the six languages."""
    means = {}
    for language in ("en", "es", "de", "ar", "hi", "zh"):
        content = json.loads((shared_data / "xquad" / f"xquad.{language}.json").read_text("utf-8"))
        questions = [qa["question"] for a in content["data"] for p in a["paragraphs"] for qa in p["qas"]]
        means[language] = sum(map(count_words, questions)) / len(questions)
    assert means["en"] == pytest.approx(10.4, abs=0.1)
    assert sum(means.values()) / 6 == pytest.approx(11.6, abs=0.1)
