"""The pace: one for all who ask an engine, in this process and in others; no test sleeps."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.memory import TranslationMemory
from storage.states import LocalStates, SharedStates, States
from tasks.mt.pace import LONGEST_HOLD_S, ONE_COMPLAINT_S, RAISE_EVERY_S, SLOWEST, Pace, Rate


class Time:
    """A clock that stands still, except while someone pauses."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def went(pace: Pace, time: Time, count: int, characters: int = 1) -> list[float]:
    """When each of some requests by one worker went out, from now."""
    began, moments = time.now, []
    for _ in range(count):
        pace.wait(characters, time.pause)
        moments.append(time.now - began)
    return moments


def test_without_a_rate_nobody_waits(time: Time) -> None:
    assert went(Pace(LocalStates(), "e", clock=time), time, 50) == [0.0] * 50


def test_requests_are_spaced(time: Time) -> None:
    pace = Pace(LocalStates(), "e", Rate(requests_per_s=4), time)
    assert went(pace, time, 5) == pytest.approx([0, 0.25, 0.5, 0.75, 1.0])


def test_characters_are_counted_too_and_the_slower_of_the_two_decides(time: Time) -> None:
    pace = Pace(LocalStates(), "e", Rate(requests_per_s=4, chars_per_s=1000), time)
    assert went(pace, time, 3, characters=500) == pytest.approx([0, 0.5, 1.0])
    time.now += 10
    assert went(pace, time, 3, characters=10) == pytest.approx([0, 0.25, 0.5])


def test_two_engines_do_not_wait_for_one_another(time: Time) -> None:
    states = LocalStates()
    one, other = (Pace(states, name, Rate(requests_per_s=1), time) for name in ("deepl", "google"))
    one.wait(1, time.pause)
    assert went(other, time, 1) == [0.0]


def test_a_complaint_halves_the_pace_once_whoever_complains(time: Time) -> None:
    states = LocalStates()
    paces = [Pace(states, "e", Rate(8, 800), time) for _ in range(8)]
    for pace in paces:
        pace.slow_down(None)
    assert {pace.rate for pace in paces} == {Rate(4, 400)}
    time.now += ONE_COMPLAINT_S
    paces[3].slow_down(None)
    assert paces[0].rate == Rate(2, 200)


def test_a_pace_that_was_never_set_is_halved_from_the_one_that_was_kept(time: Time) -> None:
    pace = Pace(LocalStates(), "e", clock=time)
    for _ in range(20):
        pace.wait(1, time.pause)
        time.now += 0.1
    pace.slow_down(None)
    assert pace.rate.requests_per_s == pytest.approx(5, rel=0.1)


def test_the_pace_rises_slowly_to_what_the_service_is_known_to_bear(time: Time) -> None:
    pace = Pace(LocalStates(), "e", Rate(10, 1000), time)
    pace.slow_down(None)
    time.now += RAISE_EVERY_S
    pace.wait(1, time.pause)
    assert pace.rate.requests_per_s == pytest.approx(5.5)
    time.now += 100 * RAISE_EVERY_S
    pace.wait(1, time.pause)
    assert pace.rate == Rate(10, 1000)


def test_it_never_stops_altogether(time: Time) -> None:
    pace = Pace(LocalStates(), "e", Rate(1), time)
    for _ in range(50):
        pace.slow_down(None)
        time.now += ONE_COMPLAINT_S
    assert pace.rate.requests_per_s == SLOWEST


@pytest.mark.parametrize("say", [Pace.hold, Pace.slow_down])
def test_everyone_comes_back_when_the_service_said(say: Callable[[Pace, float], None], time: Time) -> None:
    states = LocalStates()
    one, other = Pace(states, "e", Rate(2), time), Pace(states, "e", Rate(2), time)
    say(one, 30.0)
    moments = went(other, time, 2)
    assert moments[0] == pytest.approx(30.0)
    assert moments[1] > 30.0


def test_who_waits_already_hears_of_it_too(time: Time) -> None:
    """While a worker sleeps towards its moment, another is told to come back in a minute."""
    states = LocalStates()
    one, other = Pace(states, "e", Rate(1), time), Pace(states, "e", Rate(1), time)
    one.wait(1, time.pause)
    told = False

    def pause(seconds: float) -> None:
        nonlocal told
        if not told:
            told = True
            one.hold(60.0)
        time.pause(seconds)

    began = time.now
    other.wait(1, pause)
    assert time.now - began == pytest.approx(60.0)


def test_a_wait_that_makes_people_give_up_binds_nobody(time: Time) -> None:
    pace = Pace(LocalStates(), "e", clock=time)
    pace.hold(LONGEST_HOLD_S + 1)
    assert went(pace, time, 1) == [0.0]


def test_a_clock_that_is_put_back_stops_nobody_for_long(time: Time) -> None:
    states = LocalStates()
    Pace(states, "e", Rate(1), time).wait(1, time.pause)
    time.now -= 10 * 365 * 86_400
    assert went(Pace(states, "e", Rate(1), time), time, 1)[0] <= LONGEST_HOLD_S


@given(st.lists(st.integers(1, 5000), min_size=2, max_size=40), st.integers(1, 4))
def test_law_no_second_holds_more_than_the_rate(sizes: list[int], workers: int) -> None:
    """However many workers take turns, between two requests lies the time that the first one takes up."""
    time, states = Time(), LocalStates()
    rate = Rate(requests_per_s=5, chars_per_s=2000)
    paces = [Pace(states, "e", rate, time) for _ in range(workers)]
    moments = []
    for number, size in enumerate(sizes):
        paces[number % workers].wait(size, time.pause)
        moments.append(time.now)
    for (one, size), other in zip(zip(moments, sizes, strict=True), moments[1:], strict=False):
        assert other - one >= max(1 / 5, size / 2000) - 1e-6


def test_threads_never_take_the_same_moment() -> None:
    time, states = Time(), LocalStates()
    taken: list[float] = []
    lock = threading.Lock()

    def work() -> None:
        pace = Pace(states, "e", Rate(1000), time)
        for _ in range(50):
            pauses: list[float] = []
            pace.wait(1, pauses.append)
            with lock:
                taken.append(round(sum(pauses), 6))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == pytest.approx([n / 1000 for n in range(400)], abs=1e-4)


PROCESS = """
import json, sys
from storage.memory import TranslationMemory
from storage.states import SharedStates
from tasks.mt.pace import Pace, Rate
sys.stdin.readline()
with TranslationMemory(sys.argv[1]) as memory:
    pace = Pace(SharedStates(memory), "e", Rate(1000), lambda: 1_000_000.0)
    waited = []
    for _ in range(40):
        pauses = []
        pace.wait(1, pauses.append)
        waited.append(round(sum(pauses), 6))
print(json.dumps(waited))
"""


def test_processes_never_take_the_same_moment(tmp_path: Path) -> None:
    import json

    path = str(tmp_path / "memory.sqlite")
    with TranslationMemory(path) as memory:
        states: States = SharedStates(memory)
        assert states.read("unknown") == {}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    waited = [moment for process in processes for moment in json.loads(process.communicate()[0])]
    assert sorted(waited) == pytest.approx([n / 1000 for n in range(120)], abs=1e-6)
