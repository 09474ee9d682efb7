"""Which languages a training is on, and what of it is refused before anything is downloaded, translated or trained."""

from typing import NoReturn

import pytest

import flows.chain
from flows.chain import languages_to_train_on, silver_reader
from flows.train import languages_learnt, training_spec
from model.spec import Preset
from storage.errors import UsageError
from storage.snapshots import Snapshot

BOTH = Snapshot("squad-tq", "3fa9", {"recipe": {"engines": {"es": {}, "zh": {}}}})


@pytest.mark.parametrize(
    ("system", "built", "named", "expected"),
    [
        ("at-en-zh", ["zh"], [], ["zh"]),
        ("laf-psa-qs-en-zh", ["es"], [], ["es"]),
        ("laf-psa-en-zh", ["es", "zh"], ["zh"], ["zh"]),
        ("laf-psa-en-zh", ["es", "zh"], [], []),
        ("tall", ["es", "zh"], [], []),
        ("tq", ["es", "zh"], ["es"], ["es"]),
        ("zs", ["es"], [], []),
    ],
)
def test_one_language_that_is_built_need_not_be_named(
    system: str, built: list[str], named: list[str], expected: list[str]
) -> None:
    assert languages_to_train_on(system, built, named) == expected


@pytest.fixture
def nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("something was translated")

    monkeypatch.setattr(flows.chain, "build_silver", refuse)


@pytest.mark.usefixtures("nothing_is_built")
@pytest.mark.parametrize(
    ("system", "named", "sentence"),
    [
        ("at-en-zh", [], "trains on English and one more language; name exactly one"),
        ("laf-psa-en-zh", ["es", "zh"], "name exactly one"),
        ("laf-psa-en-zh", ["de"], "Unknown language to train on 'de'; choose one of: es, zh"),
        ("zs", ["es"], "trains on English alone"),
        ("at-en-cn", [], "Unknown system"),
    ],
)
def test_what_cannot_be_trained_is_not_translated(system: str, named: list[str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        silver_reader.fn(["es", "zh"], system_name=system, preset=Preset.TINY, train_languages=named)


@pytest.mark.parametrize(
    ("system", "named", "learnt"),
    [
        ("zs", [], {"en"}),
        ("tq", [], {"en", "es", "zh"}),
        ("tq", ["es"], {"en", "es"}),
        ("at-en-zh", ["zh"], {"en", "zh"}),
    ],
)
def test_the_languages_of_a_training(system: str, named: list[str], learnt: set[str]) -> None:
    assert languages_learnt(BOTH, training_spec(system, named, Preset.TINY, "")) == learnt
