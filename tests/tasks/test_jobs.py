"""A reader's job in a process of its own: heard out, told apart in its failures, never left behind.

The small programs below stand for `python -m model.job`; they are real processes.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tasks.jobs
from storage.errors import JobError, SilverspanError
from tasks.jobs import LAST_LINES, JobFailed, JobInterrupted, run_job

Heard = list[Any]


def events(*values: dict[str, Any]) -> str:
    """A program that writes these events."""
    return "".join(f"print({json.dumps(value)!r}, flush=True)\n" for value in values)


def progress(done: int) -> dict[str, Any]:
    return {"event": "progress", "stage": "train", "done": done, "total": 3}


DONE = {"event": "done", "steps": 3}


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a small Python program in the place of the job; afterwards none of them runs or waits to be reaped."""
    popen = subprocess.Popen
    processes: list[subprocess.Popen[str]] = []

    def put(source: str) -> None:
        def started(command: list[str], **options: Any) -> "subprocess.Popen[str]":
            assert command[:4] == [sys.executable, "-P", "-m", "model.job"]
            program = f"import os, signal, sys, time\n{source}"
            processes.append(popen([sys.executable, "-c", program, command[4]], **options))
            return processes[-1]

        monkeypatch.setattr(tasks.jobs.subprocess, "Popen", started)

    yield put
    assert processes
    for process in processes:
        assert process.returncode is not None
        assert process.stdout
        assert process.stdout.closed


def run(spec: dict[str, Any] | None = None) -> tuple[dict[str, Any], Heard, Heard]:
    heard: Heard = []
    lines: Heard = []
    return run_job(spec or {"job": "train"}, on_progress=heard.append, on_line=lines.append), heard, lines


def failure() -> SilverspanError:
    with pytest.raises(JobError) as caught:
        run()
    assert "\n" not in str(caught.value)
    return caught.value


