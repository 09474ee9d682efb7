"""Aligners pinned to generations: what is pinned stays, the newest counts, each generation has its own."""

import pyarrow as pa

from storage.aligners import Aligners
from storage.collecting import garbage
from storage.generations import Generation, Generations
from storage.parts import Part, write_part
from storage.store import Store

DAY_S = 86_400.0


def generation(store: Store, version: str = "1") -> Generation:
    return Generations(store).open("apertium", "es", version, {})


def table(store: Store, number: int) -> Part:
    return write_part(store, pa.table({"n": [number]}))


def test_none_before_the_first(store: Store) -> None:
    assert Aligners(store).of(generation(store)) is None
    assert Aligners(store).parts() == set()


def test_the_newest_counts_and_the_older_is_kept(store: Store) -> None:
    first, second = table(store, 1), table(store, 2)
    aligners = Aligners(store)
    aligners.pin(generation(store), first)
    aligners.pin(generation(store), second)
    assert aligners.of(generation(store)) == second
    assert aligners.parts() == {first.sha256, second.sha256}


def test_the_same_again_writes_nothing(store: Store) -> None:
    part = table(store, 1)
    Aligners(store).pin(generation(store), part)
    before = store.sha256("engines/apertium/es/aligners.jsonl")
    Aligners(store).pin(generation(store), part)
    assert store.sha256("engines/apertium/es/aligners.jsonl") == before


def test_a_new_generation_has_none(store: Store) -> None:
    Aligners(store).pin(generation(store), table(store, 1))
    assert Aligners(store).of(generation(store, "2")) is None


def test_a_pinned_aligner_is_no_garbage(store: Store) -> None:
    pinned, loose = table(store, 1), table(store, 2)
    Aligners(store).pin(generation(store), pinned)
    assert [item.name for item in garbage(store, grace_s=-DAY_S)] == [loose.name]
