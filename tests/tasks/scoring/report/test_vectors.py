import numpy as np
import pytest

from tasks.scoring.benchmarks import Pair
from tasks.scoring.report.vectors import QUESTIONS, Vectors, measured, questions_to_embed, vectors_of


def test_a_parallel_question_is_embedded_once_in_each_language(pairs: list[Pair]) -> None:
    found = questions_to_embed(pairs)
    assert list(found) == ["ar/a", "ar/b", "en/a", "en/b"]


def test_of_many_questions_the_same_thousand_are_chosen_in_every_language(
    make_example: object, pairs: list[Pair]
) -> None:
    from dataclasses import replace

    first = pairs[0].examples[0]
    many = [replace(first, id=f"q{n}") for n in range(QUESTIONS + 200)]
    found = questions_to_embed([Pair("en", "en", many), Pair("en", "ar", many[::-1])])
    of_language = {
        code: {key.partition("/")[2] for key in found if key.startswith(code)} for code in ("en", "ar")
    }
    assert len(found) == 2 * QUESTIONS
    assert of_language["en"] == of_language["ar"]


def test_keys_come_back_as_languages_and_ids() -> None:
    found = vectors_of(["en/a/b", "zh-Hant/c"], [[1, 2], [3, 4]])
    assert (found.languages, found.ids) == (["en", "zh-Hant"], ["a/b", "c"])
    assert found.rows.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("languages", "ids"),
    [
        (["en"] * 6, list("abcdef")),
        (["en", "ar"] * 3, list("abcdef")),
        (["en", "ar"] * 4, list("aabbccdd")),
    ],
    ids=["one language", "nothing in common", "too few questions"],
)
def test_where_there_is_nothing_to_measure(languages: list[str], ids: list[str]) -> None:
    assert measured(Vectors(languages, ids, np.random.default_rng(0).normal(size=(len(ids), 3)))) is None
