import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.projection.alignment.words import words


@given(st.text())
def test_law_words_are_the_text_but_for_white_space(text: str) -> None:
    """Offsets ascend, every form stands where they say, and nothing but white space is between."""
    found = words(text)
    place = 0
    for form, start, end in zip(found.forms, found.starts.tolist(), found.ends.tolist(), strict=True):
        assert form
        assert text[start:end] == form
        assert not text[place:start].strip()
        place = end
    assert not text[place:].strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's 711,988.5 (56.2%).", ["It", "'", "s", "711,988.5", "(", "56.2", "%", ")", "."]),
        ("न्यूटन का हिन्दी", ["न्यूटन", "का", "हिन्दी"]),
        ("كَتَبَ الوَلَدُ", ["كَتَبَ", "الوَلَدُ"]),
        ("华沙1901年", ["华", "沙", "1901", "年"]),
        ("ใน ที่", ["ใ", "น", "ที่"]),
        ("e\u0301t\u00e9 \u200bx", ["e\u0301t\u00e9", "\u200bx"]),
        ("", []),
        (" \n", []),
    ],
)
def test_every_script_has_its_words(text: str, expected: list[str]) -> None:
    assert list(words(text).forms) == expected


def test_offsets_have_their_shape_also_without_words() -> None:
    found = words("")
    assert found.starts.shape == found.ends.shape == (0,)
