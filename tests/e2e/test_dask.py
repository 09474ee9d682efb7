"""Shards spread over a Dask cluster of two workers: the same snapshot, also when one of them dies at its work."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.workers import end_all, wait_until
from tests.prefect_server import BIN
from tests.storage.postgres import missing, running
from tests.tasks.mt.fakes.apy import Apy
from tests.tasks.mt.fakes.player import Fake

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LIMIT_S = 120


class Cluster:
    """A scheduler and two workers without nannies, so that a dead worker stays dead."""

    def __init__(self, stack: ExitStack, folder: Path, environment: dict[str, str]) -> None:
        self._stack, self._folder, self._environment = stack, folder, environment
        file = folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        wait_until(file.exists, "the scheduler tells where it is")
        given = ("--scheduler-file", str(file), "--no-nanny", "--no-dashboard", "--nthreads", "4")
        self.workers = [
            self._start("worker", *given, "--local-directory", str(folder / f"worker-{i}")) for i in range(2)
        ]
        self.address = str(json.loads(file.read_text())["address"])

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = self._stack.enter_context((self._folder / f"{arguments[0]}.log").open("ab"))
        process = subprocess.Popen(
            [BIN / "dask", *arguments], env=self._environment, stdout=log, stderr=log, start_new_session=True
        )
        self._stack.callback(end_all, process)
        return process


def results(store: Path) -> dict[str, str]:
    """Where steps' results are kept: beside the store, so that no build finds those of another."""
    return {"PREFECT_LOCAL_STORAGE_PATH": f"{store}-results"}


@pytest.fixture
def cluster(server: dict[str, str], tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(stack, tmp_path, {**server, **results(tmp_path / "spread")})


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake(Apy(), 0.1) as running:
        yield running


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[str]:
    """A translation memory that several machines could share, where PostgreSQL can be started."""
    if missing() is not None:
        yield str(tmp_path / "memory.sqlite")
        return
    with running() as postgres:
        yield postgres.emptied()


def started(fake: Fake, store: Path, server: dict[str, str], *options: str) -> subprocess.Popen[str]:
    given = ["--languages", "es,ca", "--engine", fake.spec, "--filters", "none", "--store", str(store)]
    return subprocess.Popen(
        [BIN / "silverspan", "build", *given, *options, "--json"],
        env={**server, **results(store)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, err
    result: dict[str, Any] = json.loads(out.splitlines()[-1])
    return result


def test_two_workers_make_what_one_process_does_and_one_that_dies_loses_nothing(
    fake: Fake, cluster: Cluster, server: dict[str, str], memory: str, tmp_path: Path
) -> None:
    alone = finished(started(fake, tmp_path / "alone", server))
    once = len(fake.heard)
    options = ("--runner", f"dask:{cluster.address}", "--memory", memory)
    spread = started(fake, tmp_path / "spread", server, *options)
    # Enough for the generations to be open and both workers to be translating.
    wait_until(lambda: len(fake.heard) > once + once // 2, "both workers translate", pause_s=0.02)
    cluster.workers[0].kill()
    found = finished(spread)
    assert cluster.workers[0].poll() == -signal.SIGKILL
    assert found["snapshots"] == alone["snapshots"]
    assert (found["rows"], found["rejected"]) == (alone["rows"], alone["rejected"])
    in_flight = 8
    assert len(fake.heard) - once <= once + in_flight
