"""The client: what it does about each class of fault, that nothing is lost, and that nothing is asked for twice."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import EngineError
from storage.silver import Reason, Refusal
from storage.states import LocalStates
from tasks.mt.client import Usage, plan, translate
from tasks.mt.engine import Engine, Limits
from tasks.mt.errors import (
    BrokenAnswer,
    EngineMissing,
    KeyRefused,
    QuotaSpent,
    RequestRefused,
    RetryLater,
    SlowDown,
    TooLarge,
    UnknownPair,
)
from tasks.mt.pace import Pace, Rate
from tasks.mt.packing import pack
from tasks.mt.sending import Halted, Patience, Sender
from tests.tasks.mt.doubles import Declared, Memory

Play = Callable[[int, list[str]], EngineError | list[str | None] | None]
"""What the engine does with request number n (from 1): an error, an answer of its own, or its best."""


@dataclass
class Playing(Declared):
    """An engine that answers in capitals, unless its play says otherwise."""

    play: Play = lambda _number, _texts: None
    limits: Limits = field(default_factory=lambda: Limits(max_segments=2, max_chars=100))
    name: str = "playing"
    workers: int = 1
    asked: list[list[str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        with self.lock:
            self.asked.append(list(texts))
            number = len(self.asked)
        played = self.play(number, list(texts))
        if isinstance(played, Exception):
            raise played
        return [text.upper() for text in texts] if played is None else played


class Pauses(list[float]):
    """Remembers how long was waited instead of waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def run(engine: Playing, texts: Sequence[str], memory: Memory, **options: object) -> Usage:
    given: dict[str, object] = {"pause": Pauses(), **options}
    return translate(engine, texts, "en", "es", memory=memory, **given)  # type: ignore[arg-type]


def test_it_tells_what_the_memory_holds() -> None:
    """Of a text that another worker had translated in the meantime that is the other's translation."""
    memory = Memory(("a", "known"))

    def meanwhile(number: int, _texts: list[str]) -> None:
        if number == 1:
            memory["b"] = "somebody else's"

    usage = run(Playing(play=meanwhile), ["a", "b", "c"], memory)
    assert usage.translations == {"a": "known", "b": "somebody else's", "c": "C"} == dict(memory)


def first(times: int, error: EngineError) -> Play:
    return lambda number, _texts: error if number <= times else None


def on(trigger: str, error: EngineError) -> Play:
    return lambda _number, texts: error if any(trigger in text for text in texts) else None


def test_only_what_is_missing_is_sent_once() -> None:
    engine, memory = Playing(), Memory(("b", "B"))
    expected = Usage(segments=4, remembered=1, requests=2, characters_sent=4)
    texts = ["a", "b", "c", "a", "dd"]
    assert plan(engine, texts, memory) == expected
    assert engine.asked == []
    told: list[tuple[int, int]] = []
    assert run(engine, texts, memory, on_progress=lambda *at: told.append(at)) == expected
    assert engine.asked == [["a", "c"], ["dd"]]
    assert memory == {"a": "A", "b": "B", "c": "C", "dd": "DD"}
    assert told == [(2, 3), (3, 3)]
    assert run(engine, texts, memory).requests == 0


def test_no_translation_is_refused_and_remembered() -> None:
    engine = Playing(lambda _n, texts: [None if "?" in text else text.upper() for text in texts])
    memory = Memory()
    usage = run(engine, ["a?", "b"], memory)
    assert usage.reasons() == {Reason.NOT_TRANSLATED: 1}
    assert memory == {"b": "B"}
    again = run(engine, ["a?", "b"], memory)
    assert (again.requests, again.remembered) == (0, 2)
    assert again.refused == usage.refused


def test_what_no_request_can_hold_is_refused_unsent() -> None:
    engine, memory = Playing(limits=Limits(2, 10, max_bytes=12)), Memory()
    texts = ["x" * 11, "ñ" * 7, "nul\0", "half \ud800", "ok"]
    usage = run(engine, texts, memory)
    assert engine.asked == [["ok"]]
    assert {text: r.reason for text, r in usage.refused.items()} == {
        "x" * 11: Reason.TOO_LONG,
        "ñ" * 7: Reason.TOO_LONG,
        "nul\0": Reason.NOT_TEXT,
        "half \ud800": Reason.NOT_TEXT,
    }
    assert plan(engine, texts, memory).refused == usage.refused


SIZES = st.lists(st.text(max_size=5))


