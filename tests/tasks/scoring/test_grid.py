"""The five tables of a grid: which rows they hold, and which system stands in Table 3."""

from typing import Any

import pytest

from tasks.scoring import paper
from tasks.scoring.grid import best_system, data_tables, mean_figures, mlqa_tables, tydiqa_tables
from tasks.scoring.statistics import describe
from tasks.scoring.tables import DIFFERENCE, HERE, PAPER


def like_the_paper(more: float = 0.0) -> dict[tuple[str, str], float]:
    return {pair: figure + more for pair, figure in paper.TABLE_3.items()}


RUNS = {
    "zs": [like_the_paper(-10.0), like_the_paper(-8.0)],
    "tq": [like_the_paper(-1.0), like_the_paper(1.0)],
    "tq-pairs": [like_the_paper(-5.0)],
    "tall": [],
}


def cells(table: dict[str, Any], row: str, kind: str) -> list[Any]:
    (found,) = ([*cells] for cells in table["rows"] if [*cells][:2] == [row, kind])
    return found


def test_a_grid_like_the_papers_differs_by_nothing() -> None:
    second, third, fourth = (table.to_json() for table in mlqa_tables(RUNS))
    assert [t["title"] for t in (second, third, fourth)] == ["Table 2", "Table 3", "Table 4"]
    assert [row[0] for row in second["rows"] if row[1] == HERE] == ["ZS", "T(Q)", "tq-pairs"]
    assert cells(second, "T(Q)", HERE)[-4:] == [
        pytest.approx(61.914, abs=0.001),
        pytest.approx(2**0.5),
        pytest.approx(65.7, abs=0.1),
        pytest.approx(2**0.5),
    ]
    assert "means of 1 to 2 seeds here" in second["lead"]
    assert cells(third, "AVG", PAPER)[-1] == pytest.approx(61.914, abs=0.001)
    assert {cell for row in third["rows"] if row[1] == DIFFERENCE for cell in row[2:]} == {"0.0 ="}
    assert [row[0] for row in fourth["rows"] if row[1] == HERE] == ["ZS", "T(Q)"]


def test_table_3_is_of_the_best_system_by_its_mean() -> None:
    assert best_system({name: runs for name, runs in RUNS.items() if runs}) == "tq"
    assert mean_figures(RUNS["tq"]) == pytest.approx(like_the_paper())
    assert mean_figures([{("en", "en"): 1.0}, {("en", "en"): 2.0, ("en", "de"): 5.0}]) == {
        ("en", "en"): 1.5,
        ("en", "de"): 5.0,
    }


def test_table_4_has_the_papers_best_system_beside_ours() -> None:
    *_, fourth = mlqa_tables(RUNS | {paper.TABLE_3_SYSTEM: [like_the_paper(-3.0)]})
    rows = [row[:2] for row in fourth.table.rows if row[1] != PAPER]
    assert rows[:4] == [
        ("ZS", HERE),
        ("ZS", DIFFERENCE),
        ("LAF PSA+QS (en-all)", HERE),
        ("LAF PSA+QS (en-all)", DIFFERENCE),
    ]
    assert rows[4:] == [("T(Q)", HERE)]


def test_table_5_has_a_spread_over_seeds() -> None:
    runs = [{("fi", "fi"): 50.0, ("en", "en"): 60.0}, {("fi", "fi"): 54.0, ("en", "en"): 60.0}]
    (fifth,) = tydiqa_tables({"tq": runs, "zs": []})
    assert fifth.table.columns == ("system", "from", "en", "fi", "mean", "mean ±")
    assert fifth.table.rows[0] == ("T(Q)*", HERE, 60.0, 52.0, 56.0, pytest.approx(2**0.5))


def test_slips_of_the_paper_are_told_beside_its_rows() -> None:
    """Those that its own cells show: 61.64 for ZS in Table 4, 61.99 for LAF* in Table 5."""
    *_, fourth = mlqa_tables(RUNS)
    assert fourth.lead.endswith("language. The paper's cells of ZS average 61.6; it prints 61.7.")
    figures = [{("fi", "fi"): 50.0}]
    (fifth,) = tydiqa_tables({row.system: figures for row in paper.TABLE_5})
    assert fifth.lead.endswith("languages. The paper's cells of LAF* average 62.0; it prints 61.9.")


def test_without_figures_there_is_no_table() -> None:
    assert data_tables({}) == mlqa_tables({"zs": []}) == tydiqa_tables({}) == []


def test_table_1_is_of_the_training_sets() -> None:
    (first,) = data_tables({"en": describe([("Who?", "Ada", "who")]), "tq": describe([])})
    assert [row[0] for row in first.table.rows if row[1] == HERE] == ["SQuAD v1.1", "T(Q)"]
