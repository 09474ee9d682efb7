"""What every engine must do; engines and segments are in `conftest.py`."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from storage.errors import EngineError
from tasks.mt.catalogue import ENGINES
from tasks.mt.engine import Engine
from tasks.mt.errors import UnknownPair
from tasks.mt.markup import Tag, read


def tags(marked: str) -> set[int]:
    return {token.number for token in read(marked) if isinstance(token, Tag)}


def test_name_is_in_the_catalogue(engine: Engine) -> None:
    assert engine.name in ENGINES
    assert engine.workers >= 1
    assert min(engine.limits.max_segments, engine.limits.max_chars) >= 1


def test_one_answer_per_text_in_order_whatever_the_batch(engine: Engine, segments: list[str]) -> None:
    together = engine.translate(segments, "en", "es")
    assert len(together) == len(segments)
    assert engine.translate(segments[::-1], "en", "es") == together[::-1]
    assert [engine.translate([text], "en", "es")[0] for text in segments] == together
    assert engine.translate(segments[:1] * 3, "en", "es") == together[:1] * 3
    assert engine.translate([], "en", "es") == []


def test_tags_come_back_in_pairs_and_none_is_invented(engine: Engine, segments: list[str]) -> None:
    for text, answer in zip(segments, engine.translate(segments, "en", "es"), strict=True):
        opened: dict[int, int] = {}
        for token in read(answer or ""):
            if isinstance(token, Tag):
                opened[token.number] = opened.get(token.number, 0) + (-1 if token.closing else 1)
                assert opened[token.number] in (0, 1)
        assert not any(opened.values())
        assert set(opened) <= tags(text)


def test_text_that_looks_like_markup_stays_text(engine: Engine, segments: list[str]) -> None:
    answer = engine.translate(segments[2:3], "en", "es")[0]
    assert answer is not None
    plain = "".join(token for token in read(answer) if isinstance(token, str))
    assert [char for char in plain if char in "&<>[]{}^$\\@/*#~"] == list("&<>&[]{}^$\\@/*#~")


def test_lines_do_not_break_segments_apart(engine: Engine, segments: list[str]) -> None:
    answer = engine.translate(segments[3:4], "en", "es")[0]
    assert answer is not None
    assert answer.count("\n") == 4


def test_several_threads_may_ask_at_once(engine: Engine, segments: list[str]) -> None:
    expected = engine.translate(segments, "en", "es")
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: engine.translate(segments, "en", "es"), range(3))) == [expected] * 3


def test_identity_is_stable_plain_and_of_no_machine(engine: Engine) -> None:
    identity = engine.identity("en", "es")
    assert engine.identity("en", "es") == identity
    assert identity.name == engine.name
    shown = json.dumps(asdict(identity))
    assert str(Path.cwd()) not in shown
    assert "/usr" not in shown
    assert "/tmp" not in shown


def test_targets_are_sorted_codes(engine: Engine) -> None:
    assert "es" in engine.targets("en")
    assert engine.targets("en") == sorted(engine.targets("en"))
    assert engine.targets("xx") == []


def test_unknown_pair_is_bad_usage_and_lists_what_there_is(engine: Engine) -> None:
    for call in (lambda: engine.translate(["a"], "en", "qx"), lambda: engine.identity("en", "qx")):
        with pytest.raises(UnknownPair, match=rf"{engine.name}.*'en' into 'qx'.*\bes\b") as caught:
            call()
        assert caught.value.exit_code == 2
        assert isinstance(caught.value, EngineError)
        assert not caught.value.retryable
    with pytest.raises(UnknownPair, match="no target at all for 'xx'"):
        engine.translate(["a"], "xx", "es")