@given(SIZES, st.integers(1, 4), st.integers(5, 12), st.none() | st.integers(20, 30))
def test_law_packing_keeps_order_and_limits(
    texts: list[str], max_segments: int, max_chars: int, max_bytes: int | None
) -> None:
    """The requests joined are the texts; each keeps to the limits and none could take the next one's first text."""

    def size(request: list[str]) -> tuple[int, int]:
        return sum(map(len, request)), len("".join(request).encode("utf-8", "surrogatepass"))

    requests = list(pack(texts, Limits(max_segments, max_chars, max_bytes)))
    most = max_bytes if max_bytes is not None else 10**9
    assert [text for request in requests for text in request] == texts
    for request in requests:
        assert 0 < len(request) <= max_segments
        assert size(request)[0] <= max_chars
        assert size(request)[1] <= most
    for one, following in pairwise(requests):
        chars, bytes_ = size([*one, following[0]])
        assert len(one) == max_segments or chars > max_chars or bytes_ > most


@pytest.mark.parametrize(
    "error", [RetryLater("busy"), SlowDown("slower"), RetryLater("busy", 7.0), SlowDown("s", 9.0)]
)
def test_the_same_request_again_after_the_time_asked_for_or_a_growing_one(error: RetryLater) -> None:
    engine, memory, pauses = Playing(first(3, error)), Memory(), Pauses()
    usage = run(engine, ["a", "b", "c"], memory, pause=pauses)
    assert engine.asked == [["a", "b"]] * 4 + [["c"]]
    assert (usage.requests, usage.characters_sent) == (5, 9)
    if error.retry_after_s is not None:
        assert pauses == [error.retry_after_s] * 3
    else:
        assert all(0.5 * most <= pause <= most for pause, most in zip(pauses, (1, 2, 4), strict=True))
    assert memory == {"a": "A", "b": "B", "c": "C"}


def test_waiting_has_an_end() -> None:
    engine, memory = Playing(first(10**9, RetryLater("busy"))), Memory()
    with pytest.raises(RetryLater, match="busy"):
        run(engine, ["a"], memory, patience=Patience(tries=4))
    assert len(engine.asked) == 4
    pauses = Pauses()
    with pytest.raises(SlowDown):
        run(Playing(first(9, SlowDown("tomorrow", 86_400.0))), ["a"], memory, pause=pauses)
    assert pauses == []


def test_everyone_hears_of_a_complaint() -> None:
    now = 1_700_000_000.0
    pace = Pace(LocalStates(), "playing", Rate(requests_per_s=8), lambda: now)
    waited = Pauses()

    def pause(seconds: float) -> None:
        nonlocal now
        waited.append(seconds)
        now += seconds

    run(Playing(first(1, SlowDown("429", 30.0))), ["a"], Memory(), pace=pace, pause=pause)
    assert pace.rate.requests_per_s is not None
    assert 4 <= pace.rate.requests_per_s < 8
    assert sum(waited) >= 30
    run(Playing(first(1, RetryLater("503", 20.0))), ["b"], Memory(), pace=pace, pause=Pauses(), workers=1)
    began = now
    pace.wait(1, pause)
    assert now - began == pytest.approx(20, abs=1)


def test_too_much_is_split_until_it_fits() -> None:
    def at_most_five(_number: int, texts: list[str]) -> EngineError | None:
        return TooLarge("413") if len("".join(texts)) > 5 else None

    engine, memory = Playing(at_most_five, limits=Limits(8, 100)), Memory()
    texts = ["aa", "bb", "cc", "dd", "toolong", "e"]
    usage = run(engine, texts, memory)
    assert memory == {text: text.upper() for text in texts if text != "toolong"}
    assert {text: r.reason for text, r in usage.refused.items()} == {"toolong": Reason.TOO_LONG}
    assert run(engine, texts, memory).requests == 0


def test_a_broken_answer_is_asked_for_three_times_then_isolated_then_refused() -> None:
    engine, memory = Playing(on("bad", BrokenAnswer("nonsense")), limits=Limits(4, 100)), Memory()
    usage = run(engine, ["a", "b", "bad", "c"], memory)
    assert engine.asked[:3] == [["a", "b", "bad", "c"]] * 3
    assert engine.asked[3] == ["a", "b"]
    assert engine.asked[4:7] == [["bad", "c"]] * 3
    assert engine.asked[7:11] == [["bad"]] * 3 + [["c"]]
    assert memory == {"a": "A", "b": "B", "c": "C"}
    assert usage.refused["bad"].reason is Reason.BROKEN_ANSWER
    assert "nonsense" in usage.refused["bad"].detail
    assert run(engine, ["a", "b", "bad", "c"], memory).requests == 0


def test_a_passing_fault_refuses_nothing() -> None:
    engine, memory = Playing(first(5, BrokenAnswer("cut off"))), Memory()
    assert run(engine, ["a", "b"], memory).refused == {}
    assert memory == {"a": "A", "b": "B"}


