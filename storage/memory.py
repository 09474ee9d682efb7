"""The translation memory: every translation ever paid for, keyed by generation, languages and exact text.

What an engine answered without it being usable was paid for as well: such *refusals* are kept beside the translations,
so that a later run does not ask for them again.

SQLite (write-ahead log) by default, PostgreSQL by URL where several machines share one; through SQLAlchemy Core.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_random

from storage.errors import StoreError
from storage.silver import Reason, Refusal

LOOKUP_ROWS = 5_000
"""Keys per SELECT: well below the 32,766 bound variables that SQLite takes since 3.32 (2020)."""

LOG_PAGES = 10_000
"""Pages of 4 KiB that SQLite's write-ahead log may hold before they go to where they belong."""

_RACES = (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError)

METADATA = sa.MetaData()


def _key() -> tuple[sa.Column[Any], ...]:
    """The columns of a key. The digest comes first, so that PostgreSQL always finds rows by it."""
    digest = sa.Column(
        "digest", sa.LargeBinary, primary_key=True, doc="SHA-256 of the text: keys of one size"
    )
    return (
        digest,
        *(sa.Column(name, sa.String, primary_key=True) for name in ("generation", "source", "target")),
    )


TRANSLATIONS = sa.Table(
    "translations",
    METADATA,
    *_key(),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("translation", sa.Text, nullable=False),
)

REFUSALS = sa.Table(
    "refusals",
    METADATA,
    *_key(),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("asks", sa.Integer, nullable=False),
)

