"""A reader's job as a process of its own: started, listened to, and never left behind.

A job writes one JSON object per line (progress, then `done` or `error`) among the lines of its log. It runs in its
own process group, which is ended as a whole when the task is cancelled, and by the kernel when this process dies.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from model.lifeline import end_with_parent
from storage.errors import JobError, SilverspanError
from tasks.warm_jobs import WarmProcess, warm_process

GRACE_S = 10.0
"""Seconds between asking a process group to end and killing it."""

LAST_LINES = 20
"""Lines of the log that are kept to explain a job that died without a word."""

Events = Callable[[dict[str, Any]], None]
Lines = Callable[[str], None]
Process = WarmProcess | subprocess.Popen[str]


class JobFailed(JobError):
    """The job said itself why it failed, or ended of itself without a word; a retry would fail the same way."""


class JobInterrupted(JobError):
    """The job failed in a way that a retry can mend, or was ended by a signal: for want of memory, say."""

    retryable: ClassVar[bool] = True


def run_job(spec: dict[str, Any], *, on_progress: Events, on_line: Lines) -> dict[str, Any]:
    """Run `python -m model.job` on a spec and return its `done` event.

    Args:
        spec: the job as JSON (`model.spec`).
        on_progress: is given each progress event.
        on_line: is given each line of the job's log.

    Raises:
        JobFailed, JobInterrupted: the job did not end well.
    """
    with tempfile.TemporaryDirectory(prefix="silverspan-job-") as folder:
        file = Path(folder) / "spec.json"
        file.write_text(json.dumps(spec))
        with _process(file) as process:
            return _listen(process, on_progress, on_line)


@contextlib.contextmanager
def _process(spec: Path) -> Iterator[Process]:
    process = warm_process(str(spec)) or _cold_process(spec)
    threading.Thread(target=_end_orphans, args=(process,), daemon=True).start()
    try:
        yield process
    finally:
        _end(process)


def _cold_process(spec: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        # -P: a folder called `model` in the user's working folder must not be taken for ours.
        [sys.executable, "-P", "-m", "model.job", str(spec)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        preexec_fn=partial(end_with_parent, signal.SIGTERM, os.getpid()),  # noqa: PLW1509 - one prctl call
    )


def _listen(process: Process, on_progress: Events, on_line: Lines) -> dict[str, Any]:
    ending: dict[str, Any] = {}
    last: deque[str] = deque(maxlen=LAST_LINES)
    for line in process.stdout or ():
        said, event = _parts(line)
        if said:
            last.append(said)
            on_line(said)
        if event and event["event"] == "progress":
            on_progress(event)
        elif event and not ending:
            # Several processes may say why they failed: the first is the cause, the others follow from it.
            ending = event
    code = process.wait()
    if ending.get("event") == "done" and code == 0:
        return ending
    raise _failure(ending, code, last)


def _parts(line: str) -> tuple[str, dict[str, Any] | None]:
    """What a line of the log says, and the event at its end: a bar of some library may stand unfinished before it."""
    said, mark, rest = line.partition('{"event":')
    try:
        event: dict[str, Any] | None = json.loads(mark + rest) if mark else None
    except ValueError:
        return line.rstrip(), None
    return said.rstrip(), event


def _failure(ending: dict[str, Any], code: int, last: deque[str]) -> SilverspanError:
    if ending.get("event") == "error":
        kind = JobInterrupted if ending["retryable"] else JobFailed
        return kind(ending["message"])
    said = f" Its last words: {last[-1]}" if last else ""
    if code < 0:
        return JobInterrupted(
            f"The reader's job was ended by signal {-code} before it was done; run again to repeat it.{said}"
        )
    return JobFailed(
        f"The reader's job ended with exit code {code} before it was done; look at its log (--debug).{said}"
    )


def _end(process: Process) -> None:
    """End the whole process group, also where the job itself is gone and its children are not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdout:
        process.stdout.close()


def _end_orphans(process: Process) -> None:
    """Once the job is gone its children go: they hold its output open, and would keep its reader waiting."""
    process.wait()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
