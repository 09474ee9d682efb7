"""What the aligner is for: English answers found in human translations, nothing being known but those texts."""

from pathlib import Path

import pytest

from storage.squad import read_squad
from tests.benchmarks.alignment import ours, projected, segments

FLOORS = {
    "es": (0.965, 0.85),
    "de": (0.95, 0.80),
    "ar": (0.91, 0.71),
    "hi": (0.93, 0.78),
    "zh": (0.87, 0.585),
}


@pytest.mark.parametrize("language", FLOORS)
def test_answers_are_found_without_tags(xquad: Path, language: str) -> None:
    english, human = (read_squad(xquad / f"xquad.{code}.json").examples for code in ("en", language))
    score = projected(english, human, ours(*segments(english, human), language)[0])
    assert score.kept >= 1180
    assert (score.char_f1 or 0) >= FLOORS[language][0]
    assert (score.exact_offsets or 0) >= FLOORS[language][1]
