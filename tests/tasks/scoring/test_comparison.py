import json

import pytest

from storage.errors import InputError
from tasks.scoring.comparison import compare
from tasks.scoring.metrics import Metric
from tasks.scoring.score import UNANSWERED, Statistic

RIGHT, HALF, WRONG = Statistic(1.0, 1.0), Statistic(0.0, 0.5), Statistic(0.0, 0.0)


def test_both_figures_by_hand() -> None:
    """F1 differs on five of ten, always the same way: 2 of 32 deals. Exact match on four: 2 of 16."""
    a, b = [RIGHT] * 8 + [HALF, WRONG], [RIGHT] * 4 + [WRONG] * 4 + [WRONG, UNANSWERED]
    found = compare(a, b, metric=Metric.SQUAD, language="en")
    assert (found.f1.a, found.f1.b, found.f1.difference) == (85.0, 40.0, 45.0)
    assert (found.exact_match.a, found.exact_match.b) == (80.0, 40.0)
    assert (found.f1.test.p_value, found.exact_match.test.p_value) == (2 / 32, 2 / 16)
    assert found.b.missing == 1
    assert 0 < found.f1.interval.low < 45 < found.f1.interval.high < 100


def test_the_other_way_round_is_the_same_with_the_other_sign() -> None:
    a, b = [RIGHT, HALF, WRONG, HALF] * 30, [WRONG, RIGHT, HALF, HALF] * 30
    there, back = (compare(*sides, metric=Metric.MLQA, language="es").f1 for sides in ((a, b), (b, a)))
    assert there.difference == -back.difference
    assert there.test.p_value == back.test.p_value
    assert (there.interval.low, there.interval.high) == (
        pytest.approx(-back.interval.high),
        pytest.approx(-back.interval.low),
    )


def test_the_signature_says_what_must_be_equal() -> None:
    found = compare(
        [RIGHT], [WRONG], metric=Metric.MLQA, language="es", permutations=20_000, samples=500, seed=7
    )
    assert found.signature == (
        "metric:mlqa|version:1.0|language:es|total:1|test:fisher|permutations:20000"
        "|interval:bootstrap|level:0.95|samples:500|seed:7"
    )


def test_for_people_it_is_one_line() -> None:
    found = compare([RIGHT] * 9, [WRONG] * 9, metric=Metric.MLQA, language="es").f1
    expected = "F1: a 100.00, b 0.00, a - b +100.00 (95% interval +100.00 to +100.00), p = 0.0039"
    assert found.sentence("F1") == expected
    many = compare([RIGHT] * 20, [WRONG] * 20, metric=Metric.MLQA, language="es").f1
    assert many.sentence("F1").endswith("p < 0.0001")


def test_as_json_it_is_numbers() -> None:
    told = json.loads(json.dumps(compare([RIGHT], [WRONG], metric=Metric.MLQA, language="es").to_json()))
    assert told["f1"] == {
        "a": 100.0,
        "b": 0.0,
        "difference": 100.0,
        "interval": {"low": 100.0, "high": 100.0, "level": 0.95},
        "p_value": 1.0,
        "exact": True,
        "changed": 1,
    }
    assert told["total"] == 1


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(InputError, match="no question to score"):
        compare([], [], metric=Metric.MLQA, language="es")
