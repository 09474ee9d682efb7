"""The data set card: YAML that the hub reads, Markdown that says what was made and by whom."""

from dataclasses import asdict
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.downloads.datasets import DATASETS
from storage.silver import Reason, SilverSet
from tasks.cards import TITLES, dataset_card, statistics_table, yields_table
from tasks.scoring.statistics import QUESTION_TYPES, describe

TABLE_1 = asdict(describe([("Who was it?", "Ana", "who"), ("Where is it?", "in Lyon", "where")]))


def statistics(**parts: dict[str, Any]) -> dict[str, Any]:
    found = {name.replace("_", "-"): part for name, part in parts.items()}
    return {"table1": TABLE_1, "parts": found}


FIGURES = statistics(
    en={"kept": 2, "rejected": 1, "methods": {"unchanged": 2}, "reasons": {Reason.UNANSWERABLE: 1}},
    tc_es={
        "kept": 1_500,
        "rejected": 500,
        "methods": {"exact": 1_400, "cover": 100},
        "reasons": {Reason.TAGS_LOST: 400, Reason.EMPTY_ANSWER: 100},
    },
    tc_xx={"kept": 0, "rejected": 0, "methods": {}, "reasons": {}},
)
RECIPE = {
    "source": "ab" * 32,
    "projection": "best",
    "engines": {
        "es": {"engine": "apertium", "version": "3.8", "options": {}},
        "hi": {"engine": "table", "version": "sha256:00", "options": {"b": "2", "a": "1"}},
    },
}


def split(card: str) -> tuple[dict[str, Any], str]:
    empty, metadata, text = card.split("---\n", 2)
    assert empty == ""
    return yaml.safe_load(metadata), text


@pytest.mark.parametrize("silver_set", TITLES)
def test_the_metadata_is_what_the_hub_knows(silver_set: SilverSet) -> None:
    metadata, text = split(dataset_card(silver_set, RECIPE, FIGURES))
    assert metadata["language"] == ["en", "es", "hi"]
    assert metadata["task_categories"] == ["question-answering"]
    assert metadata["pretty_name"] == TITLES[silver_set]
    (config,) = metadata["configs"]
    assert config["data_files"] == [{"split": "train", "path": "part-*.parquet"}]
    assert f"# {TITLES[silver_set]}" in text


def test_every_published_set_has_a_title() -> None:
    assert set(TITLES) == set(SilverSet) - {SilverSet.EN}


def test_id_and_data_set_are_left_for_the_store() -> None:
    card = dataset_card(SilverSet.TC, RECIPE, FIGURES)
    assert "`{id}` of `{dataset}`" in card
    assert card.count("{") == card.count("}") == 2


def test_it_says_that_nobody_checked_the_rows_and_whose_method_it_is() -> None:
    card = dataset_card(SilverSet.TC, RECIPE, FIGURES)
    assert "Nobody has checked" in card
    assert "Bornea" in card


@pytest.mark.parametrize("name", DATASETS)
def test_the_licence_is_that_of_the_source(name: str) -> None:
    source = DATASETS[name]
    metadata, text = split(dataset_card(SilverSet.TC, {**RECIPE, "source": source.sha256}, FIGURES))
    assert metadata["license"] == source.licence.lower().replace(" ", "-")
    assert f"the licence of their source: {source.licence}." in text


def test_a_source_that_nobody_published_has_no_known_licence() -> None:
    metadata, text = split(dataset_card(SilverSet.TC, RECIPE, FIGURES))
    assert metadata["license"] == "unknown"
    assert "not known to silverspan" in text


def test_yields_with_their_reasons() -> None:
    lines = yields_table(FIGURES["parts"]).splitlines()
    assert [line.count("|") for line in lines] == [7] * len(lines)
    cells = [cell.strip().replace("\\", "") for cell in lines[3].strip("|").split("|")]
    assert cells[0] == "tc-es"
    assert [cell.replace(",", "") for cell in cells[1:3]] == ["1500", "500"]
    assert cells[3] == "75.0"
    assert cells[4] == "cover 100, exact 1400"
    assert cells[5] == "empty-answer 100, tags-lost 400"


def test_a_part_without_rows_has_no_share() -> None:
    assert yields_table(FIGURES["parts"]).splitlines()[4].split("|")[4].strip() == ""


def test_the_papers_row_and_the_difference_stand_below_ours() -> None:
    lines = statistics_table({"tc": TABLE_1}).splitlines()
    assert len(lines) == 5
    assert "T\\(C\\)" in lines[2]
    assert "441" in lines[3]
    assert len(QUESTION_TYPES) + 6 <= lines[2].count("|") + 1


def test_who_translated() -> None:
    card = dataset_card(SilverSet.TALL, RECIPE, FIGURES)
    assert "| es | apertium | 3\\.8 |" in card
    assert "| hi | table |" in card
    assert "a 1, b 2" in card.replace("\\", "")


HOSTILE = st.text("ab|`<>{}[]()*_#-:\"'\\\n\r\u2028é&!", max_size=12)


@settings(deadline=None, max_examples=50)
@given(version=HOSTILE, option=HOSTILE, language=st.sampled_from(["no", "on", "y", "nan", "es", "zh-Hant"]))
def test_whatever_an_engine_says_of_itself_the_card_keeps_its_shape(
    version: str, option: str, language: str
) -> None:
    """Law: the YAML parses to the very languages (`no` is one, and YAML's false), and no text of an engine becomes a
    heading, a tag or a column.
    """
    engines = {language: {"engine": "e", "version": version, "options": {option: version}}}
    card = dataset_card(SilverSet.TC, {**RECIPE, "engines": engines}, FIGURES)
    metadata, text = split(card)
    assert metadata["language"] == sorted({"en", language})
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert len(headings) == 5
    assert "<" not in text
    (row,) = text.partition("## Who translated")[2].partition("## Licence")[0].strip().splitlines()[2:]
    assert row.replace("\\|", "").count("|") == 5
