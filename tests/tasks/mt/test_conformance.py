"""What every engine must do; engines and segments are in `conftest.py`."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from storage.errors import EngineError
from tasks.mt.catalogue import ENGINES
from tasks.mt.engine import Billing, Engine
from tasks.mt.errors import UnknownPair
from tasks.mt.markup import Markup, Tag, read
from tasks.mt.neural import NeuralEngine


def tags(marked: str, markup: Markup) -> set[int]:
    return {token.number for token in read(marked, markup) if isinstance(token, Tag)}


def answers(engine: Engine, texts: list[str]) -> list[str | None]:
    """All texts, in requests no larger than the engine allows."""
    size = engine.limits.max_segments
    batches: Iterator[list[str]] = (texts[start : start + size] for start in range(0, len(texts), size))
    return [answer for batch in batches for answer in engine.translate(batch, "en", "es")]


def test_name_is_in_the_catalogue_and_the_rest_is_declared(engine: Engine) -> None:
    assert engine.name in ENGINES
    assert engine.workers >= 1
    assert min(engine.limits.max_segments, engine.limits.max_chars, engine.limits.max_bytes or 1) >= 1
    assert engine.markup in engine.markups
    assert engine.billing in Billing
    assert engine.price_per_million is None or engine.billing is Billing.CHARACTERS
    assert all(rate is None or rate > 0 for rate in (engine.rate.requests_per_s, engine.rate.chars_per_s))


def test_one_answer_per_text_in_order_whatever_the_batch(engine: Engine, segments: list[str]) -> None:
    together = answers(engine, segments)
    assert len(together) == len(segments)
    assert answers(engine, segments[::-1]) == together[::-1]
    assert [answers(engine, [text])[0] for text in segments] == together
    assert answers(engine, segments[:1] * 3) == together[:1] * 3
    assert engine.translate([], "en", "es") == []


def test_tags_come_back_in_pairs_and_none_is_invented(engine: Engine, segments: list[str]) -> None:
    for text, answer in zip(segments, answers(engine, segments), strict=True):
        opened: dict[int, int] = {}
        for token in read(answer or "", engine.markup):
            if isinstance(token, Tag):
                opened[token.number] = opened.get(token.number, 0) + (-1 if token.closing else 1)
                assert opened[token.number] in (0, 1)
        assert not any(opened.values())
        assert set(opened) <= tags(text, engine.markup)


def test_text_that_looks_like_markup_stays_text(engine: Engine, segments: list[str]) -> None:
    answer = answers(engine, segments[2:3])[0]
    assert answer is not None
    plain = "".join(token for token in read(answer, engine.markup) if isinstance(token, str))
    assert [char for char in plain if char in "&<>[]{}^$\\@/*#~"] == list("&<>&[]{}^$\\@/*#~")


def test_lines_do_not_break_segments_apart(engine: Engine, segments: list[str]) -> None:
    answer = answers(engine, segments[3:4])[0]
    assert answer is not None
    # Models know no line breaks: texts are cut there, but marks are not, and words within one get a space instead.
    assert answer.count("\n") == (3 if isinstance(engine, NeuralEngine) else 4)


def test_several_threads_may_ask_at_once(engine: Engine, segments: list[str]) -> None:
    expected = answers(engine, segments)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: answers(engine, segments), range(3))) == [expected] * 3


def test_identity_is_stable_plain_and_of_no_machine(engine: Engine) -> None:
    identity = engine.identity("en", "es")
    assert engine.identity("en", "es") == identity
    assert identity.name == engine.name
    shown = json.dumps(asdict(identity))
    assert str(Path.cwd()) not in shown
    assert "/usr" not in shown
    assert "/tmp" not in shown


def test_answers_change_the_version_of_an_identity_at_most(engine: Engine, segments: list[str]) -> None:
    before = engine.identity("en", "es")
    answers(engine, segments[:2])
    after = engine.identity("en", "es")
    assert (after.name, after.options) == (before.name, before.options)
    assert before.version in (after.version, "not reported")


def test_targets_are_sorted_codes(engine: Engine) -> None:
    assert "es" in engine.targets("en")
    assert "en" not in engine.targets("en")
    assert engine.targets("eng") == engine.targets("en")
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