def test_a_service_out_of_order_is_not_mistaken_for_broken_texts() -> None:
    engine, memory = Playing(first(10**9, BrokenAnswer("a login page"))), Memory()
    with pytest.raises(BrokenAnswer, match="login page"):
        run(engine, [f"text {n}" for n in range(40)], memory)
    assert (memory, memory.refused) == ({}, {})
    assert len(engine.asked) <= 100


def test_a_service_that_breaks_in_the_middle_is_not_mistaken_either() -> None:
    """After ten answers a login page: the text that was answered before shows that it is not the texts."""
    engine = Playing(lambda n, _texts: BrokenAnswer("a login page") if n > 10 else None, limits=Limits(1, 99))
    memory = Memory()
    with pytest.raises(BrokenAnswer, match="login page"):
        run(engine, [f"text {n}" for n in range(13)], memory)
    assert len(memory) == 10
    assert memory.refused == {}


def test_a_service_that_often_breaks_and_often_answers_is_not_out_of_order() -> None:
    """Two broken answers before each good one: many in all, never many in a row."""
    engine = Playing(lambda n, _texts: BrokenAnswer("cut off") if n % 3 else None, limits=Limits(1, 99))
    memory = Memory()
    run(engine, [f"text {n}" for n in range(60)], memory)
    assert len(memory) == 60
    assert len(engine.asked) == 180


def test_a_single_text_is_not_condemned_without_one_good_answer() -> None:
    engine, memory = Playing(first(10**9, BrokenAnswer("down"))), Memory()
    with pytest.raises(BrokenAnswer, match="down"):
        run(engine, ["a"], memory)
    assert memory.refused == {}


def test_a_text_that_was_answered_before_tells_that_the_service_is_sound() -> None:
    engine, memory = Playing(on("bad", BrokenAnswer("nonsense"))), Memory(("known", "KNOWN"))
    usage = run(engine, ["bad", "known"], memory)
    assert usage.reasons() == {Reason.BROKEN_ANSWER: 1}
    assert engine.asked.count(["known"]) == 1
    assert memory.refused.keys() == {"bad"}


def test_a_wrong_count_is_a_broken_answer() -> None:
    engine = Playing(lambda number, _texts: ["A"] if number == 1 else None)
    memory = Memory()
    run(engine, ["a", "b"], memory)
    assert engine.asked == [["a", "b"]] * 2
    assert memory == {"a": "A", "b": "B"}


FINAL: list[EngineError] = [
    QuotaSpent("spent"),
    KeyRefused("refused"),
    RequestRefused("changed"),
    UnknownPair("no"),
    EngineMissing("gone"),
]


@pytest.mark.parametrize("error", FINAL, ids=lambda error: type(error).__name__)
def test_after_a_final_answer_nothing_is_sent(error: EngineError) -> None:
    engine, memory = Playing(on("end", error), limits=Limits(1, 99)), Memory()
    with pytest.raises(type(error)):
        run(engine, ["a", "b", "end", "c", "d"], memory)
    assert engine.asked == [["a"], ["b"], ["end"]]
    assert memory == {"a": "A", "b": "B"}
    engine.play = lambda _n, _texts: None
    run(engine, ["a", "b", "end", "c", "d"], memory)
    assert engine.asked[3:] == [["end"], ["c"], ["d"]]


def test_a_worker_whose_turn_comes_after_a_final_answer_sends_nothing() -> None:
    engine = Playing(first(1, KeyRefused("expired")))
    sender = Sender(engine, "en", "es", pause=Pauses())
    with pytest.raises(KeyRefused):
        sender.send(["a"], 0)
    with pytest.raises(Halted):
        sender.send(["b"], 5)
    assert (engine.asked, sender.requests) == ([["a"]], 1)


def test_requests_under_way_at_a_final_answer_are_awaited_and_stored() -> None:
    barrier = threading.Barrier(2, timeout=10)

    def play(_number: int, texts: list[str]) -> EngineError | None:
        if texts in (["end"], ["b"]):
            barrier.wait()
        return KeyRefused("expired") if texts == ["end"] else None

    engine, memory = Playing(play, limits=Limits(1, 9)), Memory()
    with pytest.raises(KeyRefused):
        run(engine, ["end", "b", "c", "d"], memory, workers=2)
    assert memory["b"] == "B"
    assert memory.keys() == {text for request in engine.asked for text in request} - {"end"}


