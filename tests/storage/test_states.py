"""States that several processes share, on each database."""

from storage.memory import TranslationMemory
from storage.states import SharedStates


def test_states_change_one_at_a_time(memory: TranslationMemory) -> None:
    states = SharedStates(memory)
    assert states.read("x") == {}
    for expected in range(5):
        found = states.update("x", lambda state: ({"n": state.get("n", 0) + 1}, state.get("n", 0)))
        assert found == expected
    assert states.read("x") == {"n": 5}
    assert states.update("x", lambda state: (state, "unchanged")) == "unchanged"
    assert states.read("y") == {}
