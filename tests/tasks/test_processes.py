"""The crew of processes: work done elsewhere, failures brought back, nobody left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from storage.errors import JobError, SilverspanError, StoreError
from tasks.mt.errors import SlowDown
from tasks.processes import CREW, FEW_ROWS, Crew, ProcessLost, RunEnded, apart

Json = dict[str, Any]
LIMIT_S = 60


def told(number: int) -> Json:
    return {"pid": os.getpid(), "number": number, "main": getattr(sys.modules["__main__"], "__file__", None)}


def step_by_step(steps: int, on_progress: Callable[[int, int], None]) -> Json:
    for done in range(steps):
        on_progress(done + 1, steps)
        time.sleep(0.3)
    return {}


def fail(kind: str, on_progress: object = None) -> Json:
    if kind == "slow":
        raise SlowDown("Not so fast; wait.", 7.5)
    if kind == "time":
        raise TimeoutError("of its own")
    raise StoreError("It is gone; build again.")


def wait_for_ever(on_progress: Callable[[int, int], None]) -> Json:
    on_progress(1, 2)
    threading.Event().wait()
    return {}


class Unreadable(Exception):
    """As clients of services raise them: what is written of it cannot be read back."""

    def __init__(self, *, request: str) -> None:
        super().__init__(f"refused {request}")


def fail_unreadably() -> Json:
    raise Unreadable(request="all of it")


def environment_of(name: str) -> Json:
    return {"value": os.environ.get(name)}


def leave_a_mark_and_be_killed(file: str) -> Json:
    with Path(file).open("ab") as marks:
        marks.write(b"x")
    return be_killed()


def be_killed() -> Json:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    made = Crew(1)
    yield made
    made.close()


def test_many_rows_are_worked_on_elsewhere_and_few_here(crew: Crew) -> None:
    assert apart(told, {"number": 1}, rows=FEW_ROWS)["pid"] == os.getpid()
    before = CREW.set(crew)
    try:
        assert apart(told, {"number": 2}, rows=FEW_ROWS - 1)["pid"] == os.getpid()
        found = apart(told, {"number": 3}, rows=FEW_ROWS)
    finally:
        CREW.reset(before)
    assert found["pid"] != os.getpid()
    assert found["number"] == 3


def test_a_process_serves_many_calls_and_does_not_import_our_main_module(crew: Crew) -> None:
    first, second = (crew.work(told, {"number": n}) for n in range(2))
    assert first["pid"] == second["pid"]
    assert first["main"] != getattr(sys.modules["__main__"], "__file__", "ours")


def test_progress_is_told_here(crew: Crew) -> None:
    seen: list[tuple[int, int]] = []
    crew.work(step_by_step, {"steps": 6}, lambda done, total: seen.append((done, total)))
    assert seen
    assert all(0 < done <= total == 6 for done, total in seen)
    assert seen == sorted(seen)


def test_failures_come_back_as_what_they_are(crew: Crew) -> None:
    with pytest.raises(StoreError, match="It is gone"):
        crew.work(fail, {"kind": "store"})
    with pytest.raises(SlowDown) as slow:
        crew.work(fail, {"kind": "slow"})
    assert slow.value.retry_after_s == 7.5
    with pytest.raises(TimeoutError, match="of its own"):
        crew.work(fail, {"kind": "time"}, lambda done, total: None)


def test_a_lost_process_can_be_tried_again(crew: Crew) -> None:
    with pytest.raises(ProcessLost) as lost:
        crew.work(be_killed, {})
    assert lost.value.retryable
    assert crew.work(told, {"number": 4})["number"] == 4


def test_a_process_that_was_killed_while_idle_is_replaced(crew: Crew) -> None:
    idle = crew.work(told, {"number": 5})["pid"]
    os.kill(idle, signal.SIGKILL)
    deadline = time.monotonic() + LIMIT_S
    while alive(idle):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert crew.work(told, {"number": 6})["number"] == 6


def test_calls_that_had_not_begun_when_processes_were_lost_are_handed_to_others() -> None:
    crew = Crew(1)
    try:
        with ThreadPoolExecutor(3) as threads:
            lost = [threads.submit(crew.work, be_killed, {}) for _ in range(2)]
            innocent = threads.submit(crew.work, told, {"number": 1})
            assert [type(one.exception(LIMIT_S)) for one in lost] == [ProcessLost, ProcessLost]
            assert innocent.result(LIMIT_S)["number"] == 1
    finally:
        crew.close(at_once=True)


def test_a_call_that_had_begun_is_never_made_twice(crew: Crew, tmp_path: Path) -> None:
    """However busy this process is when it is to read that it had begun."""
    made, ended = tmp_path / "made", threading.Event()

    def be_busy() -> None:
        while not ended.is_set():
            pass

    busy = [threading.Thread(target=be_busy) for _ in range(4)]
    for thread in busy:
        thread.start()
    try:
        for number in range(1, 7):
            with pytest.raises(ProcessLost):
                crew.work(leave_a_mark_and_be_killed, {"file": str(made)})
            assert made.stat().st_size == number
    finally:
        ended.set()
    for thread in busy:
        thread.join()


def test_a_crew_whose_processes_cannot_begin_says_so() -> None:
    crew = Crew(1, lambda: {"not\0a name": ""})
    try:
        with pytest.raises(ProcessLost):
            crew.work(told, {"number": 1})
    finally:
        crew.close()


def test_a_failure_that_cannot_be_sent_is_told_and_ends_nobody(crew: Crew) -> None:
    before = crew.work(told, {"number": 7})["pid"]
    with pytest.raises(JobError, match="Unreadable: refused all of it"):
        crew.work(fail_unreadably, {})
    assert crew.work(told, {"number": 8})["pid"] == before


def test_processes_find_the_environment_that_they_were_given() -> None:
    crew = Crew(1, lambda: {"SILVERSPAN_TOLD": "yes"})
    try:
        assert crew.work(environment_of, {"name": "SILVERSPAN_TOLD"}) == {"value": "yes"}
    finally:
        crew.close()


def test_a_closed_crew_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    crew = Crew(1)
    crew.work(told, {"number": 9})
    crew.close()
    deadline = time.monotonic() + LIMIT_S
    while threading.active_count() > before:
        assert time.monotonic() < deadline, threading.enumerate()
        time.sleep(0.05)


def test_an_ended_run_waits_for_nobody() -> None:
    crew, failures, begun = Crew(1), list[SilverspanError](), threading.Event()

    def at_work() -> None:
        try:
            crew.work(wait_for_ever, {}, lambda done, total: begun.set())
        except SilverspanError as error:
            failures.append(error)

    thread = threading.Thread(target=at_work)
    thread.start()
    assert begun.wait(LIMIT_S)
    crew.close(at_once=True)
    thread.join(LIMIT_S)
    assert [type(error) for error in failures] == [RunEnded]
    with pytest.raises(RunEnded):
        crew.work(told, {"number": 2})


KILLED = """
import os, signal
from tasks.processes import Crew
from tests.tasks.test_processes import told
print(Crew(1).work(told, {"number": 1})["pid"], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_no_process_outlives_one_that_was_killed() -> None:
    found = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, timeout=LIMIT_S)
    assert found.returncode == -signal.SIGKILL, found.stderr
    pid, deadline = int(found.stdout), time.monotonic() + LIMIT_S
    while alive(pid):
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether there is such a process, and not just its place in the table."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
