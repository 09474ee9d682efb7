"""The plan `sample`, killed twice: every reader is trained once, every answer given once, all tables are filled."""

import json
from pathlib import Path

import pytest

from tests.e2e.grids import Grid

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

CELLS = 11 * 2
EVALUATIONS = CELLS + 4 * 2
"""Every cell is put to MLQA, those of Table 5 to TyDiQA, too."""


def test_a_killed_grid_goes_on_and_does_nothing_twice(tmp_path: Path, server: dict[str, str]) -> None:
    grid = Grid("sample", tmp_path / "store", server, workers=2)
    early = grid.killed_at(5)
    late = grid.killed_at(14)
    end = grid.finished()
    after = grid.made()
    assert {**late, **early} == late
    assert {name: after[name] for name in late} == late
    assert (end["trained"], len(after), end["failed"]) == (CELLS - len(late), CELLS, [])
    assert end["trained"] + end["evaluated"] + end["reused"] == CELLS + EVALUATIONS
    _tables_are_filled(Path(end["path"]).with_name("report.json"))

    again = grid.finished()
    assert (again["trained"], again["evaluated"], again["reused"]) == (0, 0, CELLS + EVALUATIONS)
    assert (again["report"], again["reports"]) == (end["report"], end["reports"])
    assert grid.made() == after


def _tables_are_filled(report: Path) -> None:
    tables = {table["title"]: table["rows"] for table in json.loads(report.read_text())["tables"]}
    ours = {title: [row for row in rows if row["from"] == "here"] for title, rows in tables.items()}
    assert {title: len(rows) for title, rows in ours.items()} == {
        "Table 1": 5, "Table 2": 11, "Table 3": 8, "Table 4": len(ours["Table 4"]), "Table 5": 4
    }  # fmt: skip
    assert len(ours["Table 4"]) >= 2
    assert all(cell is not None for rows in ours.values() for row in rows for cell in row.values())
    # The paper's rows stand under all of ours that it has, with what lies between them.
    for title in ("Table 1", "Table 2", "Table 3", "Table 5"):
        kinds = [row["from"] for row in tables[title]]
        assert kinds == ["here", "paper", "difference"] * len(ours[title])
