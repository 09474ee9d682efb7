"""Jobs of a reader forked from a process that has torch loaded: for many small ones in a row (`model.forking`)."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from typing import IO

from model.lifeline import end_with_parent

STATUS_BYTES = 64


class WarmProcess:
    """A forked job, as far as it is a `subprocess.Popen` to those who listen to it."""

    def __init__(self, status: socket.socket, stdout: IO[str]) -> None:
        self.stdout = stdout
        self.returncode: int | None = None
        self.pid = int(status.recv(STATUS_BYTES) or 0)
        if not self.pid:
            raise ConnectionError("the process that jobs are forked from is gone")
        self._ended = threading.Event()
        threading.Thread(target=self._hear, args=(status,), daemon=True).start()

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code.

        Raises:
            subprocess.TimeoutExpired: it has not ended in time.
        """
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired("job", timeout or 0)
        return -signal.SIGKILL if self.returncode is None else self.returncode

    def _hear(self, status: socket.socket) -> None:
        """A thread of its own listens, so that whoever waits keeps nobody from asking or from ending the job."""
        told = ""
        with status, contextlib.suppress(OSError):
            told = status.recv(STATUS_BYTES).decode()
        # Silence means that all was killed.
        self.returncode = int(told) if told else -signal.SIGKILL
        self._ended.set()


class WarmStart:
    """The process that jobs are forked from."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "model.forking", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=partial(end_with_parent, signal.SIGKILL, os.getpid()),  # noqa: PLW1509 - one prctl call
            )

    def start(self, spec: str) -> WarmProcess:
        """A job on this spec's file.

        Raises:
            OSError: the process to fork from is gone.
        """
        read, write = os.pipe()
        status, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        stdout = os.fdopen(read, encoding="utf-8", errors="replace")
        try:
            with theirs:
                socket.send_fds(self._channel, [spec.encode()], [write, theirs.fileno()])
            return WarmProcess(status, stdout)
        except OSError:
            stdout.close()
            status.close()
            raise
        finally:
            os.close(write)

    def close(self) -> None:
        """Ends it, and the jobs that still run."""
        self._channel.close()
        self._process.kill()
        self._process.wait()


_ready: list[WarmStart] = []


@contextlib.contextmanager
def kept_warm() -> Iterator[None]:
    """Jobs that are started within are forked. Not for machines with a GPU, whose state does not survive that."""
    if sys.platform != "linux":
        # What a fork needs is not there: jobs start cold.
        yield
        return
    start = WarmStart()
    _ready.append(start)
    try:
        yield
    finally:
        _ready.remove(start)
        start.close()


def warm_process(spec: str) -> WarmProcess | None:
    """A job on this spec's file, if jobs are kept warm here."""
    for start in _ready[-1:]:
        with contextlib.suppress(OSError):
            return start.start(spec)
    return None
