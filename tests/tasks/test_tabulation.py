"""What goes into the tables of a grid, and what does not."""

from typing import Any

import pytest

from model.spec import Preset, TrainSpec
from storage.snapshots import Snapshot
from storage.store import Store
from tasks import tabulation
from tasks.answering import Trial
from tasks.reproduction import Cell, Done
from tasks.scoring.inquiry import Inquiry, Twin, World
from tasks.tabulation import Asked, grid_reports, without_differences

SPEC = TrainSpec(system="tq", files=("-",), output="-", preset=Preset.TINY)


def done(name: str) -> Done:
    trials = tuple(Trial("", benchmark, "x") for benchmark in ("tydiqa", "mlqa"))
    cell = Cell(name, 1, SPEC, Snapshot("squad-tq", "s", {}), trials)
    return Done(cell, f"model-{name}", True, ({"predictions": {}},) * 2, (True,) * 2)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Asked]]:
    """Tables and questions of each report, in the order of the reports."""
    reports: list[tuple[Any, Asked]] = []

    def noted(_store: Store, _found: object, tables: Any, asked: Asked) -> dict[str, Any]:
        reports.append((tables, asked))
        return {}

    monkeypatch.setattr(tabulation, "_reported", noted)
    monkeypatch.setattr(tabulation, "figures_of", lambda *_: {("en", "en"): 60.0, ("en", "es"): 50.0})
    monkeypatch.setattr(tabulation, "gold_digest", lambda _: "g")
    monkeypatch.setattr(Trial, "pairs", lambda _: [])
    return reports


def test_what_is_broken_on_purpose_has_no_place_in_the_papers_tables(
    store: Store, told: list[tuple[Any, Asked]]
) -> None:
    twin = Twin(of="tq", twin="broken", says="s")
    asked = Asked(inquiry=Inquiry(twins=(twin,), worlds=(World(name="w"),)))
    grid_reports(store, [done("tq"), done("broken")], {}, asked)
    (main, of_main), (other, of_other) = told
    for table in [*main, *other]:
        assert not any("broken" in row for row in table["rows"])
    assert {row[0] for row in main[0]["rows"]} == {"T(Q)"}
    assert of_main.inquiry == asked.inquiry
    assert of_other.inquiry.broken == {"broken"}


def test_of_a_made_up_world_no_differences_are_shown() -> None:
    table = {
        "title": "t",
        "columns": ["system", "from", "F1"],
        "rows": [["a", "here", 1], ["a", "difference", 2]],
    }
    assert without_differences(table)["rows"] == [["a", "here", 1]]
    assert without_differences({"columns": ["q"], "rows": [["difference"]]})["rows"] == [["difference"]]
