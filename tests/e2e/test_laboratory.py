"""The plan `lab-fast`, killed and gone on with: nothing is trained twice, and translated questions help."""

import json
from pathlib import Path

import pytest

from flows.plan_files import read_plan
from tests.e2e.grids import Grid

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

PLAN = "lab-fast"
LEAST_GAIN = 6
"""Points of G-XLT of T(Q) over ZS: every sound build saw 11 to 14, every broken one less than this."""


def test_killed_and_gone_on_with_it_finds_that_translated_questions_help(
    tmp_path: Path, server: dict[str, str]
) -> None:
    plan = read_plan(PLAN)
    grid = Grid(PLAN, tmp_path / "store", server, kinds=("models", "encoders"))
    early = grid.killed_at(2)
    late = grid.killed_at(8)
    result = grid.finished()
    after = grid.made()
    assert {**late, **early} == late
    assert {**after, **late} == after
    cells = len(plan.systems) * len(plan.seeds)
    assert len(after) == cells + len(plan.worlds["lab"].checkpoints)
    report = json.loads(Path(result["path"]).with_name("report.json").read_text())
    mean = {one["system"]: one["f1"]["mean"] for one in report["systems"]}
    assert mean["tq"] - mean["zs"] >= LEAST_GAIN
    (contrast,) = (
        one
        for one in report["comparisons"]
        if one["family"] == "systems"
        and one["figure"] == "G-XLT F1"
        and {one["a"], one["b"]} == {"ZS", "T(Q)"}
    )
    assert contrast["p_holm"] < 0.05
