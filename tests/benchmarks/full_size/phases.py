"""The builds that are measured: all of it, nothing new, one language's engine, one paragraph, one threshold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from storage.examples import Example
from tests.benchmarks.full_size.corpus import write_squad
from tests.benchmarks.full_size.losses import KEPT
from tests.benchmarks.full_size.measuring import bytes_on_disk, cpu_seconds, timed
from tests.benchmarks.full_size.services import Running
from tests.prefect_server import BIN

THRESHOLD, CHANGED_THRESHOLD = "answer-length=on:0.01", "answer-length=on:0.9"
CHANGED_LANGUAGE = "es"


@dataclass(frozen=True, slots=True)
class Phase:
    """What one build was, took and asked for."""

    name: str
    rows: int
    seconds: float
    flow_s: float
    cpu_s: float
    engine_s: float
    server_s: float
    peak_mib: float
    disk_mib: float
    requests: int
    characters: int
    task_runs: int
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Builds:
    """What all builds have in common."""

    running: Running
    folder: Path
    options: Sequence[str] = ()

    @property
    def store(self) -> Path:
        """Where they put their snapshots."""
        return self.folder / "store"

    def build(self, name: str, squad: Path, engines: Mapping[str, str], filters: str) -> Phase:
        """One build by the command line, measured."""
        running = self.running
        running.asked()
        before = cpu_seconds(running.server_pid)
        taken = timed(self._command(squad, engines, filters), running.environment, self.folder / "build.log")
        server_s = cpu_seconds(running.server_pid) - before
        asked = running.asked()
        return Phase(
            name=name,
            rows=sum(taken.result["rows"].values()),
            seconds=taken.seconds,
            flow_s=taken.result["seconds"],
            cpu_s=taken.cpu_s,
            engine_s=asked["cpu_s"],
            server_s=server_s,
            peak_mib=taken.peak_mib,
            disk_mib=bytes_on_disk(self.store) / 2**20,
            requests=asked["requests"],
            characters=asked["characters"],
            task_runs=running.task_runs(),
            result=taken.result,
        )

    def _command(self, squad: Path, engines: Mapping[str, str], filters: str) -> list[str | Path]:
        engine = ",".join(f"{language}={spec}" for language, spec in engines.items())
        command: list[str | Path] = [
            BIN / "silverspan",
            "build",
            "--source",
            squad,
            "--store",
            self.store,
            "--json",
        ]
        rule = ("--projection", "paper", "--filters", filters)
        return [*command, "--languages", ",".join(engines), "--engine", engine, *rule, *self.options]


def all_phases(builds: Builds, examples: Sequence[Example], squad: Path) -> Iterator[Phase]:
    """The five builds, one after the other on one store, each given when it is done."""
    first, second = builds.running.specs
    engines = dict.fromkeys(KEPT, first)
    yield builds.build("full build", squad, engines, THRESHOLD)
    yield builds.build("nothing changed", squad, engines, THRESHOLD)
    yield builds.build("one language's engine", squad, {**engines, CHANGED_LANGUAGE: second}, THRESHOLD)
    other = squad.with_name(f"changed-{squad.name}")
    write_squad(one_paragraph_changed(examples), other)
    yield builds.build("one paragraph", other, engines, THRESHOLD)
    yield builds.build("one threshold", squad, engines, CHANGED_THRESHOLD)


def one_paragraph_changed(examples: Sequence[Example]) -> list[Example]:
    """The corpus with another last sentence in the paragraph in its middle; its questions are what they were."""
    context = examples[len(examples) // 2].context
    changed = f"{context} This was added later."
    return [replace(e, context=changed) if e.context == context else e for e in examples]
