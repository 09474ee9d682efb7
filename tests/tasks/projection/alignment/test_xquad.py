"""What the aligner is for: English answers found in human translations, nothing being known but those texts."""

from pathlib import Path

import pytest

from storage.squad import read_squad
from tasks.projection.evaluate import evaluate
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
    gold = {example.id: example for example in human}
    aligned = ours(*segments(english, human), language)[0]
    found = [projected(example, gold[example.id].context, aligned) for example in english]
    score = evaluate(found, [gold[e.id].answers[0] for e in english], language, same_context=True)
    assert score.kept >= 1180
    assert (score.char_f1 or 0) >= FLOORS[language][0]
    assert (score.exact_offsets or 0) >= FLOORS[language][1]
