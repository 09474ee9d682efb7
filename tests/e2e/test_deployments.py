"""Deployments on real workers: runs wait, are killed, taken up again and cancelled, and nothing is left behind."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.models import model_manifest
from tests.e2e.installation import Installation
from tests.e2e.workers import children, end_all, running, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SPANISH = 'languages=["es"]'
TOY = ("system_name=tq", "preset=tiny", "checkpoint_interval=20")


@pytest.fixture
def site(server: dict[str, str], tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        site = Installation(server, tmp_path, stack)
        site.deploy("--silence-minutes", "1")
        yield site


def test_a_build_runs_as_the_guide_says_and_trainings_wait_die_go_on_and_are_cancelled(
    site: Installation,
) -> None:
    site.work("cpu")
    assert site.ended(site.start("build-silver/on-demand", SPANISH)) == "Completed"
    worker = site.work("gpu")
    first = site.start("train-reader/on-demand", *TOY, "epochs=3")
    second = site.start("train-reader/on-demand", *TOY, "epochs=600", "seed=2", "processes=2")
    killed = site.job("gpu")
    # The pool holds one run at a time.
    assert (site.state(first), site.run(second)["state_type"]) == ("Running", "SCHEDULED")
    os.kill(killed, signal.SIGKILL)
    assert site.ended(first) == "Completed"
    (model,) = site.store.names("models")
    assert model_manifest(site.store, model)["training"]["resumed_at"] > 0
    group = wait_until(lambda: three(site.jobs("gpu")), "two processes train, and one looks after them")
    assert site.state(second) == "Running"
    site.program("prefect", "flow-run", "cancel", second)
    assert site.ended(second) == "Cancelled"
    wait_until(lambda: not any(running(pid, b"model.job") for pid in group), "all of them are gone")
    wait_until(lambda: not children(worker.pid), "and so is all that the worker started")
    assert site.store.names("models") == [model]
    assert all("termination signal" in complaint for complaint in site.complaints(second))
    assert "Traceback" not in site.said("gpu").read_text()


def three(processes: list[int]) -> list[int]:
    return processes if len(processes) == 3 else []


def test_a_run_whose_worker_dies_is_taken_up_again(site: Installation) -> None:
    """The worker is killed with all that it started, as when a machine goes; another one takes the run up."""
    site.work("cpu")
    assert site.ended(site.start("build-silver/on-demand", SPANISH)) == "Completed"
    worker = site.work("gpu")
    run_id = site.start("train-reader/on-demand", *TOY, "epochs=3")
    site.job("gpu")
    end_all(worker)
    site.work("gpu")
    assert site.ended(run_id) == "Completed"
    assert site.run(run_id)["run_count"] == 2
    (model,) = site.store.names("models")
    assert model_manifest(site.store, model)["training"]["resumed_at"] > 0
