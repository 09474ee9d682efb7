"""Refs: names that move, and go back."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import StoreError, UsageError
from storage.publishing import MANIFEST
from storage.refs import Refs, target_folder
from storage.store import Store

REF = "squad-tq/latest"
IDS = st.lists(st.text(alphabet="0123456789abcdef", min_size=1, max_size=4), min_size=1, max_size=6)


def test_a_ref_that_is_not_there(store: Store) -> None:
    refs = Refs(store)
    assert refs.get(REF) is None
    assert refs.history(REF) == []
    assert refs.all() == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(targets=IDS)
def test_a_ref_names_what_it_was_last_pointed_at(store: Store, targets: list[str]) -> None:
    """Law: after any moves it names the last; its history is the moves without repetitions; going back unwinds it."""
    store.remove("refs")
    refs = Refs(store)
    for target in targets:
        store.write(f"{target_folder(REF, target)}/{MANIFEST}", b"")
        refs.set(REF, target)
        assert refs.get(REF) == target
    history = [target for i, target in enumerate(targets) if i == 0 or targets[i - 1] != target]
    assert refs.history(REF) == history
    for earlier in reversed(history[:-1]):
        assert refs.rollback(REF) == earlier
        assert refs.get(REF) == earlier
    with pytest.raises(StoreError, match=rf"'{REF}' has nothing to go back to"):
        refs.rollback(REF)
    assert refs.get(REF) == history[0]


def test_setting_it_where_it_points_writes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = Refs(store)
    refs.set(REF, "a1")
    monkeypatch.setattr(store, "write", lambda *_: pytest.fail("written"))
    refs.set(REF, "a1")


def test_a_ref_that_somebody_moved_since_stays(store: Store) -> None:
    refs = Refs(store)
    assert refs.set("models/champion", "one", expected="")
    assert not refs.set("models/champion", "two", expected="")
    assert refs.get("models/champion") == "one"
    assert refs.set("models/champion", "two", expected="one")
    assert refs.history("models/champion") == ["one", "two"]


def test_all_refs(store: Store) -> None:
    refs = Refs(store)
    wanted = {"models/champion": "m1", "squad-tall/latest": "s2", "squad-tq/latest": "s1"}
    for name, target in reversed(wanted.items()):
        refs.set(name, "old")
        refs.set(name, target)
    assert refs.all() == wanted
    assert list(refs.all()) == sorted(wanted)


def test_a_ref_that_was_never_set_cannot_go_back(store: Store) -> None:
    with pytest.raises(StoreError, match="nothing to go back to"):
        Refs(store).rollback("models/champion")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "latest",
        "a/",
        "/a",
        "../a",
        "a/..",
        "a/../b",
        "a/b/c",
        "A/b",
        "a b/c",
        "a/b c",
        ".a/b",
        "a/.b",
        "a/b\n",
        "é/a",
    ],
)
def test_what_is_not_the_name_of_a_ref(store: Store, name: str) -> None:
    refs = Refs(store)
    for use in (lambda: refs.get(name), lambda: refs.set(name, "x"), lambda: refs.rollback(name)):
        with pytest.raises(UsageError, match="is not a ref; write GROUP/NAME"):
            use()
    assert store.names("refs") == []


def test_a_ref_does_not_go_back_to_what_is_gone(store: Store) -> None:
    refs = Refs(store)
    for target in ("s1", "s2"):
        refs.set(REF, target)
    with pytest.raises(
        StoreError, match=r"cannot go back because 's1' is no longer in the store; name another"
    ):
        refs.rollback(REF)
    assert refs.history(REF) == ["s1", "s2"]


def test_two_that_point_it_at_one_thing_move_it_once(local: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: Refs(local).set(REF, "s1"), range(8)))
    assert Refs(local).history(REF) == ["s1"]


@pytest.mark.parametrize("stray", ["refs/.DS_Store", "refs/models/.DS_Store", "refs/a b/c"])
def test_stray_files_are_no_refs(store: Store, stray: str) -> None:
    Refs(store).set("models/champion", "m1")
    store.write(stray, b"\x00")
    assert Refs(store).all() == {"models/champion": "m1"}
