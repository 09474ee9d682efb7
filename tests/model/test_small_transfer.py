"""The small sibling of `test_transfer`: translated questions help a reader, with gold answers and without."""

from pathlib import Path

import pytest

from tasks.laboratory.knobs import Knobs
from tests.model.trials import Laboratory
from tests.model.trials import laboratory as made


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return made(Knobs(questions=400, test_questions=100), tmp_path_factory.mktemp("laboratory"), steps=400)


def test_translated_questions_help_with_gold_answers_and_without(laboratory: Laboratory) -> None:
    def f1(system: str, epochs: int, **settings: float | str) -> float:
        reader: Path = laboratory.train(system, seed=0, epochs=epochs, **settings)[0]
        return laboratory.transfer(reader).overall

    zero_shot = f1("zs", 8)
    assert f1("tq", 2) - zero_shot >= 6
    assert f1("laf-psa-en-all", 1, schedule="joint", translation_weight=0.0) - zero_shot >= 5
