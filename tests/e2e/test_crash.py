"""A build that is killed loses what was in flight and nothing else."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from storage.memory import TranslationMemory
from storage.snapshots import SnapshotStore
from storage.store import Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("apertium") is None, reason="Apertium is not installed"),
]

KILLS = 4


def command(store: Path) -> list[str]:
    program = Path(sys.executable).parent / "silverspan"
    return [
        str(program),
        "build",
        "--source",
        "sample",
        "--languages",
        "es,ca",
        "--store",
        str(store),
        "--json",
    ]


def finished(store: Path) -> dict[str, Any]:
    done = subprocess.run(command(store), capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_killed_builds_end_as_an_unbroken_one(tmp_path: Path) -> None:
    whole = finished(tmp_path / "whole")
    store, chance = tmp_path / "broken", random.Random(7)
    remembered = 0
    for _ in range(KILLS):
        process = subprocess.Popen(command(store), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(6, 22))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with TranslationMemory(str(store / "memory.sqlite")) as memory:
            assert memory.count() >= remembered
            remembered = memory.count()
    end = finished(store)
    assert end["snapshots"] == whole["snapshots"]
    assert end["requests"] + bool(remembered) <= whole["requests"] + 1
    again = finished(store)
    assert (again["requests"], again["snapshots"]) == (0, whole["snapshots"])
    for root in (tmp_path / "whole", store):
        snapshots = SnapshotStore(Store(str(root)))
        assert not [fault for snapshot in snapshots.all() for fault in snapshots.faults(snapshot)]
