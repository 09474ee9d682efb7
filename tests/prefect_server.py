"""A Prefect server with a database of its own, for whatever runs the installed programs: tests and benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
"""Where the installed programs lie."""

START_S = 120
END_S = 30


@dataclass(frozen=True, slots=True)
class PrefectServer:
    """A server that runs, and the environment that points at it."""

    environment: dict[str, str]
    pid: int


@contextmanager
def prefect_server(home: Path, **settings: str) -> Iterator[PrefectServer]:
    """A server on a free port for as long as the block; `settings` are the server's alone, `home` is everybody's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_UI_API_URL": f"{url}/api",
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.log").open("wb") as said:
        process = subprocess.Popen(
            [BIN / "prefect", "server", "start", "--port", str(port)],
            env={**environment, **settings},
            stdout=said,
            stderr=said,
        )
    try:
        _wait_for(f"{url}/api/health")
        yield PrefectServer(environment, process.pid)
    finally:
        process.terminate()
        _ended(process)


def _ended(process: "subprocess.Popen[bytes]") -> None:
    """Wait for a process that was asked to end, and end it where it does not."""
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
