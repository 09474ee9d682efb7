"""The translation memory as it is opened: any folder, any URL, and one sentence where it cannot be."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tenacity import stop_after_attempt

from storage.errors import StoreError
from storage.memory import TranslationMemory


def test_a_path_and_its_url_are_the_same(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "folder" / "memory.sqlite")
    with TranslationMemory(path) as memory:
        memory.of("g", "en", "es").add([("one ", "uno ")])
    with TranslationMemory(f"sqlite:///{path}") as memory:
        assert memory.of("g", "en", "es").lookup(["one "]) == {"one ": "uno "}


@pytest.mark.parametrize("name", ["a b", "a?b=c", "a#b", "a%41", "ü", "a:b@c"])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    """A path is a path: nothing in it is read as part of a URL."""
    path = tmp_path / name / "memory.sqlite"
    with TranslationMemory(str(path)) as memory:
        memory.of("g", "en", "es").add([("one", "uno")])
    assert path.is_file()


def test_the_write_ahead_log_is_on(tmp_path: Path) -> None:
    """So that readers do not wait for a writer, and a killed process leaves a sound file."""
    path = tmp_path / "memory.sqlite"
    with TranslationMemory(str(path)) as memory, memory._engine.connect() as inside:
        assert inside.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert inside.exec_driver_sql("PRAGMA synchronous").scalar() == 1
        with closing(sqlite3.connect(path)) as outside:
            assert outside.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def refused(url: str) -> str:
    with pytest.raises(StoreError) as caught:
        TranslationMemory(url)
    message = str(caught.value)
    assert message.startswith("The translation memory ")
    assert message.endswith("; check --memory.")
    assert "\n" not in message
    return message


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    assert str(path) in refused(str(path))


def test_a_folder_is_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TranslationMemory._prepare.retry, "stop", stop_after_attempt(1))  # type: ignore[attr-defined]
    assert str(tmp_path) in refused(str(tmp_path))


def test_a_place_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file" / "memory.sqlite") in refused(str(tmp_path / "file" / "memory.sqlite"))


@pytest.mark.parametrize(
    "url",
    [
        "nosuch://host/name",
        "postgresql+nosuchdriver://u:secret@host/name",
        "postgresql://u:secret@host:x/n",
        "://",
    ],
)
def test_a_url_that_cannot_be_opened(url: str) -> None:
    assert "secret" not in refused(url)


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "psycopg" in refused("postgresql+psycopg://u:secret@host/name")


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    with TranslationMemory(str(tmp_path / "memory.sqlite")) as memory:
        memory.url = "postgresql+psycopg://user:secret@host/name"
        assert memory.place == "postgresql+psycopg://user:***@host/name"


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="check --memory") as caught:
        TranslationMemory(f"postgresql+psycopg://user:secret@/x?host={tmp_path}")
    assert "secret" not in str(caught.value)
