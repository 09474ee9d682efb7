"""What a build needs beside it: a Prefect server with a database of its own, and the engine."""

import json
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
from typing import IO, Any, cast

BIN = Path(sys.executable).parent
START_S = 120


@dataclass(frozen=True, slots=True)
class Running:
    """The environment for builds, what opens the engine's two editions, and how to ask what it was asked."""

    environment: dict[str, str]
    specs: tuple[str, str]
    server_pid: int
    _to_engine: IO[str]
    _from_engine: IO[str]

    def asked(self) -> dict[str, Any]:
        """Requests, characters and the engine's CPU seconds since the last call."""
        self._to_engine.write("\n")
        self._to_engine.flush()
        return cast(dict[str, Any], json.loads(self._from_engine.readline()))

    def task_runs(self) -> int:
        """Task runs of the newest flow run, once the server has come to know them all."""
        url = self.environment["PREFECT_API_URL"]
        newest = _posted(f"{url}/flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 1})[0]["id"]
        wanted, before = {"flow_runs": {"id": {"any_": [newest]}}}, -1
        while (count := int(_posted(f"{url}/task_runs/count", wanted))) != before:
            before = count
            time.sleep(2)
        return count


@contextmanager
def running(folder: Path, squad: Path) -> Iterator[Running]:
    """Both, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    environment = {
        **os.environ,
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "AZURE_TRANSLATOR_KEY": "s3cr3t-azure",
    }
    engine = [sys.executable, "-m", "tests.benchmarks.full_size.engine", str(squad)]
    server = [str(BIN / "prefect"), "server", "start", "--port", url.rpartition(":")[2]]
    pipe = subprocess.PIPE
    with (
        (folder / "server.log").open("ab") as log,
        subprocess.Popen(server, env=environment, stdout=log, stderr=log) as prefect,
        subprocess.Popen(engine, stdin=pipe, stdout=pipe, stderr=log, text=True) as made,
    ):
        try:
            _wait_for(f"{url}/api/health")
            if made.stdin is None or made.stdout is None:
                raise RuntimeError("the engine has no pipes")
            specs = tuple(json.loads(made.stdout.readline()))
            yield Running(environment, specs, prefect.pid, made.stdin, made.stdout)
        finally:
            prefect.terminate()
            made.terminate()


def _posted(url: str, content: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


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
