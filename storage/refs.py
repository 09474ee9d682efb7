"""Refs: names that move. `squad-tq/latest` is the newest snapshot of a set, `models/champion` the reader in use."""

import re

from storage.errors import StoreError, UsageError
from storage.publishing import published
from storage.snapshots import FOLDER as SNAPSHOTS
from storage.store import Store

FOLDER = "refs"

MODELS = "models"
"""The group of refs to readers, and the folder that these lie in; every other group is that of a data set."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")


class Refs:
    """The refs of a store; each is a file with one id a line, the newest last, so that it can be rolled back."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def set(self, name: str, target: str, expected: str | None = None) -> bool:
        """Point a ref at an id; pointing it where it already points changes nothing.

        Where an `expected` id is given ("" for none), a ref that points elsewhere by now stays, and False is returned.
        """
        if self.get(name) == target:
            return True
        with self.store.locked(name):
            now = self.get(name)
            if expected is not None and (now or "") not in (expected, target):
                return False
            if now != target:
                self.store.append(self._file(name), target)
        return True

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
            StoreError: it never pointed anywhere else, or what it pointed at is gone.
        """
        self._earlier(name)
        with self.store.locked(name):
            earlier = self._earlier(name)
            self.store.write(self._file(name), "".join(f"{target}\n" for target in earlier).encode())
        return earlier[-1]

    def all(self) -> dict[str, str]:
        """Every ref and the id that it names."""
        groups = self.store.names(FOLDER)
        names = [f"{group}/{ref}" for group in groups for ref in self.store.names(f"{FOLDER}/{group}")]
        refs = filter(_NAME.fullmatch, names)
        return {name: target for name in refs if (target := self.get(name)) is not None}

    def _earlier(self, name: str) -> list[str]:
        """The history of a ref as it was before its last move."""
        earlier = self.history(name)[:-1]
        if not earlier:
            raise StoreError(f"The ref {name!r} has nothing to go back to; see `silverspan refs list`.")
        if not published(self.store, target_folder(name, earlier[-1])):
            raise StoreError(
                f"The ref {name!r} cannot go back because {earlier[-1]!r} is no longer in the store;"
                f" name another with `silverspan refs set {name}`."
            )
        return earlier

    def _file(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} is not a ref; write GROUP/NAME, such as squad-tq/latest or models/champion."
            )
        return f"{FOLDER}/{name}"


def target_folder(name: str, target: str) -> str:
    """Where in the store that lies which a ref of that name points at.

    >>> target_folder("squad-tq/latest", "3fa9"), target_folder("models/champion", "77d2")
    ('snapshots/squad-tq/3fa9', 'models/77d2')
    """
    group = name.partition("/")[0]
    return f"{MODELS}/{target}" if group == MODELS else f"{SNAPSHOTS}/{group}/{target}"
