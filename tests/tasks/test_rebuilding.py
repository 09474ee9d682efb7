"""Rebuilding: which losses are suspicious, which languages are left alone."""

from typing import Any

import pytest

from storage.snapshots import Snapshot
from storage.store import Store
from tasks.rebuilding import Loss, SuspiciousRebuild, check_yield, languages_kept, losses


def snapshot(**parts: tuple[int, int]) -> Snapshot:
    """Kept and rejected rows by part; `tc_es` is `tc-es`."""
    counts = {
        name.replace("_", "-"): {"kept": kept, "rejected": rejected}
        for name, (kept, rejected) in parts.items()
    }
    manifest: dict[str, Any] = {"statistics": {"parts": counts}, "files": []}
    return Snapshot("squad-tc", "s", manifest)


@pytest.mark.parametrize(
    ("after", "suspicious"),
    [((90, 10), False), ((89, 11), True), ((0, 0), True), ((45, 5), False), ((100, 0), False)],
)
def test_a_yield_may_fall_by_a_share_of_what_it_was(after: tuple[int, int], suspicious: bool) -> None:
    found = losses([snapshot(tc_es=(100, 0))], [snapshot(tc_es=after)], 0.1)
    assert bool(found) is suspicious


def test_the_share_is_of_the_yield_before() -> None:
    before = [snapshot(tc_es=(50, 50), tq_es=(10, 0))]
    assert losses(before, [snapshot(tc_es=(46, 54), tq_es=(10, 0))], 0.1) == []
    assert losses(before, [snapshot(tc_es=(44, 56), tq_es=(10, 0))], 0.1) == [Loss("tc-es", 0.5, 0.44)]


def test_a_set_and_language_that_is_gone_is_lost_unless_it_was_taken_out_of_the_order() -> None:
    before, after = [snapshot(tc_es=(9, 1), tc_de=(9, 1))], [snapshot(tc_es=(9, 1))]
    check_yield(before, after, ["es"], 0.1)
    with pytest.raises(SuspiciousRebuild, match=r"tc-de: 90\.0% of the rows were kept before, 0\.0% are now"):
        check_yield(before, after, ["es", "de"], 0.1)


def test_without_named_languages_none_is_kept(store: Store) -> None:
    assert languages_kept(store, [], [], {"es": "deepl"}) == {}
