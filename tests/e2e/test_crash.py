"""A build that is killed loses what was in flight and nothing else."""

import json
import os
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


def finished(store: Path, server: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(command(store), env=server, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def translations(store: Path) -> int:
    """How many translations the store has by now."""
    if not (store / "memory.sqlite").exists():
        return 0
    with TranslationMemory(str(store / "memory.sqlite")) as memory:
        return memory.count()


def killed_at_its_next_answer(store: Path, server: dict[str, str]) -> bool:
    """Start a build and kill it as soon as it has kept one more answer; false if it ended before that."""
    known = translations(store)
    process = subprocess.Popen(
        command(store), env=server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None:
        if translations(store) > known:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.02)
    return False


def test_killed_builds_end_as_an_unbroken_one(tmp_path: Path, server: dict[str, str]) -> None:
    whole = finished(tmp_path / "whole", server)
    store, kills = tmp_path / "broken", 0
    while killed_at_its_next_answer(store, server):
        kills += 1
    assert kills >= 2
    end = finished(store, server)
    assert (end["requests"], end["snapshots"]) == (0, whole["snapshots"])
    for root in (tmp_path / "whole", store):
        snapshots = SnapshotStore(Store(str(root)))
        assert not [fault for snapshot in snapshots.all() for fault in snapshots.faults(snapshot)]
