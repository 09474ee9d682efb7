"""Knobs of a world: refused where they mean nothing, and told apart by what follows from them."""

import pytest
from pydantic import ValidationError

from tasks.laboratory.knobs import Faults, Knobs


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"alignment": 1.5}, "less than or equal to 1"),
        ({"noise": -0.1}, "greater than or equal to 0"),
        ({"languages": []}, "at least 1 item"),
        ({"languages": ["qaa", "qaa"]}, "'qaa' stands twice"),
        ({"languages": ["en"]}, "'en' stands twice; English is always there"),
        ({"unseen": ["../x"]}, "is not the code of a language"),
        ({"checkpoints": [1, 1]}, "a seed of pre-training stands twice"),
        ({"faults": {"lost": 0.7, "moved": 0.7}}, "come to more than 1"),
        ({"rho": 0.3}, "Extra inputs"),
    ],
)
def test_what_means_nothing_is_refused(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Knobs.model_validate(given)


def test_every_knob_explains_itself() -> None:
    for kind in (Knobs, Faults):
        for name, field in kind.model_fields.items():
            assert field.description, name


def test_texts_follow_from_some_knobs_only() -> None:
    texts = Knobs().texts()
    assert Knobs(alignment=0.6, noise=0.0, checkpoints=[7], faults=Faults(lost=0.5)).texts() == texts
    assert Knobs(seed=2).texts() != texts
    assert Knobs(languages=["qaa"]).texts() != texts