STATES = sa.Table(
    "states",
    METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
"""What processes share besides translations: the pace of an engine, the budget of a run; see `storage.states`."""


class MemoryFault(StoreError):
    """The memory's database failed in the middle of the work: it is locked, full, or cannot be reached."""

    retryable: ClassVar[bool] = True


class TranslationMemory:
    """All generations of all engines, in one database; safe under several threads and processes.

    Args:
        url: an SQLAlchemy URL (`postgresql+psycopg://user@host/name`) or the path of an SQLite file, which is made.

    Raises:
        StoreError: the database cannot be opened.
    """

    def __init__(self, url: str) -> None:
        self.url: str | sa.URL = url if "://" in url else sa.URL.create("sqlite", database=url)
        try:
            if "://" not in url:
                Path(url).parent.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(self.url, connect_args=_connect_args(self.url))
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _write_ahead)
            self._prepare()
        except (sa.exc.SQLAlchemyError, ImportError, OSError, ValueError) as error:
            raise StoreError(
                f"The translation memory {self.place} cannot be opened ({_cause(error)}); check --memory."
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
            for table in METADATA.sorted_tables:
                connection.execute(sa.schema.CreateTable(table, if_not_exists=True))

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
        return int(self.select(sa.select(sa.func.count()).select_from(TRANSLATIONS))[0][0])

    def select(self, query: sa.Select[Any]) -> list[Any]:
        """The rows of a query."""
        with self._connected() as connection:
            return list(connection.execute(query))

    def rows_of(
        self, table: sa.Table, columns: Sequence[str], scope: "Scope", digests: Sequence[bytes]
    ) -> Sequence[Any]:
        """Digest and `columns` of those digests within a scope; in the driver's own SQL, which takes half the time."""
        if self._engine.dialect.name == "postgresql":
            mark, among = "%s", "= ANY(%b)"
        else:
            mark, among = "?", f"IN ({','.join('?' * len(digests))})"
        keys = (list(digests),) if mark == "%s" else tuple(digests)
        values = (scope.generation, scope.source, scope.target, *keys)
        query = (
            f"SELECT {', '.join(('digest', *columns))} FROM {table.name} "  # noqa: S608 - the names are our own
            f"WHERE generation = {mark} AND source = {mark} AND target = {mark} AND digest {among}"
        )
        with self._connected() as connection:
            return connection.exec_driver_sql(query, values).fetchall()

    def stream(self, query: sa.Select[Any], rows: int) -> Iterator[Sequence[Any]]:
        """The rows of a query in runs of `rows`, never all at once in this process."""
        with self._connected() as connection:
            yield from connection.execution_options(yield_per=rows).execute(query).partitions(rows)

    def execute(self, statement: sa.Executable, rows: Any = None) -> int:
        """Run a statement in a transaction of its own; returns how many rows it changed."""
        with self._connected() as connection:
            changed = connection.execute(
                statement, rows, execution_options={"preserve_rowcount": True}
            ).rowcount
            connection.commit()
        return int(changed)

    def insert(self, rows: list[dict[str, Any]], table: sa.Table = TRANSLATIONS) -> int:
        """Add rows in one transaction; a key that is there keeps what it had: the first answer was paid for.

        Returns how many were added.
        """
        if not rows:
            return 0
        return self.execute(self._dialect.insert(table).on_conflict_do_nothing(), _in_one_order(rows, table))

    def insert_new(self, table: sa.Table, row: dict[str, Any]) -> bool:
        """Add one row; whether its key was free."""
        return self.execute(self._dialect.insert(table).on_conflict_do_nothing(), row) == 1

    def replace(self, rows: list[dict[str, Any]], table: sa.Table) -> None:
        """Add rows in one transaction; a key that is there takes the new values."""
        if rows:
            insert = self._dialect.insert(table)
            values = {
                column.name: insert.excluded[column.name] for column in table.c if not column.primary_key
            }
            keys = [column.name for column in table.primary_key]
            self.execute(
                insert.on_conflict_do_update(index_elements=keys, set_=values), _in_one_order(rows, table)
            )

    @property
    def _dialect(self) -> Any:
        return postgresql if self._engine.dialect.name == "postgresql" else sqlite

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise MemoryFault(
                f"The translation memory {self.place} failed ({_cause(error)}); "
                "see that its database runs and has room, then start again: what was stored is kept."
            ) from error


@dataclass(frozen=True)
class Scope:
    """What the memory holds of one generation and pair of languages."""

    memory: TranslationMemory
    generation: str
    source: str
    target: str

    def lookup(self, texts: Sequence[str]) -> dict[str, str]:
        """The translations of those texts that it holds."""
        return {text: translation for text, (translation,) in self._found(TRANSLATIONS, texts, "translation")}

    def add(self, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Keep (text, translation) pairs, durably, before returning what it holds of those texts now."""
        held = dict(reversed(pairs))  # of two translations of one text, the first is kept
        added = self.memory.insert([{**self._key(text), "translation": made} for text, made in held.items()])
        return held if added == len(held) else self.lookup(list(held))

    def refusals(self, texts: Sequence[str]) -> dict[str, Refusal]:
        """What is known of those texts that were answered without a usable translation so far."""
        found = self._found(REFUSALS, texts, "reason", "detail", "answer", "asks")
        return {text: Refusal(Reason(reason), *values) for text, (reason, *values) in found}

    def refuse(self, refusals: Mapping[str, Refusal]) -> None:
        """Keep, by text, that an answer was unusable; what was known of the text is replaced."""
        rows = [
            {
                **self._key(text),
                "reason": str(r.reason),
                "detail": r.detail,
                "answer": r.answer,
                "asks": r.asks,
            }
            for text, r in refusals.items()
        ]
        self.memory.replace(rows, REFUSALS)

    def _key(self, text: str) -> dict[str, Any]:
        scope = {"generation": self.generation, "source": self.source, "target": self.target}
        return {**scope, "digest": digest_of(text), "text": text}

    def _found(
        self, table: sa.Table, texts: Sequence[str], *columns: str
    ) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Rows by text; neighbours in the index are asked for together, and the stored texts stay where they are."""
        by_digest = {digest_of(text): text for text in texts}
        digests = sorted(by_digest)
        for start in range(0, len(digests), LOOKUP_ROWS):
            some = digests[start : start + LOOKUP_ROWS]
            for digest, *values in self.memory.rows_of(table, columns, self, some):
                yield by_digest[bytes(digest)], tuple(values)


def digest_of(text: str) -> bytes:
    """What a text is known by in the memory."""
    return hashlib.sha256(text.encode()).digest()


def _in_one_order(rows: list[dict[str, Any]], table: sa.Table) -> list[dict[str, Any]]:
    """Sorted by key: two processes that write the same rows in different orders would wait for one another for ever."""
    return sorted(rows, key=lambda row: [row[column.name] for column in table.primary_key])


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _connect_args(url: str | sa.URL) -> dict[str, Any]:
    return {"timeout": 60} if str(url).startswith("sqlite") else {}


def _write_ahead(connection: Any, _record: Any) -> None:
    """Readers and one writer at a time, across processes; a commit survives a kill of the process."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    # Digests fall anywhere in their index: its pages are written back once for many commits, in order.
    connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
