"""Yield-F1 curves: what they say at 100 %, that order does not matter, and where they end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.projection.curves import yield_curve

ROWS = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.floats(0, 1)), min_size=1, max_size=30)


@given(ROWS, st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[tuple[float, float]], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = rows.copy()
    random.shuffle(shuffled)
    one, other = (yield_curve(*zip(*some, strict=True), total=len(rows)) for some in (rows, shuffled))
    assert [point.f1 for point in one] == pytest.approx([point.f1 for point in other])


@given(ROWS)
def test_at_full_yield_it_is_the_mean(rows: list[tuple[float, float]]) -> None:
    confidence, f1 = zip(*rows, strict=True)
    (point,) = yield_curve(confidence, f1, total=len(rows), shares=[1.0])
    assert point.f1 == pytest.approx(sum(f1) / len(f1))


def test_a_good_order_beats_a_bad_one() -> None:
    f1 = [1.0, 0.8, 0.2, 0.0]
    good, bad = ([p.f1 for p in yield_curve(c, f1, total=4)] for c in ([4, 3, 2, 1], [1, 2, 3, 4]))
    assert all(one >= other for one, other in zip(good, bad, strict=True))
    assert good[0] == 0.9


def test_no_point_beyond_what_was_kept() -> None:
    assert [p.kept for p in yield_curve([1.0] * 3, [1.0] * 3, total=4, shares=[0.5, 0.75, 0.8, 1.0])] == [
        0.5,
        0.75,
        0.8,
    ]
    assert yield_curve([], [], total=4) == []
