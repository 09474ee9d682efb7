"""Refs: names that move. `squad-tq/latest` is the newest snapshot of a set, `models/champion` the reader in use."""

import re

from storage.errors import StoreError, UsageError
from storage.store import Store

FOLDER = "refs"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")


class Refs:
    """The refs of a store; each is a file with one id a line, the newest last, so that it can be rolled back."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def set(self, name: str, target: str) -> None:
        """Point a ref at an id; pointing it where it already points changes nothing."""
        if self.get(name) != target:
            self.store.append(self._file(name), target)

    def get(self, name: str) -> str | None:
        """The id that a ref names, or None where there is no such ref."""
        history = self.history(name)
        return history[-1] if history else None

    def history(self, name: str) -> list[str]:
        """All ids that it has named, oldest first."""
        file = self._file(name)
        return self.store.read(file).decode().split() if self.store.exists(file) else []

    def rollback(self, name: str) -> str:
        """Point a ref where it pointed before, and return that id.

        Raises:
            StoreError: it never pointed anywhere else.
        """
        history = self.history(name)
        if len(history) < 2:
            raise StoreError(f"The ref {name!r} has nothing to go back to; see `silverspan refs list`.")
        self.store.write(self._file(name), "".join(f"{target}\n" for target in history[:-1]).encode())
        return history[-2]

    def all(self) -> dict[str, str]:
        """Every ref and the id that it names."""
        groups = self.store.names(FOLDER)
        names = [f"{group}/{ref}" for group in groups for ref in self.store.names(f"{FOLDER}/{group}")]
        return {name: target for name in names if (target := self.get(name)) is not None}

    def _file(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} is not a ref; write GROUP/NAME, such as squad-tq/latest or models/champion."
            )
        return f"{FOLDER}/{name}"
