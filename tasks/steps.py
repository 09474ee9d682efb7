"""How a step is cached, retried and checked: the rules that every task of the project follows.

A step's cache key is made of its name, the version of its logic and those inputs that change what it makes, all by
content. Operational settings (where the store lies, how many workers) stay out of it, so changing them recomputes
nothing. What a step returns is a small JSON object that names bytes in the store; a cached result counts only if
those bytes are still there, exactly, and is made anew otherwise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.futures import PrefectFuture, wait
from prefect.tasks import exponential_backoff

from storage.errors import SilverspanError
from storage.hashing import content_id
from storage.parts import Part, part_intact
from storage.store import Store

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step returned, and whether it was computed in this run (`fresh`) or remembered."""

    value: Json
    fresh: bool


def keyed_by(name: str, version: int, *inputs: str) -> Callable[[TaskRunContext, Json], str]:
    """A Prefect `cache_key_fn` that looks at exactly the named parameters of a task."""

    def key(_context: TaskRunContext, parameters: Json) -> str:
        return step_key(name, version, {field: parameters[field] for field in inputs})

    return key


def step_key(name: str, version: int, inputs: Json) -> str:
    """The cache key of one call.

    >>> step_key("project", 1, {"a": 1}) == step_key("project", 2, {"a": 1})
    False
    """
    return f"silverspan-{name}-{version}-{content_id(inputs)}"


_LASTING = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
"""Faults of files that another try meets again."""


def retry_may_help(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what the error itself says a retry can mend, and faults of the machine; never bad input."""
    try:
        state.result()
    except SilverspanError as error:
        return error.retryable
    except OSError as error:
        return not isinstance(error, _LASTING)
    except BaseException:
        return False
    return False


STEP: Json = {
    "persist_result": True,
    "result_serializer": "json",
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(backoff_factor=2),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": retry_may_help,
}
"""Options of every cached task."""


def parts_intact(store: Store, value: Json) -> bool:
    """Whether every part that a step's result names is still there with exactly its bytes.

    Who asks is about to use them, so the grace of garbage collection begins anew.
    """
    parts = [Part.from_json(part) for part in value["parts"].values()]
    for part in parts:
        store.touch(part.name)
    return all(part_intact(store, part) for part in parts)


def run_all(
    step: Task[..., Any], calls: Sequence[Json], sound: Callable[[Json], bool], *, refresh: bool = False
) -> list[Outcome]:
    """Run a step over its shards, all at once, and make anew whatever a remembered result no longer holds.

    Every shard is let finish before the first failure is raised, so that no work done is lost with it.

    Args:
        step: the Prefect task.
        calls: its keyword arguments, one call each.
        sound: whether the bytes behind a result are still there.
        refresh: ignore remembered results.
    """
    chosen = step.with_options(refresh_cache=True) if refresh else step
    futures: list[PrefectFuture[Any]] = [chosen.submit(**call) for call in calls]
    wait(futures)
    outcomes = [Outcome(future.result(), future.state.name != "Cached") for future in futures]
    broken = [i for i, outcome in enumerate(outcomes) if not outcome.fresh and not sound(outcome.value)]
    if broken:
        anew = run_all(step, [calls[i] for i in broken], sound, refresh=True)
        for i, outcome in zip(broken, anew, strict=True):
            outcomes[i] = outcome
    return outcomes


def run_one(step: Task[..., Any], call: Json, sound: Callable[[Json], bool]) -> Outcome:
    """The same for a step that runs once, called directly so that cancelling the run ends it (and its processes)."""
    outcome = _called(step, call)
    if not outcome.fresh and not sound(outcome.value):
        outcome = _called(step.with_options(refresh_cache=True), call)
    return outcome


def _called(step: Task[..., Any], call: Json) -> Outcome:
    state = cast(State[Any], step(**call, return_state=True))
    return Outcome(state.result(), state.name != "Cached")
