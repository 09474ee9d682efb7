"""The plan `lab-fast`, killed and gone on with: each reader is trained once, and what the trial found is found."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from flows.plan_files import read_plan

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

PLAN = "lab-fast"
LEAST_GAIN = 6
"""Points of G-XLT of T(Q) over ZS: every sound build saw 11 to 14, every broken one less than this."""


def command(store: Path) -> list[str]:
    program = str(Path(sys.executable).parent / "silverspan")
    return [program, "reproduce", "--plan", PLAN, "--store", str(store), "--json"]


def weights(store: Path) -> dict[str, int]:
    """When the weights of each encoder and reader were written."""
    found = (*store.glob("models/*/manifest.json"), *store.glob("encoders/*/manifest.json"))
    return {path.parent.name: (path.parent / "model.safetensors").stat().st_mtime_ns for path in found}


def killed_at(store: Path, server: dict[str, str], count: int) -> dict[str, int]:
    """Start the plan and kill it as soon as it has so many encoders and readers; those that it has then."""
    process = subprocess.Popen(
        command(store), env=server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while len(weights(store)) < count:
        assert process.poll() is None, "it ended of itself"
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return weights(store)


def test_killed_and_gone_on_with_it_finds_what_the_trial_found(
    tmp_path: Path, server: dict[str, str]
) -> None:
    store, plan = tmp_path / "store", read_plan(PLAN)
    early = killed_at(store, server, 2)
    late = killed_at(store, server, 8)
    done = subprocess.run(command(store), env=server, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    after = weights(store)
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
