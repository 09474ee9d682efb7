"""Generations opened at the first use of an engine: once, whoever tries, and with the canary's answers beside."""

import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from storage.errors import StoreError
from storage.generations import CANARY_SCHEMA, Generation, Generations, Probed
from storage.store import Store

ANSWERS = pa.Table.from_pydict({"text": ["a"], "translation": ["A"], "reason": [None]}, schema=CANARY_SCHEMA)


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(Store(str(tmp_path / "store")))


def test_a_known_engine_is_not_probed(generations: Generations) -> None:
    probed: list[int] = []

    def probe(number: int) -> Probed:
        probed.append(number)
        return Probed("v1", ANSWERS)

    first = generations.opened("deepl", "es", {}, probe)
    assert generations.opened("deepl", "es", {}, probe) == first
    assert (first.number, first.version, probed) == (1, "v1", [1])
    other = generations.opened("deepl", "es", {"formality": "more"}, probe)
    assert (other.number, probed) == (2, [1, 2])
    assert generations.list("deepl", "es") == [first, other]


def test_the_answers_are_kept_beside(generations: Generations) -> None:
    opened = generations.opened("deepl", "es", {}, lambda _number: Probed("v1", ANSWERS))
    found = generations.canary(generations.list("deepl", "es")[0])
    assert found is not None
    assert found.equals(ANSWERS)
    assert generations.store.exists(f"engines/deepl/es/{opened.canary}.parquet")


def test_without_answers_there_is_no_file(generations: Generations) -> None:
    opened = generations.opened("table", "es", {}, lambda _number: Probed("not reported"))
    assert opened.canary == ""
    assert generations.canary(opened) is None
    assert generations.store.names("engines/table") == ["es.jsonl"]


def test_the_canary_is_not_part_of_who_translated(generations: Generations) -> None:
    with_canary = generations.opened("deepl", "es", {}, lambda _number: Probed("v1", ANSWERS))
    assert with_canary.id == Generation("deepl", "es", 1, "v1", {}).id
    assert "canary" not in with_canary.identity


def test_damaged_answers_are_noticed(generations: Generations) -> None:
    opened = generations.opened("deepl", "es", {}, lambda _number: Probed("v1", ANSWERS))
    generations.store.write(f"engines/deepl/es/{opened.canary}.parquet", b"damaged")
    with pytest.raises(StoreError, match="damaged"):
        generations.canary(opened)


def test_lines_of_before_the_canary_are_read(generations: Generations) -> None:
    line = '{"engine":"deepl","language":"es","number":1,"options":{},"version":"v"}'
    generations.store.write("engines/deepl/es.jsonl", f"{line}\n".encode())
    assert generations.current("deepl", "es", {}) == Generation("deepl", "es", 1, "v", {})


def test_a_probe_that_fails_opens_nothing(generations: Generations) -> None:
    def probe(_number: int) -> Probed:
        raise StoreError("no")

    with pytest.raises(StoreError):
        generations.opened("deepl", "es", {}, probe)
    assert generations.list("deepl", "es") == []
    assert generations.opened("deepl", "es", {}, lambda _number: Probed("v1")).number == 1


def test_threads_that_open_at_once_open_one(generations: Generations) -> None:
    barrier, probed = threading.Barrier(6), []
    found: list[Generation] = []

    def probe(number: int) -> Probed:
        probed.append(number)
        return Probed("v1", ANSWERS)

    def work() -> None:
        barrier.wait()
        found.append(generations.opened("deepl", "es", {}, probe))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert probed == [1]
    assert len(set(map(str, found))) == 1


PROCESS = """
import sys
from storage.generations import Generations, Probed
from storage.store import Store
sys.stdin.readline()
def probe(number):
    print("probed")
    return Probed("v1")
print(Generations(Store(sys.argv[1])).opened("deepl", "es", {}, probe).id)
"""


def test_processes_that_open_at_once_open_one(generations: Generations) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, generations.store.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [line for process in processes for line in process.communicate()[0].split()]
    assert said.count("probed") == 1
    assert len({line for line in said if line != "probed"}) == 1
    assert len(generations.list("deepl", "es")) == 1


def test_without_a_lock_a_second_opener_writes_no_second_line() -> None:
    """On an object store there is none: another process finished while this one was asking the engine."""
    generations = Generations(Store("memory://opened-twice/store"))
    generations.store.remove("engines")

    def probe(_number: int) -> Probed:
        generations.opened("deepl", "es", {}, lambda _number: Probed("v1", ANSWERS))
        generations.opened("deepl", "es", {"other": "options"}, lambda _number: Probed("v1"))
        return Probed("v1", ANSWERS)

    found = generations.opened("deepl", "es", {}, probe)
    assert [g.number for g in generations.list("deepl", "es")] == [1, 2]
    assert found.number == 1
    assert generations.opened("deepl", "es", {"third": ""}, lambda _number: Probed("v1")).number == 3
