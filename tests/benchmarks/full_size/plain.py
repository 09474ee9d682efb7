"""The same functions in a plain loop over the same processes: what is left of a build when Prefect is taken away.

    python -m tests.benchmarks.full_size.plain SQUAD_FILE STORE ENGINES FILTERS

Prints `{"seconds": s, "stages": {task: {"calls": n, "seconds": s}}, ...}` as its last line.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from functools import partial
from types import ModuleType
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from prefect import Task

from flows import build as flow
from flows.runners import LOCAL_SHARDS
from tasks import (
    aligning,
    artifacts,
    assembly,
    back,
    downloads,
    progress,
    projecting,
    publication,
    second_try,
    source,
    translation,
)
from tasks.processes import CREW, Crew
from tasks.projection.rules import Rule
from tasks.steps import Json, Outcome
from tests.benchmarks.full_size.losses import KEPT

MODULES: tuple[ModuleType, ...] = (
    aligning,
    assembly,
    back,
    downloads,
    projecting,
    publication,
    second_try,
    source,
    translation,
)


PROCESSES = 2


class Loop:
    """Calls what the tasks call, as many at a time as the local runner, and keeps the time of each stage."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}

    def run_all(
        self,
        step: Task[..., Any],
        calls: Sequence[Json],
        sound: Callable[[Json], bool],
        *,
        refresh: bool = False,
    ) -> list[Outcome]:
        with self._timed(step.name, len(calls)), ThreadPoolExecutor(LOCAL_SHARDS) as pool:
            futures = [pool.submit(copy_context().run, partial(step.fn, **call)) for call in calls]
            return [Outcome(future.result(), True) for future in futures]

    def run_one(self, step: Task[..., Any], call: Json, sound: Callable[[Json], bool]) -> Outcome:
        with self._timed(step.name, 1):
            return Outcome(step.fn(**call), True)

    @contextmanager
    def _timed(self, name: str, calls: int) -> Iterator[None]:
        began = time.monotonic()
        yield
        stage = self.stages.setdefault(name, {"calls": 0, "seconds": 0.0})
        stage["calls"] += calls
        stage["seconds"] += time.monotonic() - began


def built(squad: str, store: str, engines: Mapping[str, str], filters: str, rule: Rule = Rule.PAPER) -> Json:
    """One build, and the seconds of its stages."""
    loop = Loop()
    with ExitStack() as stack:
        for module in MODULES:
            for name in ("run_all", "run_one"):
                if hasattr(module, name):
                    stack.enter_context(patch.object(module, name, getattr(loop, name)))
        # The pages are made as they are for the UI; only what would be a request to its server is not.
        stack.enter_context(patch.object(artifacts, "create_markdown_artifact", return_value=uuid4()))
        stack.enter_context(patch.object(artifacts, "bear"))
        stack.enter_context(patch.object(progress, "create_progress_artifact", return_value=None))
        engine = ",".join(f"{language}={spec}" for language, spec in engines.items())
        crew = Crew(PROCESSES)
        stack.callback(CREW.reset, CREW.set(crew))
        stack.callback(crew.close)
        began = time.monotonic()
        result = flow.build_silver.fn(
            list(engines), squad, engine=engine, projection=rule, filters=filters, store=store
        )
    return {**result, "seconds": time.monotonic() - began, "stages": loop.stages}


def main() -> None:
    """Build once."""
    squad, store, spec, filters = sys.argv[1:5]
    print(json.dumps(built(squad, store, dict.fromkeys(KEPT, spec), filters)))


if __name__ == "__main__":
    main()
