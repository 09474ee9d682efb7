from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.systems import SYSTEMS, system
from tasks.scoring import paper
from tasks.scoring.statistics import describe
from tasks.scoring.tables import (
    DIFFERENCE,
    HERE,
    PAPER,
    Table,
    table1,
    table2,
    table3,
    table3_beside,
    table4,
    table5,
)
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


def test_a_part_of_mlqa_is_not_compared_with_the_whole() -> None:
    part = [transfer({("en", "en"): 70.0, ("en", "de"): 60.0})]
    assert [row[1] for row in table2({"tq": part}).rows] == [HERE, PAPER]


def test_on_all_49_pairs_the_difference_stands_below() -> None:
    ours = {pair: figure + 1.0 for pair, figure in paper.TABLE_3.items()}
    *_, difference = table2({paper.TABLE_3_SYSTEM: [transfer(ours)] * 2}).rows
    assert difference[:2] == ("LAF PSA+QS (en-all)", DIFFERENCE)
    # Ours are means of printed cells, the paper's are rounded means: 0.1 apart at most.
    assert difference[2:10] == pytest.approx((1.0,) * 8, abs=0.1)
    assert difference[10:] == (None, pytest.approx(1.0, abs=0.1), None)


def test_table_3_stands_beside_the_papers_with_means_of_its_own_cells() -> None:
    """Every mean of the paper's, worked out anew, is what it prints, but for the rounding of its cells."""
    table = table3_beside({pair: figure - 2.0 for pair, figure in paper.TABLE_3.items()})
    rows = {(row[0], row[1]): row[2:] for row in table.rows}
    assert rows["de", PAPER][:-1] == tuple(paper.TABLE_3[c, "de"] for c in paper.MLQA_LANGUAGES)
    for question, printed in paper.TABLE_3_BY_QUESTION.items():
        assert rows[question, PAPER][-1] == pytest.approx(printed, abs=0.1)
        assert rows[question, PAPER][-1] == pytest.approx(fmean(rows[question, PAPER][:-1]))
    assert rows["AVG", PAPER][-1] == pytest.approx(61.9, abs=0.05)
    assert all(cells == pytest.approx((-2.0,) * 8) for (_, kind), cells in rows.items() if kind == DIFFERENCE)


def test_a_part_of_table_3_is_compared_with_that_part() -> None:
    part = {("de", "en"): 40.0, ("en", "en"): 60.0}
    table = table3_beside(part | {("fr", "en"): 50.0})
    assert table.columns == ("q \\ c", "from", "de", "en", "fr", "AVG")
    assert [row for row in table.rows if row[1] == DIFFERENCE] == [
        ("en", DIFFERENCE, pytest.approx(-24.9), pytest.approx(-20.2), None, None)
    ]
    # Of pairs that the paper has, all of them, the means are over the same pairs.
    *_, difference = table3_beside(part).rows
    assert difference == ("AVG", DIFFERENCE, *map(pytest.approx, (-24.9, -20.2, -22.55)))
    assert {row[1] for row in table3_beside({("fr", "fr"): 1.0}).rows} == {HERE}


def test_tables_4_and_5_take_the_own_language_only() -> None:
    figures = {("en", "en"): 75.0, ("fi", "fi"): 65.0, ("en", "fi"): 1.0}
    ours, printed, difference = table4({"zs": [figures]}).rows
    assert ours == ("ZS", HERE, 75.0, 65.0, 70.0, None)
    assert printed == ("ZS", PAPER, 80.4, None, 61.7, None)
    assert difference == ("ZS", DIFFERENCE, pytest.approx(-5.4), None, None, None)
    assert [row[:2] for row in table5({"mine": [figures]}).rows] == [("mine", HERE)]


@pytest.mark.parametrize("row", paper.TABLE_5, ids=lambda row: row.label)
def test_each_row_of_table_5_is_a_system_that_can_be_trained(row: paper.TydiqaRow) -> None:
    """The paper's order of languages; the difference of the means, too, where all nine are there."""
    runs = [{(c, c): figure + d for c, figure in row.by_language.items()} for d in (0.0, 2.0)]
    table = table5({row.system: runs})
    assert table.columns == ("system", "from", *paper.TYDIQA_LANGUAGES, "mean", "mean ±")
    _, printed, difference = table.rows
    assert printed == (row.label, PAPER, *row.by_language.values(), row.mean, row.deviation)
    assert difference[2:-2] == pytest.approx((1.0,) * 9)
    assert difference[-2:] == (pytest.approx(1.0, abs=0.1), None)
    assert row.system in SYSTEMS
    assert ("*" in row.label) == (system(row.system).languages == "all")


def test_differences_are_shown_with_sign_and_mark() -> None:
    table = Table(("set", "from", "F1"), (("T(Q)", HERE, 2.0), ("T(Q)", DIFFERENCE, -0.5)))
    assert table.shown() == (("T(Q)", HERE, 2.0), ("T(Q)", DIFFERENCE, "-0.5 ▼"))
    assert table3({("en", "en"): 1.0}).shown() == table3({("en", "en"): 1.0}).rows


def test_table_1_stands_above_the_papers_row() -> None:
    table = table1({"en": describe([("Who was it?", "Kant", "who")])})
    ours, printed, difference = table.to_json()
    assert (ours["set"], ours["words/question"], ours["who"], ours["pairs"]) == ("SQuAD v1.1", 3.0, 1, 1)
    assert (printed["from"], printed["what"], printed["pairs"]) == (PAPER, 37_506, 87_599)
    assert (difference["from"], difference["what"], difference["pairs"]) == (DIFFERENCE, -37_506, -87_598)


def test_english_of_another_source_bears_its_own_name() -> None:
    table = table1({"en": describe([("Who was it?", "Kant", "who")])}, "English of the world w")
    names = {row["from"]: row["set"] for row in table.to_json()}
    assert names == {
        HERE: "English of the world w",
        PAPER: "SQuAD v1.1",
        DIFFERENCE: "English of the world w",
    }


def test_a_table_becomes_markdown() -> None:
    lines = table3({("en", "en"): 60.0}).to_markdown().splitlines()
    assert lines[1:] == ["| :--- | ---: | ---: |", "| en | 60.0 | 60.0 |", "| AVG | 60.0 | 60.0 |"]