def gone(pid: int) -> bool:
    """Whether a process has ended: it is not there, or is a zombie that nobody has waited for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(holds: Callable[[], bool], limit_s: float = 20.0) -> None:
    ends = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < ends, "it did not happen in time"
        threading.Event().wait(0.01)


def test_events_and_log_are_told_apart(program: Callable[[str], None]) -> None:
    program(
        events(progress(1))
        + "print('epoch one')\nprint('a warning', file=sys.stderr, flush=True)\nprint('{\"loss\": 1}', flush=True)\n"
        + events(progress(2), DONE)
    )
    result, heard, lines = run()
    assert result == DONE
    assert heard == [progress(1), progress(2)]
    assert sorted(lines) == ["a warning", "epoch one", '{"loss": 1}']


def test_progress_is_heard_while_the_job_runs(program: Callable[[str], None], tmp_path: Path) -> None:
    """The job waits until its first event was heard: it would wait for ever if events came only at its end."""
    sign = tmp_path / "heard"
    program(
        events(progress(1))
        + f"while not os.path.exists({str(sign)!r}): time.sleep(.01)\n"
        + events(progress(2), DONE)
    )
    heard: Heard = []

    def hear(event: dict[str, Any]) -> None:
        heard.append(event["done"])
        sign.write_text("")

    assert run_job({}, on_progress=hear, on_line=lambda _: None) == DONE
    assert heard == [1, 2]


def test_the_spec_reaches_the_job_and_nothing_is_left_of_it(program: Callable[[str], None]) -> None:
    program(
        "import json\nprint(json.dumps({'event': 'done', 'spec': json.load(open(sys.argv[1])), 'file': sys.argv[1]}))"
    )
    spec = {"job": "train", "files": ["ü 🎵"], "seed": 1}
    result = run(spec)[0]
    assert result["spec"] == spec
    assert not Path(result["file"]).exists()


@pytest.mark.parametrize(("retryable", "kind"), [(True, JobInterrupted), (False, JobFailed)])
def test_what_a_job_says_of_its_failure_is_believed(
    program: Callable[[str], None], retryable: bool, kind: type[JobError]
) -> None:
    event = {
        "event": "error",
        "kind": "OutOfMemoryError",
        "message": "Too large; go smaller.",
        "retryable": retryable,
    }
    program(f"print('loading', file=sys.stderr)\n{events(progress(1), event)}sys.exit(1)")
    error = failure()
    assert type(error) is kind
    assert str(error) == "Too large; go smaller."
    assert error.retryable is retryable


def test_of_several_errors_the_first_is_the_cause(program: Callable[[str], None]) -> None:
    """Several processes train: the one that fails takes the others with it, and each may say so."""
    cause = {"event": "error", "kind": "OutOfMemoryError", "message": "Too large.", "retryable": False}
    consequence = {"event": "error", "kind": "ProcessLostError", "message": "Lost.", "retryable": True}
    program(f"{events(progress(1), cause, consequence)}sys.exit(1)")
    error = failure()
    assert type(error) is JobFailed
    assert str(error) == "Too large."


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV"])
def test_death_by_a_signal_can_be_retried(program: Callable[[str], None], name: str) -> None:
    program(f"print('reading the data', flush=True)\nos.kill(os.getpid(), signal.{name})")
    error = failure()
    assert type(error) is JobInterrupted
    assert error.retryable
    assert "ended by signal" in str(error)
    assert str(error).endswith("Its last words: reading the data")


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("sys.exit(3)", "ended with exit code 3"),
        ("pass", "ended with exit code 0"),
        (events(progress(3)), "ended with exit code 0"),
        (f"{events(DONE)}sys.exit(1)", "ended with exit code 1"),
        ("raise RuntimeError('no such thing')", "Its last words: RuntimeError: no such thing"),
    ],
)
def test_an_end_without_a_word_is_no_success(program: Callable[[str], None], source: str, how: str) -> None:
    program(source)
    error = failure()
    assert type(error) is JobFailed
    assert not error.retryable
    assert how in str(error)


def test_only_the_last_lines_of_a_long_log_are_kept(program: Callable[[str], None]) -> None:
    """A log larger than a pipe holds does not block the job."""
    program(f"for i in range(20_000): print('line', i)\n{events(DONE)}")
    _, _, lines = run()
    assert len(lines) == 20_000
    assert LAST_LINES < 100


@pytest.mark.parametrize("line", ['{"event"', '{"event": "progress"', '{"event"}', '{"event": "do'])
def test_half_an_event_is_a_line_of_the_log(program: Callable[[str], None], line: str) -> None:
    program(f"print({line!r}, flush=True)\n{events(DONE)}")
    result, _, lines = run()
    assert result == DONE
    assert lines == [line]


def test_an_event_after_an_unfinished_line_is_heard(program: Callable[[str], None]) -> None:
    """Bars of libraries end without a line end; what the job says next to them must not be lost."""
    program(
        "sys.stderr.write('\\rloading:  50%|####'); sys.stderr.flush()\n"
        + events(progress(1))
        + "sys.stderr.write('saving... '); sys.stderr.flush()\n"
        + events(DONE)
    )
    result, heard, lines = run()
    assert (result, heard) == (DONE, [progress(1)])
    assert [line for line in lines if line] == ["loading:  50%|####", "saving..."]


def test_bytes_that_are_no_text_do_not_end_the_job(program: Callable[[str], None]) -> None:
    program(f"sys.stderr.buffer.write(b'caf\\xe9\\n'); sys.stderr.flush()\n{events(DONE)}")
    result, _, lines = run()
    assert result == DONE
    assert lines == ["caf\ufffd"]


FAMILY = """
import subprocess
child = subprocess.Popen([sys.executable, '-c', '''
import os, signal, sys, time
{ignoring}
open(sys.argv[1], "w").write(str(os.getpid()))
while True: time.sleep(60)
''', {child!r}])
while not os.path.exists({child!r}) or not open({child!r}).read(): time.sleep(.01)
open({parent!r}, "w").write(str(os.getpid()))
"""


class Family:
    """A job with a child of its own, which knows nothing of the job's end and holds its output open."""

    def __init__(self, folder: Path, *, stubborn: bool = False) -> None:
        self._parent, self._child = folder / "parent", folder / "child"
        ignoring = "signal.signal(signal.SIGTERM, signal.SIG_IGN)" if stubborn else ""
        self.source = FAMILY.format(ignoring=ignoring, parent=str(self._parent), child=str(self._child))

    @property
    def pids(self) -> list[int]:
        return [int(file.read_text()) for file in (self._parent, self._child)]


