"""Engine, client and memory together against services that misbehave."""

from pathlib import Path

import pytest

from storage.memory import TranslationMemory
from tasks.mt.catalogue import open_engine
from tasks.mt.client import translate
from tasks.mt.errors import FinalError
from tasks.mt.markup import Markup, read
from tests.tasks.mt.fakes.everyone import spanish
from tests.tasks.mt.fakes.faults import Fault, passing
from tests.tasks.mt.fakes.player import Fake
from tests.tasks.mt.fakes.respelling import respelled


def plain(text: str, markup: Markup) -> str:
    return "".join(token for token in read(text, markup) if isinstance(token, str))


def pause(_seconds: float) -> None:
    """No time passes in tests."""


@pytest.mark.parametrize("final", [Fault.EXPIRED_KEY, Fault.QUOTA, Fault.PAYMENT, Fault.NOT_FOUND])
def test_no_request_follows_a_final_answer(fake: Fake, final: Fault, tmp_path: Path) -> None:
    engine = open_engine(fake.spec, fake.keys)
    texts = [f"Sentence {number} is here." for number in range(30 * engine.limits.max_segments)]
    texts = texts[:3000]
    fake.play_at_random(1.0, [final])
    with TranslationMemory(str(tmp_path / "memory.sqlite")) as memory:
        scope = memory.of("g1", "en", "es")
        with pytest.raises(FinalError):
            translate(engine, texts, "en", "es", memory=scope, workers=1, pause=pause)
        assert len(fake.heard) == 1
        assert memory.count() == 0


def test_a_run_with_a_third_of_all_requests_faulty_ends_like_one_with_none(
    fake: Fake, tmp_path: Path
) -> None:
    engine = open_engine(fake.spec, fake.keys)
    count = min(40 * engine.limits.max_segments, 400)
    texts = [f"Sentence {chr(97 + number % 26)}{number} is &amp; stays here." for number in range(count)]
    fake.play_at_random(0.3, passing(engine.limits.max_segments))
    with TranslationMemory(str(tmp_path / "memory.sqlite")) as memory:
        scope = memory.of("g1", "en", "es")
        usage = translate(engine, texts, "en", "es", memory=scope, workers=8, pause=pause)
        assert usage.refused == {}
        found = scope.lookup(texts)
    language = spanish(engine.name)
    assert {text: plain(answer, engine.markup).replace("&amp;", "&") for text, answer in found.items()} == {
        text: respelled(plain(text, engine.markup), language).replace("&amp;", "&") for text in texts
    }
    assert len(fake.served) >= len(texts)
