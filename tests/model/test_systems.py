"""The systems as data."""

import pytest

from model.steps import STEPS
from model.systems import SYSTEMS, System, system
from storage.errors import UsageError
from storage.silver import SilverSet


def test_every_system_stands_under_its_own_name_and_has_an_algorithm() -> None:
    assert all(name == value.name for name, value in SYSTEMS.items())
    assert all(value.objective in STEPS for value in SYSTEMS.values())


@pytest.mark.parametrize(
    ("name", "sets"),
    [("zs", "en"), ("tq", "en tq"), ("tc", "en tc"), ("tqc", "en tqc"), ("tall", "en tq tc tqc")],
)
def test_english_belongs_to_every_system(name: str, sets: str) -> None:
    assert list(system(name).sets) == sets.split()


def test_an_unknown_system_is_bad_usage_and_lists_the_valid_ones() -> None:
    with pytest.raises(UsageError, match=r"'bert'.*tall, tc, tq, tqc, zs"):
        system("bert")


def test_languages_cannot_be_named_for_english_alone() -> None:
    with pytest.raises(UsageError, match="'zs' trains on English alone"):
        system("zs").check_languages(["de"])
    system("zs").check_languages([])


def test_a_system_of_one_language_wants_exactly_one() -> None:
    pair = System("pair", SilverSet.TQ, "named", "extraction")
    pair.check_languages(["zh"])
    for languages in ([], ["zh", "de"]):
        with pytest.raises(UsageError, match="exactly one"):
            pair.check_languages(languages)
