"""The project as a guest of a Prefect server: told of by `silverspan deploy`, started by name, watched by looking."""

import json
import shlex
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from storage.store import Store
from tests.e2e.workers import children, end_all, placed, running, start_worker, wait_until
from tests.prefect_server import BIN

LIMIT_S = 600

FINAL = {"Completed", "Failed", "Crashed", "Cancelled"}

Json = dict[str, Any]


@dataclass
class Installation:
    """A server that knows the project's deployments, a store, and workers that are started when they are wanted."""

    server: dict[str, str]
    folder: Path
    stack: ExitStack
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return Store(str(self.folder / "store"))

    @property
    def environment(self) -> dict[str, str]:
        """That of whoever uses the server; results of steps are of this installation alone."""
        return {**placed(self.server), "PREFECT_LOCAL_STORAGE_PATH": str(self.folder / "results")}

    def program(self, name: str, *arguments: str) -> str:
        """What an installed program says on standard output."""
        done = subprocess.run(
            [BIN / name, *arguments], env=self.environment, capture_output=True, text=True, timeout=LIMIT_S
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def deploy(self, *options: str) -> Json:
        """What `silverspan deploy` says."""
        said = self.program("silverspan", "deploy", "--store", self.store.url, *options, "--json")
        result: Json = json.loads(said.splitlines()[-1])
        return result

    def work(self, pool: str) -> subprocess.Popen[bytes]:
        """A worker of a pool."""
        process = start_worker(self.environment, pool, self.said(pool))
        self.stack.callback(end_all, process)
        self.workers[pool] = process
        return process

    def said(self, pool: str) -> Path:
        """The log of a pool's workers."""
        return self.folder / f"{pool}.log"

    def start(self, deployment: str, *parameters: str) -> str:
        """The id of a run that was asked for."""
        given = [word for parameter in parameters for word in ("-p", parameter)]
        return self.start_by(shlex.join(["prefect", "deployment", "run", deployment, *given]))

    def start_by(self, line: str) -> str:
        """The id of the run that a command line asks for, as the guide may have one."""
        said = self.program(*shlex.split(line))
        return said.partition("UUID: ")[2].split()[0]

    def asked(self, path: str, body: Json | None = None) -> Any:
        """What the server's API answers: to a GET, or to a POST of the body."""
        url = f"{self.server['PREFECT_API_URL']}/{path}"
        answer = httpx.get(url, timeout=30) if body is None else httpx.post(url, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def run(self, run_id: str) -> Json:
        found: Json = self.asked(f"flow_runs/{run_id}")
        return found

    def runs(self, deployment: str) -> list[Json]:
        """All runs of a deployment, oldest first."""
        known = self.asked(f"deployments/name/{deployment}")["id"]
        body = {"deployments": {"id": {"any_": [known]}}, "sort": "EXPECTED_START_TIME_ASC"}
        found: list[Json] = self.asked("flow_runs/filter", body)
        return found

    def state(self, run_id: str) -> str:
        return str(self.run(run_id)["state_name"])

    def ended(self, run_id: str) -> str:
        """The state in which a run ends."""
        return wait_until(
            lambda: state if (state := self.state(run_id)) in FINAL else None,
            f"the run {run_id} has ended",
            LIMIT_S,
            why=lambda: (self.run(run_id), self.complaints(run_id)),
        )

    def complaints(self, run_id: str) -> list[str]:
        """What a run's log has of warnings and errors."""
        wanted = {"flow_run_id": {"any_": [run_id]}, "level": {"ge_": 30}}
        return [entry["message"] for entry in self.asked("logs/filter", {"logs": wanted})]

    def jobs(self, pool: str) -> list[int]:
        """The processes of a pool's training, the one that started the others first."""
        return [pid for pid in children(self.workers[pool].pid) if running(pid, b"model.job")]

    def job(self, pool: str) -> int:
        """The process of a pool's training, once it has saved something to go on from."""
        wait_until(lambda: list(self.folder.glob("store/work/checkpoints/*/step-*")), "there is a checkpoint")
        return wait_until(lambda: self.jobs(pool), f"a training goes on in the pool {pool}")[0]
