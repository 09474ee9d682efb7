"""The systems as data."""

import pytest

from model.systems import SYSTEMS, TYDIQA_LANGUAGES, Objective, system
from storage.errors import UsageError

PAPER = {
    "zs": "extraction",
    "tq": "extraction",
    "tc": "extraction",
    "tqc": "extraction",
    "tall": "extraction",
    "at-en-zh": "adversarial",
    "at-en-all": "adversarial",
    "laf-psa-en-zh": "same-answer",
    "laf-psa-qs-en-zh": "same-answer-similarity",
    "laf-psa-en-all": "same-answer",
    "laf-psa-qs-en-all": "same-answer-similarity",
}
"""The eleven rows of Table 2, and what each minimises."""


def test_the_eleven_systems_of_table_2_have_their_objectives() -> None:
    assert all(name == value.name for name, value in SYSTEMS.items())
    assert {name: SYSTEMS[name].objective for name in PAPER} == PAPER
    paired = {name for name, value in SYSTEMS.items() if value.objective.paired}
    assert paired == {name for name in SYSTEMS if name.startswith("laf")}


def test_those_of_table_5_are_the_same_in_tydiqas_languages() -> None:
    assert SYSTEMS.keys() - PAPER.keys() == {"tq-tydiqa", "at-tydiqa", "laf-psa-qs-tydiqa"}
    for name in SYSTEMS.keys() - PAPER.keys():
        found = system(name)
        assert found.choose_languages([]) == found.choose_languages(TYDIQA_LANGUAGES) == TYDIQA_LANGUAGES
        with pytest.raises(UsageError, match="ar, bn, fi, id, ko, ru, te"):
            found.choose_languages(["ar"])


@pytest.mark.parametrize(
    ("name", "sets"),
    [
        ("zs", "en"),
        ("tq", "en tq"),
        ("tc", "en tc"),
        ("tqc", "en tqc"),
        ("tall", "en tq tc tqc"),
        ("at-en-zh", "en tq"),
        ("laf-psa-qs-en-all", "en tq"),
        ("laf-psa-qs-tydiqa", "en tq"),
    ],
)
def test_english_belongs_to_every_system(name: str, sets: str) -> None:
    assert list(system(name).sets) == sets.split()


def test_an_unknown_system_is_bad_usage_and_lists_the_valid_ones() -> None:
    with pytest.raises(UsageError, match=r"'bert'.*at-en-all.*laf-psa-qs-en-zh.*tall, tc, tq, .*zs"):
        system("bert")


def test_languages_cannot_be_named_for_english_alone() -> None:
    with pytest.raises(UsageError, match="'zs' trains on English alone"):
        system("zs").choose_languages(["de"])
    assert system("zs").choose_languages(["en"]) == ()


@pytest.mark.parametrize("name", [name for name in PAPER if name.endswith("en-zh")])
def test_a_system_of_one_language_wants_exactly_one(name: str) -> None:
    assert system(name).choose_languages(["en", "de"]) == ("de",)
    for languages in ([], ["en"], ["zh", "de"]):
        with pytest.raises(UsageError, match="exactly one"):
            system(name).choose_languages(languages)


def test_languages_are_a_set_without_english() -> None:
    assert system("at-en-all").choose_languages(["zh", "en", "de", "zh"]) == ("de", "zh")


def test_an_objective_is_paired_where_it_arbitrates() -> None:
    assert [objective.paired for objective in Objective] == [False, False, True, True]
