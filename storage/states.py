"""Small values that all workers of all processes share: who waits how long, what a run has spent.

A state is a JSON object by name. It changes only by `update`: read, compute, and write back unless another was faster,
in which case the same is done again with what the other wrote. So every change is made exactly once, on any database,
and no one holds a lock that outlives it.
"""

import json
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from storage.memory import STATES, TranslationMemory

State = dict[str, Any]
Made = TypeVar("Made")
Change = Callable[[State], tuple[State, Made]]
"""From a state (empty at first) to the one that follows, and whatever the caller wants to know."""


class States(Protocol):
    """Named states that can be read, and changed atomically."""

    def read(self, name: str) -> State:
        """The state, or an empty one."""
        ...

    def update(self, name: str, change: Change[Made]) -> Made:
        """Replace a state by what `change` makes of it; `change` has no effects and may be called several times."""
        ...


class LocalStates:
    """States of the threads of this process."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}
        self._lock = threading.Lock()

    def read(self, name: str) -> State:
        """The state, or an empty one."""
        with self._lock:
            return dict(self._states.get(name, {}))

    def update(self, name: str, change: Change[Made]) -> Made:
        """Replace a state by what `change` makes of it."""
        with self._lock:
            self._states[name], made = change(dict(self._states.get(name, {})))
        return made


class SharedStates:
    """States of all processes that use the same translation memory."""

    def __init__(self, memory: TranslationMemory) -> None:
        self._memory = memory

    def read(self, name: str) -> State:
        """The state, or an empty one."""
        return self._versioned(name)[1]

    def update(self, name: str, change: Change[Made]) -> Made:
        """Replace a state by what `change` makes of it."""
        while True:
            version, state = self._versioned(name)
            following, made = change(state)
            if following == state or self._replaced(name, version, json.dumps(following)):
                return made

    def _versioned(self, name: str) -> tuple[int, State]:
        rows = self._memory.select(sa.select(STATES.c.version, STATES.c.state).where(STATES.c.name == name))
        return (rows[0].version, json.loads(rows[0].state)) if rows else (0, {})

    def _replaced(self, name: str, version: int, state: str) -> bool:
        """Whether no one else was faster."""
        if version == 0:
            return self._memory.insert_new(STATES, {"name": name, "version": 1, "state": state})
        statement = (
            sa.update(STATES)
            .where(STATES.c.name == name, STATES.c.version == version)
            .values(version=version + 1, state=state)
        )
        return self._memory.execute(statement) == 1
