"""Where a run reads and writes: operational, so never part of what a step's result is known by."""

from dataclasses import dataclass

from storage.errors import StoreError
from storage.memory import TranslationMemory
from storage.store import DEFAULT_STORE, Store


@dataclass(frozen=True, slots=True)
class Place:
    """A store and a translation memory, by URL.

    `memory` is an SQLAlchemy URL or a file; left empty it is `memory.sqlite` in a local store.
    """

    store_url: str = DEFAULT_STORE
    memory_url: str = ""

    @property
    def store(self) -> Store:
        """The store."""
        return Store(self.store_url)

    def memory(self) -> TranslationMemory:
        """The translation memory, opened.

        Raises:
            StoreError: it cannot be opened, or the store is not local and no memory was named.
        """
        store = self.store
        if not (self.memory_url or store.is_local):
            raise StoreError(
                f"The store {self.store_url} is not on this machine and cannot hold the translation memory;"
                " add --memory with a local file or an SQLAlchemy URL."
            )
        return TranslationMemory(self.memory_url or str(store.local_path("memory.sqlite")))
