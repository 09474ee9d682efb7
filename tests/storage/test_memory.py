"""The translation memory: exact texts, first answers, many processes."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenacity import stop_after_attempt

from storage.errors import StoreError
from storage.memory import LOOKUP_ROWS, Scope, TranslationMemory

# PostgreSQL holds no NUL, and SQuAD no lone surrogate.
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)
LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[TranslationMemory]:
    with TranslationMemory(str(tmp_path / "memory.sqlite")) as opened:
        yield opened


@pytest.fixture
def scope(memory: TranslationMemory) -> Scope:
    return memory.of("apertium/es/1-ab", "en", "es")


def test_what_is_not_known_is_left_out(scope: Scope) -> None:
    scope.add([("one", "uno")])
    assert scope.lookup(["two", "one", "three", "one"]) == {"one": "uno"}
    assert scope.lookup([]) == {}


def test_nothing_to_add(memory: TranslationMemory, scope: Scope) -> None:
    scope.add([])
    assert memory.count() == 0


def test_the_first_answer_wins(memory: TranslationMemory, scope: Scope) -> None:
    scope.add([("one", "uno"), ("one", "una")])
    scope.add([("one", "un"), ("two", "dos")])
    assert scope.lookup(["one", "two"]) == {"one": "uno", "two": "dos"}
    assert memory.count() == 2


def test_an_empty_translation_is_one(scope: Scope) -> None:
    scope.add([("...", "")])
    assert scope.lookup(["..."]) == {"...": ""}


@LAW
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6), st.lists(TEXTS, max_size=3))
def test_it_holds_exactly_what_was_added_first(
    memory: TranslationMemory, pairs: list[tuple[str, str]], others: list[str]
) -> None:
    """Law: `lookup` gives of each text the first translation added, letter for letter, and of no other text any."""
    scope = memory.of(f"e/es/{memory.count()}-{len(pairs)}-{hash(tuple(pairs))}", "en", "es")
    scope.add(pairs)
    first = dict(reversed(pairs))
    asked = [text for text, _ in pairs] + others
    assert scope.lookup(asked) == {text: first[text] for text in asked if text in first}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("text", "text "),
        ("text", " text"),
        ("text", "text\n"),
        ("text", "Text"),
        ("a\nb", "a\r\nb"),
        ("", " "),
        ("\u00e9", "e\u0301"),
        ("\uff21", "A"),
        ("ﬁ", "fi"),
        ("a\u200bb", "ab"),
        ("1", "1.0"),
        ("𝄞", "\ufffd"),
        ("\ufeffa", "a"),
    ],
)
def test_texts_that_look_alike_are_two(scope: Scope, one: str, other: str) -> None:
    scope.add([(one, "first")])
    assert scope.lookup([one, other]) == {one: "first"}
    scope.add([(other, "second")])
    assert scope.lookup([one, other]) == {one: "first", other: "second"}


def test_generations_and_languages_do_not_mix(memory: TranslationMemory) -> None:
    scopes = [
        memory.of(*key)
        for key in (("g1", "en", "es"), ("g2", "en", "es"), ("g1", "en", "ca"), ("g1", "es", "en"))
    ]
    for number, scope in enumerate(scopes):
        assert scope.lookup(["text"]) == {}
        scope.add([("text", str(number))])
    assert [scope.lookup(["text"]) for scope in scopes] == [{"text": str(n)} for n in range(4)]


@pytest.mark.parametrize("count", [1, LOOKUP_ROWS, LOOKUP_ROWS + 1, 2_345])
def test_many_texts_in_one_lookup(scope: Scope, count: int) -> None:
    pairs = [(f"text {i}", f"texto {i}") for i in range(count)]
    scope.add(pairs)
    assert scope.lookup([text for text, _ in reversed(pairs)] + ["unknown"]) == dict(pairs)


def test_a_long_text(scope: Scope) -> None:
    """A context of a megabyte; keys are of one size whatever the text's."""
    text = "𝄞 ü " * 250_000
    scope.add([(text, text[::-1])])
    assert scope.lookup([text, text[:-1]]) == {text: text[::-1]}


def test_it_is_there_when_opened_again(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "folder" / "memory.sqlite")
    with TranslationMemory(path) as memory:
        memory.of("g", "en", "es").add([("one ", "uno ")])
    for url in (path, f"sqlite:///{path}"):
        with TranslationMemory(url) as memory:
            assert memory.of("g", "en", "es").lookup(["one "]) == {"one ": "uno "}
            assert memory.count() == 1


@pytest.mark.parametrize("name", ["a b", "a?b=c", "a#b", "a%41", "ü", "a:b@c"])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    """A path is a path: nothing in it is read as part of a URL."""
    path = tmp_path / name / "memory.sqlite"
    with TranslationMemory(str(path)) as memory:
        memory.of("g", "en", "es").add([("one", "uno")])
    assert path.is_file()


def test_the_write_ahead_log_is_on(memory: TranslationMemory, tmp_path: Path) -> None:
    """So that readers do not wait for a writer, and a killed process leaves a sound file."""
    with sqlite3.connect(tmp_path / "memory.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    with memory._engine.connect() as inside:
        assert inside.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert inside.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_what_one_has_added_another_sees_at_once(tmp_path: Path) -> None:
    path = str(tmp_path / "memory.sqlite")
    with TranslationMemory(path) as one, TranslationMemory(path) as other:
        one.of("g", "en", "es").add([("one", "uno")])
        assert other.of("g", "en", "es").lookup(["one"]) == {"one": "uno"}


WRITER = """
import sys
from storage.memory import TranslationMemory
path, me, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
with TranslationMemory(path) as memory:
    scope = memory.of("g", "en", "es")
    for i in range(count):
        scope.add([(f"shared {i}", me), (f"{me} {i} ", f"own {i}")])
"""


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    """Four processes open a new memory at the same moment and write: nothing is lost, one answer each is kept."""
    path, count, writers = str(tmp_path / "memory.sqlite"), 50, [f"w{n}" for n in range(4)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, path, me, str(count)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for me in writers
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, errors
    with TranslationMemory(path) as memory:
        scope = memory.of("g", "en", "es")
        assert memory.count() == count * 5
        own = {f"{me} {i} ": f"own {i}" for me in writers for i in range(count)}
        assert scope.lookup(list(own)) == own
        shared = scope.lookup([f"shared {i}" for i in range(count)])
        assert len(shared) == count
        assert set(shared.values()) <= set(writers)


KILLED = """
import os, signal, sys
from storage.memory import TranslationMemory
memory = TranslationMemory(sys.argv[1])
memory.of("g", "en", "es").add([("paid for", "pagado")])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_added_survives_a_kill(tmp_path: Path) -> None:
    path = str(tmp_path / "memory.sqlite")
    assert subprocess.run([sys.executable, "-c", KILLED, path]).returncode == -9
    with TranslationMemory(path) as memory:
        assert memory.of("g", "en", "es").lookup(["paid for"]) == {"paid for": "pagado"}


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


def test_a_password_is_never_shown(memory: TranslationMemory) -> None:
    memory.url = "postgresql+psycopg://user:secret@host/name"
    assert memory.place == "postgresql+psycopg://user:***@host/name"
