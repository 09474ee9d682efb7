"""Watches: answers that are added and never replaced, and what the world was last told of."""

import pyarrow as pa
import pytest

from storage.errors import StoreError
from storage.generations import CANARY_SCHEMA, Generations, Probed
from storage.store import Store
from storage.watches import Watches


def answers(**pairs: str | None) -> pa.Table:
    rows = {"text": list(pairs), "translation": list(pairs.values()), "reason": [None] * len(pairs)}
    return pa.Table.from_pydict(rows, schema=CANARY_SCHEMA)


def test_answers_are_added_to_those_of_the_opening_and_never_replaced(store: Store) -> None:
    generation = Generations(store).opened("deepl", "es", {}, lambda _: Probed("v1", answers(a="A")))
    watches = Watches(store)
    watches.add(generation, answers(a="other", b="B"))
    watches.add(generation, answers(b="other", c=None))
    assert watches.answers(generation).to_pylist() == answers(a="A", b="B", c=None).to_pylist()


def test_where_nothing_was_asked_nothing_is_added(local: Store) -> None:
    """A table is watched by its content alone, unless people bring a canary set."""
    generation = Generations(local).opened("table", "es", {"content": "1"}, lambda _: Probed("1"))
    Watches(local).add(generation, answers())
    assert Watches(local).answers(generation).num_rows == 0


def test_each_name_of_an_engine_is_told_of_by_itself(store: Store) -> None:
    generations, watches = Generations(store), Watches(store)
    one = generations.opened("deepl", "es", {}, lambda _: Probed("v1"))
    two = generations.opened("deepl", "es", {"formality": "more"}, lambda _: Probed("v1"))
    assert watches.told("deepl", "deepl", "es") is None
    watches.tell("deepl", one)
    watches.tell("deepl?formality=more", two)
    assert watches.told("deepl", "deepl", "es") == one
    assert watches.told("deepl?formality=more", "deepl", "es") == two
    assert generations.list("deepl", "es") == [one, two]


def test_a_generation_succeeds_another_once(store: Store) -> None:
    generations = Generations(store)
    first = generations.opened("deepl", "es", {"a": "b"}, lambda _: Probed("v1", answers(a="A")))
    second = generations.succeeded(first, Probed("v1", answers(a="AA")))
    assert (second.number, second.options) == (2, first.options)
    assert generations.current("deepl", "es", {"a": "b"}) == second
    assert generations.succeeded(first, Probed("v1", answers(a="AAA"))) == second
    found = generations.canary(second)
    assert found is not None
    assert found["translation"].to_pylist() == ["AA"]


def test_a_generation_is_found_by_its_id(store: Store) -> None:
    generations = Generations(store)
    first = generations.opened("deepl", "zh-Hant", {}, lambda _: Probed("v1"))
    assert generations.find(first.id) == first
    with pytest.raises(StoreError, match="knows no generation"):
        generations.find("deepl/zh-Hant/2-00000000")