def test_whoever_waits_to_send_again_is_let_go_by_a_final_answer() -> None:
    """Without a pause of the test's own: the worker really sleeps, for an hour, and is woken."""
    later = threading.Event()

    def play(_number: int, texts: list[str]) -> EngineError | None:
        if texts == ["end"]:
            later.wait(10)
            return QuotaSpent("456")
        later.set()
        return RetryLater("come back", 1000.0)

    engine = Playing(play, limits=Limits(1, 9))
    with pytest.raises(QuotaSpent):
        run(engine, ["a", "end"], Memory(), workers=2, pause=None)
    assert sorted(engine.asked) == [["a"], ["end"]]


def test_what_came_back_is_stored_even_when_the_caller_is_interrupted() -> None:
    class Interrupted(Memory):
        def add(self, pairs: Sequence[tuple[str, str]]) -> None:
            if "b" not in self:
                self["b"] = "?"
                raise KeyboardInterrupt
            super().add(pairs)

    barrier = threading.Barrier(2, timeout=10)

    def play(_number: int, _texts: list[str]) -> None:
        barrier.wait()

    engine, memory = Playing(play, limits=Limits(1, 9)), Interrupted()
    with pytest.raises(KeyboardInterrupt):
        run(engine, ["x", "y", "z"], memory, workers=2)
    assert memory == {"b": "?", "x": "X", "y": "Y"}


def test_an_error_of_no_known_class_stops_the_run_as_it_is() -> None:
    engine = Playing(lambda _n, _t: ZeroDivisionError("a bug"), limits=Limits(1, 9))  # type: ignore[arg-type,return-value]
    with pytest.raises(ZeroDivisionError):
        run(engine, ["a", "b"], Memory())
    assert len(engine.asked) == 1


def test_an_unusable_answer_is_asked_for_three_times_in_all_then_remembered() -> None:
    def play(_number: int, texts: list[str]) -> list[str | None]:
        return ["" if text == "bad" else text.upper() for text in texts]

    engine, memory = Playing(play), Memory()
    usage = run(engine, ["a", "bad", "c"], memory)
    assert Counter(text for request in engine.asked for text in request) == {"a": 1, "bad": 3, "c": 1}
    assert usage.reasons() == {Reason.EMPTY: 1}
    assert run(engine, ["a", "bad", "c"], memory).requests == 0
    assert memory == {"a": "A", "c": "C"}


def test_an_answer_that_becomes_usable_is_taken() -> None:
    engine = Playing(lambda number, texts: ["" for _ in texts] if number < 3 else None)
    memory = Memory()
    assert run(engine, ["a", "b"], memory).refused == {}
    assert memory == {"a": "A", "b": "B"}
    assert engine.asked == [["a", "b"]] * 3


def test_asking_goes_on_where_a_killed_run_left_off() -> None:
    """Two unusable answers were paid for and stored: only one more is asked for."""
    engine, memory = Playing(lambda _n, texts: ["" for _ in texts]), Memory()
    memory.refuse({"a": Refusal(Reason.EMPTY, asks=2)})
    usage = run(engine, ["a"], memory)
    assert engine.asked == [["a"]]
    assert usage.refused["a"].asks == 3


def test_the_answers_checked_are_those_of_the_pair() -> None:
    memory = Memory()
    text = "a sentence that nobody has translated"
    usage = run(Playing(lambda _n, texts: list(texts)), [text], memory)
    assert usage.reasons() == {Reason.COPIED: 1}
    assert usage.refused[text].answer == text


@pytest.mark.parametrize("seed", range(5))
def test_a_third_of_requests_faulty_and_eight_workers_bring_what_none_faulty_bring(seed: int) -> None:
    chance, lock = random.Random(seed), threading.Lock()
    faults: list[Callable[[list[str]], EngineError | list[str | None]]] = [
        lambda _texts: RetryLater("503"),
        lambda _texts: RetryLater("503", 3.0),
        lambda _texts: SlowDown("429"),
        lambda texts: TooLarge("413") if len(texts) > 1 else RetryLater("503"),
        lambda _texts: BrokenAnswer("cut off"),
        lambda texts: [text.upper() for text in texts[:-1]],
    ]

    def play(_number: int, texts: list[str]) -> EngineError | list[str | None] | None:
        with lock:
            return chance.choice(faults)(texts) if chance.random() < 0.3 else None

    texts = [f"text number {n}" for n in range(400)]
    memory = Memory()
    usage = run(Playing(play, limits=Limits(7, 99), workers=8), texts, memory)
    assert memory == {text: text.upper() for text in texts}
    assert usage.refused == {}


def test_the_playing_one_is_an_engine() -> None:
    engine: Engine = Playing()
    assert engine.targets("en") == ["ca", "es"]
