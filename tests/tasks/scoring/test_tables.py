from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring import paper
from tasks.scoring.statistics import describe
from tasks.scoring.tables import PAPER, table1, table2, table3, table4, table5
from tasks.scoring.transfer import transfer


def test_the_papers_table_3_gives_its_own_means() -> None:
    """The printed cells give the printed means of rows and columns, the 61.9 and the 65.7 of the same table.

    A mean of seven cells rounded to 0.1, itself rounded, is at most 0.1 away.
    """
    *by_question, by_context = table3(paper.TABLE_3).rows
    printed = paper.TABLE_2[paper.TABLE_3_SYSTEM]
    assert {row[0]: row[-1] for row in by_question} == pytest.approx(paper.TABLE_3_BY_QUESTION, abs=0.1)
    assert dict(zip(paper.MLQA_LANGUAGES, by_context[1:-1], strict=True)) == pytest.approx(
        printed.by_context, abs=0.1
    )
    means = transfer(paper.TABLE_3)
    assert round(means.overall, 1) == round(float(by_context[-1] or 0), 1) == printed.g_xlt == 61.9
    assert round(means.xlt or 0.0, 1) == printed.xlt == 65.7
    assert means.complete


def test_the_papers_table_4_is_the_diagonal_of_table_3() -> None:
    diagonal = {code: paper.TABLE_3[code, code] for code in paper.MLQA_LANGUAGES}
    assert {**diagonal, "xlt": 65.7} == paper.TABLE_4[paper.TABLE_3_SYSTEM]


@pytest.mark.parametrize("name", paper.TABLE_2)
def test_the_papers_table_2_averages_to_its_g_xlt(name: str) -> None:
    row = paper.TABLE_2[name]
    assert fmean(row.by_context.values()) == pytest.approx(row.g_xlt, abs=0.1)


@pytest.mark.parametrize("row", paper.TABLE_5, ids=lambda row: row.label)
def test_the_papers_table_5_averages_to_its_means(row: paper.TydiqaRow) -> None:
    assert fmean(row.by_language.values()) == pytest.approx(row.mean, abs=0.1)


@pytest.mark.parametrize("name", paper.TABLE_1)
def test_the_papers_table_1_adds_up(name: str) -> None:
    row = paper.TABLE_1[name]
    assert sum(row.types.values()) == row.pairs


def test_the_papers_t_all_counts_english_once() -> None:
    def size(name: str) -> int:
        return paper.TABLE_1[name].pairs

    assert size("tall") == size("tq") + size("tc") + size("tqc") - 2 * size("en")


@given(st.dictionaries(st.sampled_from(["ar", "de", "en"]), st.floats(0, 100), min_size=1))
def test_g_xlt_of_a_full_grid_is_the_mean_of_its_context_languages(figures: dict[str, float]) -> None:
    """Law: on a full grid the mean over pairs is the mean of the means by context."""
    grid = {(c, q): (figures[c] + figures[q]) / 2 for c in figures for q in figures}
    means = transfer(grid)
    assert means.overall == pytest.approx(fmean(means.by_context.values()))
    assert means.xlt == pytest.approx(fmean(figures.values()))
    assert means.complete


def test_a_part_of_a_benchmark_is_said_to_be_one() -> None:
    means = transfer({("en", "de"): 40.0, ("en", "en"): 60.0})
    assert (means.by_context, means.overall, means.xlt, means.complete) == ({"en": 50.0}, 50.0, 60.0, False)
    assert transfer({("en", "de"): 40.0}).xlt is None


def test_table_2_stands_above_the_papers_row() -> None:
    runs = [transfer({("en", "en"): 70.0}), transfer({("en", "en"): 74.0})]
    table = table2({"tq": runs, "mine": runs[:1]})
    assert table.columns == ("system", "from", "en", "G-XLT", "G-XLT ±", "XLT", "XLT ±")
    ours, printed, unknown = table.rows
    assert ours == ("T(Q)", "here", 72.0, 72.0, pytest.approx(8**0.5), 72.0, pytest.approx(8**0.5))
    assert printed == ("T(Q)", PAPER, 73.5, 60.9, 0.2, 64.9, 0.2)
    assert unknown == ("mine", "here", 70.0, 70.0, None, 70.0, None)


def test_table_3_has_questions_down_and_contexts_across() -> None:
    table = table3({("de", "en"): 40.0, ("en", "en"): 60.0, ("en", "de"): 50.0})
    assert table.columns == ("q \\ c", "de", "en", "AVG")
    assert table.rows == (("de", None, 50.0, 50.0), ("en", 40.0, 60.0, 50.0), ("AVG", 40.0, 55.0, 50.0))


def test_tables_4_and_5_take_the_own_language_only() -> None:
    figures = {("en", "en"): 75.0, ("fi", "fi"): 65.0, ("en", "fi"): 1.0}
    assert table4({"zs": figures}).rows == (
        ("ZS", "here", 75.0, 65.0, 70.0),
        ("ZS", PAPER, 80.4, None, 61.7),
    )
    labels = [(row[0], row[-1]) for row in table5({"tq": figures}).rows]
    assert labels == [("T(Q)", 70.0), ("T(Q)*", 60.8), ("T(Q)", 64.3)]


def test_table_1_stands_above_the_papers_row() -> None:
    table = table1({"en": describe([("Who was it?", "Kant", "who")])})
    ours, printed = table.to_json()
    assert (ours["set"], ours["words/question"], ours["who"], ours["pairs"]) == ("SQuAD v1.1", 3.0, 1, 1)
    assert (printed["from"], printed["what"], printed["pairs"]) == (PAPER, 37_506, 87_599)


def test_a_table_becomes_markdown() -> None:
    lines = table3({("en", "en"): 60.0}).to_markdown().splitlines()
    assert lines[1:] == ["| :--- | ---: | ---: |", "| en | 60.0 | 60.0 |", "| AVG | 60.0 | 60.0 |"]
