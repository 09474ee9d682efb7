"""What the work took: seconds are kept with what was made, so that a run which finds it done can still tell of it."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, TypeVar

from prefect import task

from storage.store import Store
from tasks.scoring.report import Stage
from tasks.steps import STEP, Json, keyed_by, run_one

Made = TypeVar("Made")


class Watch:
    """Times stages of a run; what one took when its outcome was first made is remembered, and told again."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """Each store remembers seconds of its own; `clock` tells seconds."""
        self.stages: list[Stage] = []
        self._store, self._clock = store, clock

    def first(self, stage: str, make: Callable[[], Made], named: Callable[[Made], Any]) -> Made:
        """Do a stage; `named` gives JSON that names by content what came out."""
        began = self._clock()
        made = make()
        call = {
            "store": self._store.url,
            "stage": stage,
            "made": named(made),
            "seconds": round(self._clock() - began, 3),
        }
        self.stages.append(Stage(**run_one(keep_seconds, call, lambda _: True).value))
        return made


@task(
    name="keep seconds",
    description="Remember what a stage took when it was first done.",
    cache_key_fn=keyed_by("seconds", 1, "store", "stage", "made"),
    **STEP,
)
def keep_seconds(store: str, stage: str, made: Any, seconds: float) -> Json:
    """The stage as it was first told of: two stores have their own."""
    return asdict(Stage(name=stage, times=1, seconds=seconds))


def totals(stages: Iterable[Stage]) -> list[Stage]:
    """Stages of one name added up, in the order of their first.

    >>> totals([Stage(name="train", times=1, seconds=2.0), Stage(name="train", times=2, seconds=3.0)])
    [Stage(name='train', times=3, seconds=5.0)]
    """
    found: dict[str, Stage] = {}
    for one in stages:
        before = found.get(one.name, Stage(name=one.name, times=0, seconds=0.0))
        found[one.name] = Stage(
            name=one.name, times=before.times + one.times, seconds=before.seconds + one.seconds
        )
    return list(found.values())
