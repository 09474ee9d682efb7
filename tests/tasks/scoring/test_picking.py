from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.picking import picked

NAMES = st.lists(st.text(max_size=4), max_size=20)


@given(NAMES, st.integers(0, 10), st.integers(0, 10), st.randoms(use_true_random=False))
def test_a_draw_depends_on_the_names_alone(names: list[str], few: int, more: int, order: object) -> None:
    """Law: picked(names, n) has n of the names (all, if fewer), whatever their order, and grows with n."""
    shuffled = list(names)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    found = picked(names, few)
    assert len(found) == min(few, len(set(names)))
    assert found <= set(names)
    assert picked(shuffled, few) == found
    assert found <= picked(names, few + more)


def test_another_seed_draws_others() -> None:
    names = [str(n) for n in range(100)]
    assert picked(names, 10, seed=1) != picked(names, 10, seed=2)
