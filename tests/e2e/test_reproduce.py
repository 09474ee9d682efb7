"""The plan `sample`, killed twice: every reader is trained once, every answer given once, all tables are filled."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

CELLS = 11 * 2
EVALUATIONS = CELLS + 4 * 2
"""Every cell is put to MLQA, those of Table 5 to TyDiQA, too."""


def command(store: Path) -> list[str]:
    program = str(Path(sys.executable).parent / "silverspan")
    return [program, "reproduce", "--plan", "sample", "--workers", "2", "--store", str(store), "--json"]


def readers(store: Path) -> dict[str, int]:
    """The readers that are there, and when their weights were written."""
    weights = {
        path.parent.name: path.parent / "model.safetensors" for path in store.glob("models/*/manifest.json")
    }
    return {name: path.stat().st_mtime_ns for name, path in weights.items()}


def killed_at(store: Path, server: dict[str, str], count: int) -> dict[str, int]:
    """Start the grid and kill it as soon as it has so many readers; those that it has then."""
    process = subprocess.Popen(
        command(store), env=server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while len(readers(store)) < count:
        assert process.poll() is None, "it ended of itself"
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return readers(store)


def finished(store: Path, server: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(command(store), env=server, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_a_killed_grid_goes_on_and_does_nothing_twice(tmp_path: Path, server: dict[str, str]) -> None:
    store = tmp_path / "store"
    early = killed_at(store, server, 5)
    late = killed_at(store, server, 14)
    end = finished(store, server)
    after = readers(store)
    assert {**late, **early} == late
    assert {name: after[name] for name in late} == late
    assert (end["trained"], len(after), end["failed"]) == (CELLS - len(late), CELLS, [])
    assert end["trained"] + end["evaluated"] + end["reused"] == CELLS + EVALUATIONS
    _tables_are_filled(Path(end["path"]).with_name("report.json"))

    again = finished(store, server)
    assert (again["trained"], again["evaluated"], again["reused"]) == (0, 0, CELLS + EVALUATIONS)
    assert (again["report"], again["reports"]) == (end["report"], end["reports"])
    assert readers(store) == after


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
