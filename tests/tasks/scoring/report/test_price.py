"""The price of a poor projection: a curve of the rows that are there."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tasks.scoring.benchmarks import Pair
from tasks.scoring.inquiry import Line, Price
from tasks.scoring.measures import Measure
from tasks.scoring.metrics import Metric
from tasks.scoring.report import ReportData, Run
from tasks.scoring.report.price import price_found

PRICE = Price(
    x="share of tags",
    lines=(
        Line(name="the paper's", points=((1.0, "tc"), (0.24, "paper-24"))),
        Line(name="full", points=((0.24, "full-24"), (0.5, "lost"))),
    ),
)


@pytest.fixture
def data(pairs: list[Pair], make_run: Callable[..., Run]) -> ReportData:
    runs = [
        make_run("tc", "ab", seed=1),
        make_run("paper-24", "", seed=1),
        make_run("paper-24", "a", seed=2),
        make_run("full-24", "a", seed=1),
    ]
    return ReportData(benchmark="mlqa", metric=Metric.MLQA, pairs=pairs, runs=runs)


def test_points_rise_by_share_and_rows_that_failed_are_left_out(data: ReportData) -> None:
    found = price_found(data, PRICE, {"tc": {Measure.ROWS: [10.0, 12.0]}})
    assert found is not None
    assert [(p.share, p.f1.mean, p.rows) for p in found.lines["the paper's"]] == [
        (0.24, 25.0, None),
        (1.0, 100.0, 11.0),
    ]
    assert [p.share for p in found.lines["full"]] == [0.24]


def test_the_table_holds_the_lines_against_the_first(data: ReportData) -> None:
    found = price_found(data, PRICE, {})
    assert found is not None
    assert found.table.columns[0] == "share of tags"
    assert found.table.columns[-1] == "full − the paper's"
    assert [row[0] for row in found.table.rows] == ["100 %", "24 %"]
    assert [row[-1] for row in found.table.rows] == [None, "+25.0 ▲"]


def test_one_context_language_can_be_looked_at(data: ReportData) -> None:
    found = price_found(data, replace(PRICE, context="ar"), {})
    assert found is not None
    assert found.figure == "F1 on ar contexts"
    assert price_found(data, replace(PRICE, context="zu"), {}) is None
