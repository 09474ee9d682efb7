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
        self._status, self.stdout = status, stdout
        self._lock = threading.Lock()
        self.returncode: int | None = None
        self.pid = int(self._told() or 0)
        if not self.pid:
            raise ConnectionError("the process that jobs are forked from is gone")

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code.

        Raises:
            subprocess.TimeoutExpired: it has not ended in time.
        """
        with self._lock:
            if self.returncode is None:
                self._status.settimeout(timeout)
                try:
                    told = self._told()
                except (TimeoutError, BlockingIOError) as error:
                    raise subprocess.TimeoutExpired("job", timeout or 0) from error
                # Silence means that all was killed.
                self.returncode = int(told) if told else -signal.SIGKILL
                self._status.close()
            return self.returncode

    def _told(self) -> str:
        return self._status.recv(STATUS_BYTES).decode()


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
