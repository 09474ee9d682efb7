"""A small grid on a real Prefect server: one cell fails, the others are told of, and nothing is made twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.plan import Plan
from flows.reproduce import reproduce
from storage.errors import SilverspanError
from storage.store import Store
from tasks.reproduction import GridIncomplete

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect"), pytest.mark.timeout(900)]

ROWS = [{"system": "zs"}, {"system": "tq"}]
TOO_LONG = {"system": "tq", "name": "too-long", "training": {"max_length": 600}}
"""More than the tiny network takes: its job fails, and no retry helps."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("grid") / "store")


@pytest.fixture(scope="module")
def given(corpus: Path, replay: str) -> dict[str, Any]:
    return {
        "title": "A small grid",
        "seeds": [1],
        "silver": {
            "s": {
                "source": str(corpus), "languages": ["es"], "sets": ["tq"], "engine": replay, "filters": "none"
            }
        },
        "training": {"preset": "tiny"},
        "systems": ROWS,
        "benchmarks": [
            {"benchmark": "mlqa", "data": "sample", "languages": ["en", "es"], "limit": 6},
            {"benchmark": "tydiqa", "data": "sample", "systems": ["tq"]},
        ],
        "invariance": {"systems": ["tq"]},
        "claims": [{"says": "Translated questions help", "better": "tq", "than": "zs", "paper": 9.2}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def first(prefect: None, given: dict[str, Any], store: str) -> GridIncomplete:
    with pytest.raises(GridIncomplete) as caught:
        reproduce(Plan.model_validate(given | {"systems": [*ROWS, TOO_LONG]}), store=store, workers=2)
    return caught.value


def figures(result: dict[str, Any], benchmark: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        Path(result["reports"][benchmark]).with_name("report.json").read_text()
    )
    return found


def test_a_cell_that_fails_stops_no_other_and_is_told(first: GridIncomplete) -> None:
    assert str(first).startswith(
        "1 of the grid's cells failed, run again to try just these: too-long with seed 1:"
    )
    assert "max_length of 600" in str(first)
    assert isinstance(first, SilverspanError)
    assert first.exit_code == 1
    (failed,) = first.result["failed"]
    assert (failed["system"], failed["seed"]) == ("too-long", 1)
    assert {name: first.result[name] for name in ("trained", "evaluated", "reused")} == {
        "trained": 2,
        "evaluated": 3,
        "reused": 0,
    }


def test_one_report_holds_all_five_tables(first: GridIncomplete) -> None:
    page, tables = Path(first.result["path"]), figures(first.result, "mlqa")["tables"]
    assert page == Path(first.result["reports"]["mlqa"])
    assert [table["title"] for table in tables] == [f"Table {number}" for number in range(1, 6)]
    assert "plumbing, not quality" in page.read_text().lower()
    assert all(table["rows"] for table in tables)
    sets = [row["set"] for row in tables[0]["rows"] if row["from"] == "here"]
    assert sets == ["SQuAD v1.1", "T(Q)"]
    assert [row["pairs"] for row in tables[0]["rows"] if row["from"] == "here"] == [21, 2 * 21]


def test_figures_of_the_tables_are_those_of_the_report(first: GridIncomplete) -> None:
    """Two ways to one figure: scored for the tables, and scored for the report."""
    found = figures(first.result, "mlqa")
    ours = [row for row in found["tables"][1]["rows"] if row["from"] == "here"]
    assert [row["G-XLT"] for row in ours] == pytest.approx([one["f1"]["mean"] for one in found["systems"]])
    (fifth,) = (table for table in figures(first.result, "tydiqa")["tables"])
    assert fifth["rows"][0]["mean"] == pytest.approx(figures(first.result, "tydiqa")["f1"])


def test_contexts_shared_with_training_are_counted(first: GridIncomplete) -> None:
    for benchmark in ("mlqa", "tydiqa"):
        assert figures(first.result, benchmark)["contexts_shared_with_training"]["shared"] == 0


def test_question_vectors_are_compared_before_and_after(first: GridIncomplete) -> None:
    found = figures(first.result, "mlqa")["invariance"]
    assert {view["stage"] for view in found} == {"before", "after"}
    assert not figures(first.result, "tydiqa")["invariance"]


def test_what_was_found_comes_first_and_is_told_at_the_end(first: GridIncomplete) -> None:
    found = figures(first.result, "mlqa")["findings"]
    (claim,) = found["claims"]
    (held,) = claim["against"]
    ours = {one["system"]: one["f1"]["mean"] for one in figures(first.result, "mlqa")["systems"]}
    assert held["difference"] == pytest.approx(ours["tq"] - ours["zs"])
    assert held["p_holm"] == held["p_value"]
    assert set(held["by_seed"]) == {"1"}
    assert [one.partition(":")[0] for one in first.result["found"][1:]] == ["Translated questions help"]
    page = Path(first.result["path"]).read_text()
    assert page.index("What was found") < page.index("<h2>Systems")
    measures = found["measures"]["tq"]
    assert measures["rows"] == [42.0]
    assert set(measures) >= {"agreement", "retrieval", "probe", "steps"}
    assert figures(first.result, "tydiqa")["findings"]["claims"] == []


def test_seconds_are_told_by_stage(first: GridIncomplete) -> None:
    found = {one["name"]: one for one in figures(first.result, "mlqa")["seconds"]}
    assert set(found) == {
        "building training data", "training readers", "answering questions", "encoding questions"
    }  # fmt: skip
    assert found["training readers"]["times"] == found["answering questions"]["times"] == 2
    assert all(one["seconds"] > 0 for one in found.values())


def test_the_second_run_finds_everything_done(
    first: GridIncomplete, given: dict[str, Any], store: str
) -> None:
    again = reproduce(Plan.model_validate(given), store=store)
    assert (again["trained"], again["evaluated"], again["reused"], again["failed"]) == (0, 0, 5, [])
    assert again["reports"] == first.result["reports"]


def test_only_what_was_lost_is_made_again(first: GridIncomplete, given: dict[str, Any], store: str) -> None:
    """The weights come out the same, so their answers still count."""
    _, tq = first.result["runs"]
    Store(store).remove(f"models/{tq['model']}/model.safetensors")
    again = reproduce(Plan.model_validate(given), store=store)
    assert [run["trained"] for run in again["runs"]] == [False, True]
    assert (again["evaluated"], again["report"]) == (0, first.result["report"])
