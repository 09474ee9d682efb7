"""What all end-to-end tests look at: the installed programs, and one Prefect server with a database of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A Prefect server of its own, and the environment that points at it."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as environment:
        yield environment


@contextmanager
def prefect_server(home: Path, **settings: str) -> Iterator[dict[str, str]]:
    """A server on a free port for as long as the block, and the environment that points at it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    api = {"PREFECT_API_URL": f"{url}/api", "PREFECT_UI_API_URL": f"{url}/api"}
    environment = {**os.environ, **api, "PREFECT_HOME": str(home), "DO_NOT_TRACK": "1"}
    with (home / "server.log").open("wb") as said:
        process = subprocess.Popen(
            [BIN / "prefect", "server", "start", "--port", str(port)],
            env={**environment, **settings},
            stdout=said,
            stderr=said,
        )
    try:
        wait_for(f"{url}/api/health")
        yield environment
    finally:
        process.terminate()
        ended(process)


def ended(process: "subprocess.Popen[bytes]") -> None:
    """Wait for a process that was asked to end, and end it where it does not."""
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