@LINUX
@pytest.mark.parametrize("stubborn", [False, True])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_error_in_the_caller_ends_the_whole_family(
    program: Callable[[str], None], tmp_path: Path, error: type[BaseException], stubborn: bool
) -> None:
    """So is a cancelled run: Prefect raises in the thread that listens."""
    family = Family(tmp_path, stubborn=stubborn)
    program(f"{family.source}\n{events(progress(1))}time.sleep(60)")

    def cancelled(_: dict[str, Any]) -> None:
        assert not any(map(gone, family.pids))
        raise error

    with pytest.raises(error):
        run_job({}, on_progress=cancelled, on_line=lambda _: None)
    wait_until(lambda: all(map(gone, family.pids)))


@LINUX
def test_an_error_in_what_listens_to_the_log_ends_it_too(
    program: Callable[[str], None], tmp_path: Path
) -> None:
    family = Family(tmp_path)
    program(f"{family.source}\nprint('line', flush=True)\ntime.sleep(60)")

    def broken(_: str) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run_job({}, on_progress=lambda _: None, on_line=broken)
    wait_until(lambda: all(map(gone, family.pids)))


@LINUX
def test_a_job_that_will_not_end_is_killed(
    program: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.jobs, "GRACE_S", 0.2)
    family = Family(tmp_path, stubborn=True)
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    program(f"{stubborn}\n{family.source}\n{events(progress(1))}time.sleep(60)")

    def cancelled(_: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job({}, on_progress=cancelled, on_line=lambda _: None)
    wait_until(lambda: all(map(gone, family.pids)))


@LINUX
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", f"{events(DONE)}"])
def test_children_that_outlive_the_job_are_ended_and_not_waited_for(
    program: Callable[[str], None], tmp_path: Path, end: str
) -> None:
    """They hold the job's output open: without care its reader would wait as long as they live."""
    family = Family(tmp_path, stubborn=True)
    program(f"{family.source}\n{end}")
    began = time.monotonic()
    if "kill" in end:
        assert "ended by signal 9" in str(failure())
    else:
        assert run()[0] == DONE
    assert time.monotonic() - began < 15
    wait_until(lambda: all(map(gone, family.pids)))


@LINUX
def test_a_job_does_not_outlive_the_process_that_started_it(tmp_path: Path) -> None:
    """Killed outright, the caller can end nothing: the kernel does."""
    pid_file = tmp_path / "pid"
    caller = f"""
import sys, subprocess, tasks.jobs
popen = subprocess.Popen
job = "import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
tasks.jobs.subprocess.Popen = lambda command, **options: popen([sys.executable, "-c", job], **options)
tasks.jobs.run_job({{}}, on_progress=print, on_line=print)
"""
    process = subprocess.Popen([sys.executable, "-c", caller])
    try:
        wait_until(lambda: pid_file.exists() and bool(pid_file.read_text()))
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: gone(int(pid_file.read_text())))


def test_the_real_job_says_why_a_spec_is_wrong() -> None:
    error = failure_of({"job": "train", "system": "tx", "files": ["x"], "output": "y"})
    assert type(error) is JobFailed
    assert str(error).startswith("Unknown system 'tx'; choose one of: at-en-all, ")
    assert not error.retryable


def test_a_folder_called_like_ours_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People keep their readers in `./model`; a job that ran that code would be theirs, not ours."""
    (tmp_path / "model").mkdir()
    for name in ("__init__", "job"):
        (tmp_path / "model" / f"{name}.py").write_text("print('not ours')")
    monkeypatch.chdir(tmp_path)
    assert str(failure_of({"job": "train", "system": "tx", "files": ["x"], "output": "y"})).startswith(
        "Unknown"
    )


def failure_of(spec: dict[str, Any]) -> SilverspanError:
    with pytest.raises(JobError) as caught:
        run_job(spec, on_progress=lambda _: None, on_line=lambda _: None)
    return caught.value
