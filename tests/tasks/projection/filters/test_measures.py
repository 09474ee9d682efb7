"""Each score on hand-made good and bad texts, and on what people and faults make of XQuAD."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.projection.filters.identity import language, script
from tasks.projection.filters.measures import (
    answer_length,
    back_translation,
    context_length,
    digits,
    repetition,
    untranslated,
)

ENGLISH = "In 1903 the town had two schools, and nobody remembered who had built the older one of them."
SPANISH = "En 1903 la ciudad tenía dos escuelas, y nadie recordaba quién había construido la más antigua."


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["es", "zh", "hi", "xx", "deu"]))
def test_law_scores_are_shares(one: str, two: str, target: str) -> None:
    scores = [
        context_length(one, two, "en", target),
        answer_length(one, two, len(two) / (len(one) or 1)),
        digits(one, two),
        untranslated(one, two),
        repetition(one, two),
        back_translation(one, two),
        script(two, target),
        language(two, target),
    ]
    assert all(0 <= score <= 1.0000001 for score in scores)


@pytest.mark.parametrize(
    ("answer", "translation", "score"),
    [
        ("1,600 mm", "1600 mm", 1.0),
        ("1,600 mm", "१६०० मिमी", 1.0),
        ("1.600.000", "1 600 000", 1.0),
        ("3.5 km", "3,5 km", 1.0),
        ("07/12/1941", "1941-12-7", 1.0),
        ("1857 and 1900", "1857", 0.5),
        ("1857", "1875", 0.0),
        ("twice", "dos veces", 1.0),
        ("in the second", "en el 2.º", 1.0),
        ("9" * 5000, "9" * 5000, 1.0),
    ],
)
def test_digits(answer: str, translation: str, score: float) -> None:
    assert digits(answer, translation) == score


@pytest.mark.parametrize(
    ("text", "translation", "score"),
    [
        ("the old town", "la town vieja", 0.0),
        ("the older people", "la gente mayor", 1.0),
        ("Paris Saint Germain", "Paris Saint Germain", 1.0),
        ("1066", "1066", 1.0),
        ("small harbour town", "pequeña town portuaria", 2 / 3),
        ("", "", 1.0),
    ],
)
def test_untranslated(text: str, translation: str, score: float) -> None:
    assert untranslated(text, translation) == pytest.approx(score)


def test_lengths_are_judged_by_the_density_of_languages() -> None:
    assert context_length("x" * 900, "字" * 300, "en", "zh") == 1
    assert context_length("x" * 900, "字" * 300, "en", "es") < 0.5
    assert context_length("字" * 300, "x" * 900, "zho", "en") == 1
    assert context_length("x" * 900, "", "en", "es") == 0
    assert answer_length("the river", "河", 0.3) > 0.7
    assert answer_length("the river", "河流穿过城市的古老部分以及周围的许多村庄", 0.3) < 0.4


def test_repetition_is_seen_with_and_without_spaces_and_not_blamed_on_the_source() -> None:
    assert repetition(ENGLISH, SPANISH) == 1
    assert repetition(ENGLISH, SPANISH[:40] + " la ciudad" * 20) < 0.5
    assert repetition(ENGLISH, "这座城市有两所学校" + "学校" * 40) < 0.5
    assert repetition(ENGLISH, SPANISH[:40] + "ha" * 200) < 0.5
    song = "row row row your boat " * 8
    assert repetition(song, "rema rema rema tu bote " * 8) == 1


@pytest.mark.parametrize(
    ("text", "code", "score"),
    [
        ("यह एक पुराना शहर है", "hi", 1.0),
        ("यह एक पुराना शहर है", "hin", 1.0),
        ("It is an old town", "hi", 0.0),
        ("これは古い町です", "ja", 1.0),
        ("Ovo je stari grad", "sr", 1.0),
        ("1918: 3.5 %", "ar", 1.0),
        ("", "ar", 1.0),
    ],
)
def test_script(text: str, code: str, score: float) -> None:
    assert script(text, code) == pytest.approx(score, abs=0.2 if score == 0 else 0)


def test_names_in_another_script_are_no_fault() -> None:
    assert 0.5 < script("这座城市由 Merit Network 公司建立于一九零三年，有两所学校", "zh") < 1


def test_language() -> None:
    assert language(SPANISH, "es") == language(SPANISH, "spa") == 1
    assert language(ENGLISH, "es") < 0.01
    assert language("Im Jahre 1903 hatte die Stadt zwei Schulen, und niemand wusste mehr davon.", "es") < 0.01
    assert language(ENGLISH, "gv") == language(ENGLISH, "xx") == 1
    assert language(SPANISH + " Weezer Slint.", "es") == 1


def test_back_translation() -> None:
    assert back_translation("in the old town", "in the old city") > 0.5
    assert back_translation("in the old town", "under a tree") < 0.2
