"""A plan that is followed by `silverspan reproduce`, killed on its way, and gone on with."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.prefect_server import BIN


@dataclass(frozen=True)
class Grid:
    """A plan, where it keeps what it makes, and the environment in which it is followed."""

    plan: str
    store: Path
    server: dict[str, str]
    workers: int = 0
    kinds: tuple[str, ...] = ("models",)
    """The folders of the store in which lies what is counted: readers by default."""

    @property
    def command(self) -> list[str]:
        program, workers = str(BIN / "silverspan"), str(self.workers)
        options = ["--plan", self.plan, "--workers", workers, "--store", str(self.store), "--json"]
        return [program, "reproduce", *options]

    def made(self) -> dict[str, int]:
        """All that is there by name, and when its weights were written."""
        return {
            path.parent.name: (path.parent / "model.safetensors").stat().st_mtime_ns
            for kind in self.kinds
            for path in self.store.glob(f"{kind}/*/manifest.json")
        }

    def killed_at(self, count: int) -> dict[str, int]:
        """Start it and kill it as soon as it has made so many; those that are there then."""
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(self.command, env=self.server, stdout=quiet, stderr=quiet)
        while len(self.made()) < count:
            assert process.poll() is None, "it ended of itself"
            time.sleep(0.2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return self.made()

    def finished(self) -> dict[str, Any]:
        """What it says of itself once it has gone on to its end."""
        done = subprocess.run(self.command, env=self.server, capture_output=True, text=True, check=True)
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result
