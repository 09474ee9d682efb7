"""Jobs that are forked: they say and fail as others do, and nothing is left of them."""

import io
import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import model.forking
from tasks import warm_jobs
from tasks.jobs import JobFailed, JobInterrupted, run_job
from tasks.laboratory.files import CORPUS, VOCABULARY, world_files
from tasks.laboratory.knobs import Knobs
from tasks.warm_jobs import kept_warm, warm_process


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A pre-training of two steps; its output is to be set."""
    folder = tmp_path_factory.mktemp("world")
    files = world_files(Knobs(questions=1, test_questions=1), documents=32)
    for name in (CORPUS, VOCABULARY):
        (folder / name).write_bytes(files[name])
    return {
        "job": "pretrain",
        "world": "w",
        "corpus": str(folder / CORPUS),
        "vocabulary": str(folder / VOCABULARY),
        "steps": 2,
        "batch_size": 4,
        "device": "cpu",
    }


@pytest.fixture(scope="module")
def warm() -> Iterator[None]:
    with kept_warm():
        yield


def run(spec: dict[str, Any]) -> dict[str, Any]:
    return run_job(spec, on_progress=lambda _: None, on_line=lambda _: None)


@pytest.mark.usefixtures("warm")
def test_several_at_once_end_well(spec: dict[str, Any], tmp_path: Path) -> None:
    def one(number: int) -> int:
        return int(run({**spec, "output": str(tmp_path / str(number)), "seed": number})["steps"])

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(one, range(3))) == [2, 2, 2]
    weights = {(tmp_path / str(number) / "model.safetensors").read_bytes() for number in range(3)}
    assert len(weights) == 3


@pytest.mark.usefixtures("warm")
def test_a_failure_is_told_in_the_jobs_own_words(spec: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="Unknown job 'x'; choose one of"):
        run({"job": "x"})
    with pytest.raises(JobFailed, match=r"The corpus nowhere cannot be read"):
        run({**spec, "corpus": "nowhere", "output": str(tmp_path / "out")})


@pytest.mark.usefixtures("warm")
def test_one_that_is_killed_can_be_tried_again(spec: dict[str, Any], tmp_path: Path) -> None:
    wanted = {**spec, "output": str(tmp_path / "out"), "steps": 10_000_000}

    def kill(event: dict[str, Any]) -> None:
        os.kill(running[0].pid, signal.SIGKILL)

    running: list[warm_jobs.WarmProcess] = []
    start = warm_jobs.WarmStart.start
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm_jobs.WarmStart, "start", lambda *args: running.append(start(*args)) or running[-1])
        with pytest.raises(JobInterrupted, match="ended by signal 9"):
            run_job(wanted, on_progress=kill, on_line=lambda _: None)
    assert running[0].poll() == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(running[0].pid, 0)


@pytest.mark.usefixtures("warm")
def test_one_whose_listener_gives_up_is_ended(spec: dict[str, Any], tmp_path: Path) -> None:
    def give_up(event: dict[str, Any]) -> None:
        raise RuntimeError("enough")

    running: list[warm_jobs.WarmProcess] = []
    start = warm_jobs.WarmStart.start
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm_jobs.WarmStart, "start", lambda *args: running.append(start(*args)) or running[-1])
        with pytest.raises(RuntimeError, match="enough"):
            run_job(
                {**spec, "output": str(tmp_path / "out"), "steps": 10_000_000},
                on_progress=give_up,
                on_line=lambda _: None,
            )
    assert running[0].wait(20) < 0
    with pytest.raises(ProcessLookupError):
        os.kill(running[0].pid, 0)


def test_without_the_process_to_fork_from_jobs_start_cold(tmp_path: Path) -> None:
    before = list(warm_jobs._ready)
    with kept_warm():
        warm_jobs._ready[-1]._process.kill()
        warm_jobs._ready[-1]._process.wait()
        assert warm_process(str(tmp_path / "none.json")) is None
    assert warm_jobs._ready == before


@pytest.mark.usefixtures("warm")
def test_waiting_has_a_limit(spec: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text("{}")
    process = warm_process(str(tmp_path / "spec.json"))
    assert process
    with process.stdout:
        assert "no" in process.stdout.read()
    assert process.wait(20) == 1
    assert process.poll() == process.returncode == 1


def test_a_wait_that_is_too_short_says_so() -> None:
    ours, theirs = warm_jobs.socket.socketpair(warm_jobs.socket.AF_UNIX, warm_jobs.socket.SOCK_SEQPACKET)
    with theirs:
        theirs.send(b"7")
        process = warm_jobs.WarmProcess(ours, io.StringIO())
        with process.stdout, pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        assert process.poll() is None
        theirs.send(b"-15")
        assert process.wait() == -15


def test_all_that_is_made_ready_is_there() -> None:
    for module in model.forking.READY:
        assert find_spec(module), module
