import pytest

from storage.examples import Answer
from tasks.projection.evaluate import evaluate


def test_means_are_over_the_kept() -> None:
    ours = [Answer("el coche rojo", 0), None, Answer("casa", 4), Answer("luz", 7)]
    gold = [Answer("coche rojo", 3), Answer("x", 0), Answer("la casa grande", 1), Answer("sol", 7)]
    score = evaluate(ours, gold, "es", same_context=False)
    assert score.to_json() == {
        "yield": 0.75,
        "f1": pytest.approx((1 + 2 / 3 + 0) / 3),
        "exact_match": pytest.approx(1 / 3),
        "char_f1": None,
        "exact_offsets": None,
        "total": 4,
    }


def test_offsets_count_where_the_context_is_the_same() -> None:
    ours = [Answer("abcd", 0), Answer("ab", 4)]
    score = evaluate(ours, [Answer("cdef", 2), Answer("ab", 4)], "es", same_context=True)
    assert (score.char_f1, score.exact_offsets) == (0.75, 0.5)


def test_nothing_kept_scores_nothing() -> None:
    assert evaluate([None], [Answer("a", 0)], "es", same_context=True).to_json()["f1"] == 0.0
    with pytest.raises(ValueError):
        evaluate([], [Answer("a", 0)], "es", same_context=True)
