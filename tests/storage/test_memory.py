"""The translation memory on each of its databases: exact texts, first answers, refusals, many processes."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.memory import LOOKUP_ROWS, MemoryFault, Scope, TranslationMemory
from storage.memory_files import export_memory, import_memory
from storage.silver import Reason, Refusal
from storage.states import SharedStates
from tests.storage.postgres import Server

# PostgreSQL holds no NUL, and SQuAD no lone surrogate.
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)
LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)


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
    assert scope.add([("one", "uno"), ("one", "una")]) == {"one": "uno"}
    assert scope.add([("one", "un"), ("two", "dos")]) == {"one": "uno", "two": "dos"}
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
    first = dict(reversed(pairs))
    assert scope.add(pairs) == first
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
    keys = (("g1", "en", "es"), ("g2", "en", "es"), ("g1", "en", "ca"), ("g1", "es", "en"))
    scopes = [memory.of(*key) for key in keys]
    for number, scope in enumerate(scopes):
        assert scope.lookup(["text"]) == {}
        assert scope.refusals(["text"]) == {}
        scope.add([("text", str(number))])
        scope.refuse({"text": Refusal(Reason.EMPTY, asks=number)})
    assert [scope.lookup(["text"]) for scope in scopes] == [{"text": str(n)} for n in range(4)]
    assert [scope.refusals(["text"])["text"].asks for scope in scopes] == list(range(4))


def test_a_refusal_takes_the_place_of_an_earlier_one(memory: TranslationMemory) -> None:
    scope = memory.of("g", "en", "es")
    scope.refuse({"a": Refusal(Reason.EMPTY, "nothing", "", 1), "b": Refusal(Reason.COPIED, "same", "b", 1)})
    last = Refusal(Reason.TRUNCATED, "3 for 300", "abc", 2)
    scope.refuse({"a": last})
    assert scope.refusals(["a", "b", "c"]) == {"a": last, "b": Refusal(Reason.COPIED, "same", "b", 1)}
    scope.refuse({})


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


def test_it_is_there_when_opened_again(url: str) -> None:
    with TranslationMemory(url) as memory:
        memory.of("g", "en", "es").add([("one ", "uno ")])
    with TranslationMemory(url) as memory:
        assert memory.of("g", "en", "es").lookup(["one "]) == {"one ": "uno "}
        assert memory.count() == 1


def test_what_one_has_added_another_sees_at_once(url: str) -> None:
    with TranslationMemory(url) as one, TranslationMemory(url) as other:
        one.of("g", "en", "es").add([("one", "uno")])
        assert other.of("g", "en", "es").lookup(["one"]) == {"one": "uno"}


WRITER = """
import sys
from storage.memory import TranslationMemory
from storage.silver import Reason, Refusal
from storage.states import SharedStates
url, me, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
with TranslationMemory(url) as memory:
    scope, states = memory.of("g", "en", "es"), SharedStates(memory)
    order = range(count) if me < "w2" else range(count - 1, -1, -1)
    for i in order:
        scope.add([(f"shared {j}", me) for j in (i, (i + 1) % count)] + [(f"{me} {i} ", f"own {i}")])
        scope.refuse({f"refused {j}": Refusal(Reason.EMPTY, me, asks=1) for j in ((i + 1) % count, i)})
        states.update("counter", lambda state: ({"n": state.get("n", 0) + 1}, None))
    for g in range(10):
        many = memory.of(f"many {g}", "en", "es")
        many.add([(f"text {i}", me) for i in (range(500) if me < "w2" else range(499, -1, -1))])
"""


def test_several_processes_write_at_once(url: str) -> None:
    """Four processes open a new memory at the same moment and write the same keys in different orders."""
    count, writers = 40, [f"w{n}" for n in range(4)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, me, str(count)],
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
    with TranslationMemory(url) as memory:
        scope = memory.of("g", "en", "es")
        assert memory.count() == count * 5 + 10 * 500
        own = {f"{me} {i} ": f"own {i}" for me in writers for i in range(count)}
        assert scope.lookup(list(own)) == own
        shared = scope.lookup([f"shared {i}" for i in range(count)])
        assert len(shared) == count
        assert set(shared.values()) <= set(writers)
        assert len(scope.refusals([f"refused {i}" for i in range(count)])) == count
        assert SharedStates(memory).read("counter") == {"n": 4 * count}


KILLED = """
import os, signal, sys
from storage.memory import TranslationMemory
memory = TranslationMemory(sys.argv[1])
memory.of("g", "en", "es").add([("paid for", "pagado")])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_added_survives_a_kill(url: str) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, url]).returncode == -9
    with TranslationMemory(url) as memory:
        assert memory.of("g", "en", "es").lookup(["paid for"]) == {"paid for": "pagado"}


def test_from_one_database_to_the_other(server: Server, tmp_path: Path) -> None:
    pairs = [(f"text {i} é 𝄞\n", f"texto {i}") for i in range(12_000)]
    refusals = {"bad": Refusal(Reason.COPIED, "why", "bad", 3)}
    urls = [str(tmp_path / "a.sqlite"), server.database("moved"), str(tmp_path / "b.sqlite")]
    file = tmp_path / "memory.parquet"
    with TranslationMemory(urls[0]) as first:
        first.of("g", "en", "es").add(pairs)
        first.of("g", "en", "es").refuse(refusals)
    for source, target in pairwise(urls):
        with TranslationMemory(source) as one, TranslationMemory(target) as other:
            assert export_memory(one, file) == len(pairs) + 1
            assert import_memory(other, file) == len(pairs) + 1
            scope = other.of("g", "en", "es")
            assert scope.lookup([text for text, _ in pairs]) == dict(pairs)
            assert scope.refusals(["bad"]) == refusals


def test_a_database_that_goes_away_is_said_in_one_sentence(server: Server) -> None:
    url = server.database("gone")
    with TranslationMemory(url) as memory:
        scope = memory.of("g", "en", "es")
        with memory._engine.connect() as connection:
            connection.exec_driver_sql("DROP TABLE translations")
            connection.commit()
        for call in (lambda: scope.lookup(["a"]), lambda: scope.add([("a", "b")]), memory.count):
            with pytest.raises(
                MemoryFault, match=r"^The translation memory postgresql.* failed \(.*; see that"
            ) as caught:
                call()
            assert "\n" not in str(caught.value)
            assert caught.value.retryable
