"""The translation memory: every translation ever paid for, keyed by generation, languages and exact text.

SQLite (write-ahead log) by default, PostgreSQL by URL where several machines share one; through SQLAlchemy Core.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_random

from storage.errors import StoreError

LOOKUP_ROWS = 500
"""Keys per SELECT: below the 999 bound variables of the oldest SQLite still in use."""

_RACES = (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError)

METADATA = sa.MetaData()
TRANSLATIONS = sa.Table(
    "translations",
    METADATA,
    sa.Column("generation", sa.String, primary_key=True),
    sa.Column("source", sa.String, primary_key=True),
    sa.Column("target", sa.String, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True, doc="SHA-256 of the text: keys of one size"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("translation", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)


class TranslationMemory:
    """All generations of all engines, in one table; safe under several threads and processes.

    Args:
        url: an SQLAlchemy URL (`postgresql+psycopg://user@host/name`) or the path of an SQLite file, which is made.

    Raises:
        StoreError: the database cannot be opened.
    """

    def __init__(self, url: str) -> None:
        self.url = url if "://" in url else _sqlite_url(url)
        try:
            if "://" not in url:
                Path(url).parent.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(self.url, connect_args=_connect_args(self.url))
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _write_ahead)
            self._prepare()
        except (sa.exc.SQLAlchemyError, ImportError, OSError, ValueError) as error:
            cause = str(getattr(error, "orig", error)).partition("\n")[0]
            raise StoreError(
                f"The translation memory {self.place} cannot be opened ({cause}); check --memory."
            ) from error

    # Switching a new SQLite file to its write-ahead log ignores the time-out for locks, and PostgreSQL may lose a
    # race for the same new table: whoever comes second finds everything done a moment later.
    @retry(
        retry=retry_if_exception_type(_RACES),
        stop=stop_after_delay(5),
        wait=wait_random(0.02, 0.2),
        reraise=True,
    )
    def _prepare(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.schema.CreateTable(TRANSLATIONS, if_not_exists=True))

    @property
    def place(self) -> str:
        """The URL without its password, fit to be shown."""
        try:
            return sa.make_url(self.url).render_as_string(hide_password=True)
        except (sa.exc.ArgumentError, ValueError):
            return "of that URL"

    def of(self, generation: str, source: str, target: str) -> "Scope":
        """The part of the memory that one generation of an engine wrote for one pair of languages."""
        return Scope(self, generation, source, target)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def count(self) -> int:
        """How many translations it holds."""
        with self._engine.connect() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(TRANSLATIONS)) or 0)

    def select(self, query: sa.Select[Any]) -> list[Any]:
        """The rows of a query."""
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    def insert(self, rows: list[dict[str, Any]]) -> None:
        """Add rows in one transaction; a key that is there keeps what it had: the first answer was paid for."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(TRANSLATIONS).on_conflict_do_nothing()
        with self._engine.begin() as connection:
            connection.execute(statement, rows)


@dataclass(frozen=True)
class Scope:
    """What the memory holds of one generation and pair of languages."""

    memory: TranslationMemory
    generation: str
    source: str
    target: str

    def lookup(self, texts: Sequence[str]) -> dict[str, str]:
        """The translations of those texts that it holds."""
        found: dict[str, str] = {}
        digests = list({_digest(text) for text in texts})
        for some in _slices(digests, LOOKUP_ROWS):
            found.update((row.text, row.translation) for row in self.memory.select(self._query(some)))
        return found

    def add(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Keep (text, translation) pairs, durably, before returning."""
        scope = {"generation": self.generation, "source": self.source, "target": self.target}
        rows = [{**scope, "digest": _digest(text), "text": text, "translation": made} for text, made in pairs]
        if rows:
            self.memory.insert(rows)

    def _query(self, digests: Sequence[bytes]) -> sa.Select[Any]:
        columns = TRANSLATIONS.c
        return sa.select(columns.text, columns.translation).where(
            columns.generation == self.generation,
            columns.source == self.source,
            columns.target == self.target,
            columns.digest.in_(digests),
        )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _slices(items: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _sqlite_url(path: str) -> str:
    """The URL of a file, whatever characters its path holds."""
    return sa.URL.create("sqlite", database=path).render_as_string()


def _connect_args(url: str) -> dict[str, Any]:
    return {"timeout": 60} if url.startswith("sqlite") else {}


def _write_ahead(connection: Any, _record: Any) -> None:
    """Readers and one writer at a time, across processes; a commit survives a kill of the process."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
