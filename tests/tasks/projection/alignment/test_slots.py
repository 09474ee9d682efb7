import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.projection.alignment.slots import Slots

NUMBERS = st.lists(st.integers(0, 2**62) | st.integers(0, 50), max_size=200)


@given(NUMBERS, NUMBERS)
def test_law_every_key_is_found_at_its_place_and_nothing_else(keys: list[int], others: list[int]) -> None:
    distinct = list(dict.fromkeys(keys))
    sought = np.array([*distinct, *others], dtype=np.int64)
    found = Slots(np.array(distinct, dtype=np.int64)).find(sought)
    assert found.tolist() == [distinct.index(n) if n in distinct else len(distinct) for n in sought.tolist()]
