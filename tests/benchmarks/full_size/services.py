"""What a build needs beside it: a Prefect server with a database of its own, and the engine."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from tests.prefect_server import prefect_server


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
    engine = [sys.executable, "-m", "tests.benchmarks.full_size.engine", str(squad)]
    pipe = subprocess.PIPE
    with (
        prefect_server(folder / "prefect") as server,
        (folder / "engine.log").open("ab") as log,
        subprocess.Popen(engine, stdin=pipe, stdout=pipe, stderr=log, text=True) as made,
    ):
        try:
            if made.stdin is None or made.stdout is None:
                raise RuntimeError("the engine has no pipes")
            specs = tuple(json.loads(made.stdout.readline()))
            environment = {**server.environment, "AZURE_TRANSLATOR_KEY": "s3cr3t-azure"}
            yield Running(environment, specs, server.pid, made.stdin, made.stdout)
        finally:
            made.terminate()


def _posted(url: str, content: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)
