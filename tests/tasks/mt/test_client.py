import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mt.client import Usage, pack, plan, translate
from tasks.mt.engine import Engine, Identity, Limits
from tasks.mt.errors import BrokenAnswer
from tasks.mt.markup import Markup


@dataclass
class Fake:
    """Upper case; None for texts with "?", a crash at those with "!", an answer too few at those with "-"."""

    limits: Limits = field(default_factory=lambda: Limits(max_segments=2, max_chars=10))
    name: str = "fake"
    markup: Markup = Markup.HTML
    workers: int = 2
    asked: list[list[str]] = field(default_factory=list)

    def identity(self, source: str, target: str) -> Identity:
        return Identity(self.name, "1")

    def targets(self, source: str) -> list[str]:
        return ["es"]

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        self.asked.append(list(texts))
        if any("!" in text for text in texts):
            raise BrokenAnswer("crashed")
        return [None if "?" in text else text.upper() for text in texts if "-" not in text]


class Memory(dict[str, str]):
    """A memory that refuses other threads, as SQLite does."""

    def __init__(self, *args: tuple[str, str]) -> None:
        super().__init__(args)
        self.thread = threading.get_ident()

    def lookup(self, texts: Sequence[str]) -> dict[str, str]:
        assert threading.get_ident() == self.thread
        return {text: self[text] for text in texts if text in self}

    def add(self, pairs: Sequence[tuple[str, str]]) -> None:
        assert threading.get_ident() == self.thread
        self.update(pairs)


def test_only_what_is_missing_is_sent_once() -> None:
    engine, memory = Fake(), Memory(("b", "B"))
    expected = Usage(segments=4, remembered=1, requests=2, characters_sent=4)
    texts = ["a", "b", "c", "a", "dd"]
    assert plan(engine, texts, memory) == expected
    assert engine.asked == []
    told: list[tuple[int, int]] = []
    usage = translate(engine, texts, "en", "es", memory=memory, on_progress=lambda *at: told.append(at))
    assert usage == expected
    assert sorted(engine.asked) == [["a", "c"], ["dd"]]
    assert memory == {"a": "A", "b": "B", "c": "C", "dd": "DD"}
    assert told[-1] == (3, 3)
    assert translate(engine, texts, "en", "es", memory=memory).requests == 0


def test_no_translation_and_too_long_texts_are_counted_not_stored() -> None:
    engine, memory = Fake(), Memory()
    usage = translate(engine, ["a?", "b", "x" * 11], "en", "es", memory=memory)
    assert usage == Usage(3, 0, 1, 3, too_long=1, untranslated=1)
    assert memory == {"b": "B"}


def test_what_came_back_before_a_failure_is_kept_and_nothing_new_is_sent() -> None:
    engine, memory = Fake(limits=Limits(1, 9)), Memory()
    with pytest.raises(BrokenAnswer, match="crashed"):
        translate(engine, ["a", "b", "c!", "d", "e", "f"], "en", "es", memory=memory, workers=1)
    assert memory == {"a": "A", "b": "B"}
    assert engine.asked == [["a"], ["b"], ["c!"]]
    translate(engine, ["a", "b", "d"], "en", "es", memory=memory)
    assert engine.asked[3:] == [["d"]]


def test_requests_under_way_at_a_failure_are_still_stored() -> None:
    barrier = threading.Barrier(2, timeout=10)

    class Slow(Fake):
        def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
            barrier.wait()
            return super().translate(texts, source, target)

    memory = Memory()
    with pytest.raises(BrokenAnswer):
        translate(Slow(limits=Limits(1, 9)), ["a!", "b"], "en", "es", memory=memory, workers=2)
    assert memory == {"b": "B"}


def test_a_wrong_count_is_a_broken_answer() -> None:
    memory = Memory()
    with pytest.raises(BrokenAnswer, match="'fake' gave 1 answers for 2 texts"):
        translate(Fake(), ["a", "-"], "en", "es", memory=memory)
    assert memory == {}


@given(st.lists(st.text(max_size=5)), st.integers(1, 4), st.integers(5, 12))
def test_law_packing_keeps_order_and_limits(texts: list[str], max_segments: int, max_chars: int) -> None:
    """The requests joined are the texts; each keeps to the limits and none could take the next one's first text."""
    requests = list(pack(texts, Limits(max_segments, max_chars)))
    assert [text for request in requests for text in request] == texts
    assert all(
        0 < len(request) <= max_segments and sum(map(len, request)) <= max_chars for request in requests
    )
    for one, following in pairwise(requests):
        assert len(one) == max_segments or sum(map(len, one)) + len(following[0]) > max_chars


def test_the_fake_is_an_engine() -> None:
    engine: Engine = Fake()
    assert engine.targets("en") == ["es"]
