import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.metrics import (
    ASCII_PUNCTUATION,
    MLQA_LANGUAGES,
    UNICODE_PUNCTUATION,
    Metric,
    exact_match,
    f1,
    token_f1,
    tokenizer,
)

HAND_MADE = Path(__file__).with_name("golden.jsonl")
LANGUAGES = st.sampled_from([*MLQA_LANGUAGES, "ru", "ja"])


def differing(path: Path) -> Iterator[tuple[object, ...]]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        case = json.loads(line)
        for metric in Metric:
            arguments = (case["prediction"], case["golds"], metric, case["lang"])
            figures = (exact_match(*arguments), f1(*arguments))
            expected = (case[f"{metric}_em"], case[f"{metric}_f1"])
            if figures != expected:
                yield number, metric, figures, expected


def test_hand_made_cases_equal_the_official_figures() -> None:
    """Figures of `mlqa_evaluation_v1.py` and by the rules of `evaluate-v1.1.py`, for the oddities of each language."""
    assert list(differing(HAND_MADE)) == []


def test_real_cases_equal_the_official_figures_to_the_last_digit(shared_data: Path) -> None:
    golden = shared_data / "golden" / "metrics.jsonl"
    assert len(golden.read_text("utf-8").splitlines()) == 2410
    assert list(differing(golden)) == []


@given(st.text(), st.text(), LANGUAGES, st.sampled_from(Metric))
def test_f1_is_a_symmetric_share(a: str, b: str, language: str, metric: Metric) -> None:
    """Law: F1 lies in [0, 1], does not care which text is gold, and is 1 for equal texts with any token."""
    assert 0.0 <= f1(a, [b], metric, language) <= 1.0
    assert f1(a, [b], metric, language) == pytest.approx(f1(b, [a], metric, language), abs=1e-15)
    assert f1(a, [a], metric, language) == float(bool(tokenizer(metric, language)(a)))
    assert exact_match(a, [a], metric, language) == 1.0


@given(st.text(), LANGUAGES, st.sampled_from(Metric))
def test_tokens_hold_no_white_space(text: str, language: str, metric: Metric) -> None:
    """Law: joined by spaces and split again, the tokens are the same: so equal tokens are equal normalised texts."""
    tokens = tokenizer(metric, language)(text)
    assert tuple(" ".join(tokens).split()) == tokens


def test_letters_and_digits_are_no_punctuation() -> None:
    """What lets texts of nothing else go untranslated; so does Unicode, whatever its version."""
    alphanumeric = [code for code in range(sys.maxunicode + 1) if chr(code).isalnum()]
    for table in (ASCII_PUNCTUATION, UNICODE_PUNCTUATION):
        assert [code for code in alphanumeric if table[code] is None] == []


def test_the_best_of_several_gold_answers_counts() -> None:
    assert f1("red car", ["blue", "a red boat"], Metric.SQUAD, "en") == 0.5
    assert exact_match("blue", ["red", "Blue."], Metric.SQUAD, "en") == 1.0


def test_f1_by_hand() -> None:
    """Two of three predicted tokens are in a gold answer of four: P = 2/3, R = 1/2, F1 = 4/7."""
    assert token_f1(("a", "b", "x"), ("a", "b", "c", "d")) == pytest.approx(4 / 7)
    assert token_f1((), ()) == 0.0


def test_repeated_tokens_count_as_often_as_both_have_them() -> None:
    """Three of four predicted tokens are in a gold answer of five; as sets it would be two of two."""
    assert token_f1(("a", "a", "a", "b"), ("a", "a", "b", "c", "c")) == pytest.approx(2 * 3 / 9)


@pytest.mark.parametrize(
    ("language", "text", "tokens"),
    [
        ("ru", "«Война и мир»", ("война", "и", "мир")),
        ("th", "ไทย 2019", ("ไ", "ท", "ย", "2019")),
        ("ja", "ドイツのKant", ("ド", "イ", "ツ", "の", "kant")),
        ("zh-Hans", "里昂", ("里", "昂")),
        ("fr", "la Loire", ("la", "loire")),
    ],
)
def test_languages_beyond_the_seven(language: str, text: str, tokens: tuple[str, ...]) -> None:
    assert tokenizer(Metric.MLQA, language)(text) == tokens
