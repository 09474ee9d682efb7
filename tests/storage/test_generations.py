"""Generations: numbered periods of an engine and language."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import StoreError
from storage.generations import Generation, Generations
from storage.store import Store

OPTIONS = st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=3)


def test_before_the_first_use_there_is_none(store: Store) -> None:
    generations = Generations(store)
    assert generations.list("apertium", "es") == []
    assert generations.current("apertium", "es", {}) is None


def test_generations_are_numbered_from_one(store: Store) -> None:
    generations = Generations(store)
    opened = [generations.open("apertium", "es", version, {}) for version in ("3.8", "3.9")]
    assert [generation.number for generation in opened] == [1, 2]
    assert generations.list("apertium", "es") == opened
    assert store.names("engines/apertium") == ["es.jsonl"]


def test_the_newest_with_the_same_options_is_current(store: Store) -> None:
    """A build asks no engine who it is: the version does not matter, what the user chose does."""
    generations = Generations(store)
    generations.open("apertium", "es", "3.8", {})
    formal = generations.open("apertium", "es", "3.8", {"register": "formal"})
    newest = generations.open("apertium", "es", "3.9", {})
    assert generations.current("apertium", "es", {}) == newest
    assert generations.current("apertium", "es", {"register": "formal"}) == formal
    assert generations.current("apertium", "es", {"register": "plain"}) is None


def test_engines_and_languages_do_not_mix(store: Store) -> None:
    generations = Generations(store)
    generations.open("apertium", "es", "3.8", {})
    assert generations.current("apertium", "ca", {}) is None
    assert generations.current("table", "es", {}) is None
    assert generations.open("apertium", "ca", "3.8", {}).number == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.text(max_size=8), OPTIONS), min_size=1, max_size=4))
def test_what_was_opened_is_listed(store: Store, periods: list[tuple[str, dict[str, str]]]) -> None:
    """Law: whatever an engine reports of itself, in any script, is read back as it was, and once while it stays so."""
    store.remove("engines")
    generations = Generations(store)
    opened = [generations.open("e", "es", version, options) for version, options in periods]
    distinct = [found for i, found in enumerate(opened) if found not in opened[:i]]
    assert Generations(store).list("e", "es") == distinct
    assert [found.number for found in distinct] == list(range(1, len(distinct) + 1))
    assert generations.current("e", "es", opened[-1].options) == opened[-1]


@pytest.mark.parametrize("text", ["a\u2028b", "a\u2029b", "a\x85b", "a\nb", "a\r\nb", "a\x0cb"])
def test_line_ends_of_unicode_do_not_break_the_file(store: Store, text: str) -> None:
    generations = Generations(store)
    opened = [generations.open("e", "es", text, {text: text}), generations.open("e", "es", "2", {})]
    assert generations.list("e", "es") == opened


def test_another_identity_has_another_id() -> None:
    base = Generation("apertium", "es", 1, "3.8", {})
    others = [
        Generation("table", "es", 1, "3.8", {}),
        Generation("apertium", "ca", 1, "3.8", {}),
        Generation("apertium", "es", 2, "3.8", {}),
        Generation("apertium", "es", 1, "3.9", {}),
        Generation("apertium", "es", 1, "3.8", {"a": "b"}),
    ]
    assert base.id.startswith("apertium/es/1-")
    assert len({base.id, *(other.id for other in others)}) == 6
    assert base.id == Generation("apertium", "es", 1, "3.8", {}).id


def test_the_identity_names_no_number_and_no_place() -> None:
    """What snapshots record: equal for the same engine on every machine."""
    one, other = Generation("e", "es", 1, "v", {"o": "x"}), Generation("e", "ca", 7, "v", {"o": "x"})
    assert one.identity == other.identity == {"engine": "e", "version": "v", "options": {"o": "x"}}


@pytest.mark.parametrize("language", ["../../refs/x", "..", "a/../../../b"])
def test_a_language_cannot_lead_out_of_the_store(store: Store, language: str) -> None:
    with pytest.raises(StoreError, match="out of the store"):
        Generations(store).open("../..", language, "1", {})


def test_runs_that_open_the_same_at_once_get_one(local: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: Generations(local).open("apertium", "es", "3.8", {}), range(8)))
    assert Generations(local).list("apertium", "es") == [opened[0]]
    assert all(generation == opened[0] for generation in opened)


def test_runs_that_open_others_at_once_get_numbers_of_their_own(local: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda i: Generations(local).open("e", "es", "1", {"n": str(i)}), range(8)))
    assert sorted(generation.number for generation in opened) == list(range(1, 9))
