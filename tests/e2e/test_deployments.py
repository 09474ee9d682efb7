"""Deployments on real workers: runs wait, are killed, taken up again and cancelled, and nothing is left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from storage.models import model_manifest
from storage.store import Store
from tests.e2e.conftest import BIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

LIMIT_S = 600


def wait_until(holds: Callable[[], Any], why: Callable[[], object] = str) -> Any:
    ends = time.monotonic() + LIMIT_S
    while not (found := holds()):
        assert time.monotonic() < ends, f"it did not happen in time: {why()}"
        time.sleep(0.1)
    return found


def children(pid: int) -> list[int]:
    """A process's children and theirs, in whatever group or session they are."""
    try:
        found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return [*found, *(below for child in found for below in children(child))]


def running(pid: int, words: bytes) -> bool:
    with suppress(OSError):
        return words in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    return False


@dataclass
class Site:
    """A server that knows the project's deployments, a store, and workers that are started when they are wanted."""

    environment: dict[str, str]
    folder: Path
    stack: ExitStack
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return Store(str(self.folder / "store"))

    def program(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            [BIN / name, *arguments], env=self.environment, capture_output=True, text=True, timeout=LIMIT_S
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def work(self, pool: str) -> subprocess.Popen[bytes]:
        """A worker that looks for runs of a pool every second."""
        log = self.stack.enter_context((self.folder / f"{pool}.log").open("ab"))
        process = subprocess.Popen(
            [BIN / "prefect", "worker", "start", "--pool", pool],
            env={**self.environment, "PREFECT_WORKER_QUERY_SECONDS": "1"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.stack.callback(gone, process)
        self.workers[pool] = process
        return process

    def start(self, deployment: str, *parameters: str) -> str:
        """The id of a run that was asked for."""
        given = [word for parameter in parameters for word in ("-p", parameter)]
        said = self.program("prefect", "deployment", "run", deployment, *given)
        return said.partition("UUID: ")[2].split()[0]

    def run(self, run_id: str) -> dict[str, Any]:
        answer = httpx.get(f"{self.environment['PREFECT_API_URL']}/flow_runs/{run_id}", timeout=30)
        found: dict[str, Any] = answer.json()
        return found

    def state(self, run_id: str) -> str:
        return str(self.run(run_id)["state_name"])

    def ended(self, run_id: str) -> str:
        """The state in which a run ends."""
        final = {"Completed", "Failed", "Crashed", "Cancelled"}
        return str(wait_until(lambda: (s := self.state(run_id)) in final and s, lambda: self.run(run_id)))

    def job(self, pool: str) -> int:
        """The process of a pool's training, once it has saved something to go on from."""
        wait_until(lambda: list(self.folder.glob("store/work/checkpoints/*/step-*")))
        below = lambda: [pid for pid in children(self.workers[pool].pid) if running(pid, b"model.job")]  # noqa: E731
        return int(wait_until(below)[0])


def gone(process: subprocess.Popen[bytes]) -> None:
    """End a worker and whatever it started."""
    for pid in [*children(process.pid), process.pid]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def site(server: dict[str, str], tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        environment = {**server, "PREFECT_LOCAL_STORAGE_PATH": str(tmp_path / "results")}
        site = Site(environment, tmp_path, stack)
        site.program("silverspan", "deploy", "--store", str(tmp_path / "store"))
        yield site


SPANISH = 'languages=["es"]'
TOY = ("system_name=tq", "preset=tiny", "checkpoint_interval=20")


def test_a_build_runs_as_the_guide_says_and_trainings_wait_die_go_on_and_are_cancelled(site: Site) -> None:
    site.work("cpu")
    assert site.ended(site.start("build-silver/on-demand", SPANISH)) == "Completed"
    site.work("gpu")
    first = site.start("train-reader/on-demand", *TOY, "epochs=6")
    second = site.start("train-reader/on-demand", *TOY, "epochs=600", "seed=2")
    killed = site.job("gpu")
    # The pool holds one run at a time.
    assert (site.state(first), site.run(second)["state_type"]) == ("Running", "SCHEDULED")
    os.kill(killed, signal.SIGKILL)
    assert site.ended(first) == "Completed"
    (model,) = site.store.names("models")
    assert model_manifest(site.store, model)["training"]["resumed_at"] > 0
    group = site.job("gpu")
    assert site.state(second) == "Running"
    site.program("prefect", "flow-run", "cancel", second)
    assert site.ended(second) == "Cancelled"
    wait_until(lambda: not running(group, b"model.job"))
    assert site.store.names("models") == [model]


def test_a_run_whose_worker_dies_is_taken_up_again(site: Site) -> None:
    """The worker is killed with all that it started, as when a machine goes; another one takes the run up."""
    site.work("cpu")
    assert site.ended(site.start("build-silver/on-demand", SPANISH)) == "Completed"
    worker = site.work("gpu")
    run_id = site.start("train-reader/on-demand", *TOY, "epochs=6")
    site.job("gpu")
    gone(worker)
    site.work("gpu")
    assert site.ended(run_id) == "Completed"
    assert site.run(run_id)["run_count"] == 2
    (model,) = site.store.names("models")
    assert model_manifest(site.store, model)["training"]["resumed_at"] > 0
