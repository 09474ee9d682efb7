"""The watch: what counts as a change, what opens a generation, and that nothing is told of too rarely."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage.generations import Generations
from storage.memory import TranslationMemory
from storage.store import Store
from storage.watches import Watches
from tasks.mt.canary import NOT_REPORTED, THRESHOLD, open_generation
from tasks.mt.client import Usage, translate
from tasks.mt.engine import Engine, Identity, Limits
from tasks.mt.errors import KeyRefused
from tasks.mt.fresh import FreshMemory
from tasks.mt.watch import Cause, Finding, Watch
from tests.tasks.mt.doubles import Declared

TEXTS = [f"The <b1>tide</b1> of day {number} was high." for number in range(100)]
OWN = [f"Printer {number} began with movable type." for number in range(20)]


@dataclass
class Changing(Declared):
    """An engine whose version, options and wording a test sets; `wording` is told how often it was asked."""

    name: str = "changing"
    version: str = NOT_REPORTED
    options: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=lambda: Limits(max_segments=50, max_chars=100_000))
    wording: Callable[[str, int], str] = lambda text, _asked: text.upper()
    asked: int = 0

    def identity(self, source: str, target: str) -> Identity:
        return Identity(self.name, self.version, dict(self.options))

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        self.asked += 1
        return [self.wording(text, self.asked) for text in texts]


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(Store(str(tmp_path / "store")))


def ask(engine: Engine, texts: Sequence[str], into: FreshMemory) -> Usage:
    return translate(engine, texts, "en", "es", memory=into)


def look(
    generations: Generations,
    engine: Changing,
    texts: Sequence[str] = TEXTS,
    *,
    threshold: float = THRESHOLD,
    told: bool = True,
) -> Finding:
    """One watch, and the world told of what it found."""
    found = Watch(generations, engine, engine.name, "es", ask, threshold).look(texts)
    if told:
        Watches(generations.store).tell(engine.name, found.after)
    return found


def opened(generations: Generations, engine: Changing, tmp_path: Path) -> None:
    """As a build opens it."""
    with TranslationMemory(str(tmp_path / "memory.sqlite")) as memory:
        open_generation(generations, engine, "es", memory=memory, texts=lambda: TEXTS)


def rewritten(count: int) -> Callable[[str, int], str]:
    """The first `count` texts come back in quite other words."""
    others = set(TEXTS[:count])
    return lambda text, _asked: (
        "no fue nada de eso, <b1>ni</b1> hoy ni otro" if text in others else text.upper()
    )


def test_an_engine_that_stays_as_it_is_is_asked_afresh_and_opens_nothing(
    generations: Generations, tmp_path: Path
) -> None:
    opened(generations, Changing(), tmp_path)
    for _ in range(2):
        engine = Changing()
        found = look(generations, engine)
        assert (found.cause, engine.asked, found.noise) == (None, 2, None)
        assert found.drift
        assert (found.drift.compared, found.drift.changed, found.drift.moved) == (100, 0, 0.0)
    assert len(generations.list("changing", "es")) == 1


def test_the_first_use_opens_a_generation_and_is_no_change(generations: Generations) -> None:
    found = look(generations, Changing())
    assert (found.before, found.cause, found.drift) == (None, None, None)
    answers = generations.canary(found.after)
    assert answers is not None
    assert answers["text"].to_pylist() == TEXTS
    assert look(generations, Changing()).cause is None


def test_answers_that_moved_open_a_generation_with_the_new_ones(
    generations: Generations, tmp_path: Path
) -> None:
    opened(generations, Changing(), tmp_path)
    found = look(generations, Changing(wording=rewritten(10)))
    assert found.cause is Cause.OUTPUT
    assert found.before
    assert (found.before.number, found.after.number, found.noise) == (1, 2, 0.0)
    assert found.drift
    assert (found.drift.changed, len(found.drift.segments)) == (10, 10)
    assert found.drift.segments[0].after == "no fue nada de eso, <b1>ni</b1> hoy ni otro"
    assert generations.current("changing", "es", {}) == found.after
    assert look(generations, Changing(wording=rewritten(10))).cause is None


def test_what_moves_less_than_the_threshold_opens_nothing(generations: Generations, tmp_path: Path) -> None:
    opened(generations, Changing(), tmp_path)
    found = look(generations, Changing(wording=rewritten(10)), threshold=50.0)
    assert (found.cause, found.noise) == (None, None)
    assert found.drift
    assert 1.0 < found.drift.moved < 50.0


def test_a_slow_drift_adds_up(generations: Generations, tmp_path: Path) -> None:
    """Answers are compared with those of the opening, not with the last watch's."""
    opened(generations, Changing(), tmp_path)
    causes = [look(generations, Changing(wording=rewritten(n)), threshold=5.0).cause for n in range(12)]
    assert None in causes
    assert causes.count(Cause.OUTPUT) == 1
    assert causes.index(Cause.OUTPUT) > 2


def test_an_engine_that_never_answers_alike_is_measured_by_its_own_noise(
    generations: Generations, tmp_path: Path
) -> None:
    def noisy(text: str, asked: int) -> str:
        return text.upper() + f" {asked * 7919 % 1000:03}" * 3

    opened(generations, Changing(wording=noisy), tmp_path)
    found = look(generations, Changing(wording=noisy, asked=40))
    assert found.drift
    assert found.noise
    assert found.drift.moved > THRESHOLD
    assert (found.cause, found.threshold) == (None, 2 * found.noise)
    silent = Changing(wording=lambda _text, asked: f"otra cosa {asked}" * 4, asked=80)
    assert look(generations, silent).cause is Cause.OUTPUT


def test_another_version_is_a_change_whatever_the_answers_say(
    generations: Generations, tmp_path: Path
) -> None:
    opened(generations, Changing(version="7"), tmp_path)
    found = look(generations, Changing(version="8"))
    assert (found.cause, found.after.version, found.noise) == (Cause.VERSION, "8", None)
    assert look(generations, Changing(version=NOT_REPORTED)).cause is None


def test_other_options_are_a_change_and_so_is_going_back(generations: Generations) -> None:
    first = look(generations, Changing(options={"model": "a"})).after
    second = look(generations, Changing(options={"model": "b"}))
    assert (second.cause, second.after.number) == (Cause.OPTIONS, 2)
    back = look(generations, Changing(options={"model": "a"}))
    assert (back.cause, back.after) == (Cause.OPTIONS, first)
    assert len(generations.list("changing", "es")) == 2


def test_a_change_that_nobody_was_told_of_is_found_again(generations: Generations, tmp_path: Path) -> None:
    """The watch that opened the generation was killed before it could speak."""
    opened(generations, Changing(), tmp_path)
    killed = look(generations, Changing(wording=rewritten(30)), told=False)
    again = look(generations, Changing(wording=rewritten(30)))
    assert (again.cause, again.before, again.after) == (Cause.OUTPUT, killed.before, killed.after)
    assert again.drift
    assert again.drift.changed == 30
    assert look(generations, Changing(wording=rewritten(30))).cause is None


def test_a_canary_set_of_ones_own_gets_its_baseline_at_the_first_watch(
    generations: Generations, tmp_path: Path
) -> None:
    opened(generations, Changing(), tmp_path)
    first = look(generations, Changing(), OWN)
    assert first.drift
    assert first.drift.compared == len(TEXTS)
    second = look(generations, Changing(), OWN)
    assert second.drift
    assert set(second.answers) == set(OWN)
    assert second.drift.compared == len(OWN)
    changed = Changing(wording=lambda text, _: text.title())
    assert look(generations, changed, OWN).cause is Cause.OUTPUT


def test_a_change_before_the_first_watch_with_ones_own_set_is_noticed(
    generations: Generations, tmp_path: Path
) -> None:
    opened(generations, Changing(), tmp_path)
    assert look(generations, Changing(wording=rewritten(50)), OWN).cause is Cause.OUTPUT


def test_an_engine_that_cannot_be_asked_opens_nothing(generations: Generations, tmp_path: Path) -> None:
    opened(generations, Changing(), tmp_path)

    def expired(_text: str, _asked: int) -> str:
        raise KeyRefused("expired")

    with pytest.raises(KeyRefused):
        look(generations, Changing(wording=expired))
    assert len(generations.list("changing", "es")) == 1


def test_watches_at_once_open_one_generation(generations: Generations, tmp_path: Path) -> None:
    opened(generations, Changing(), tmp_path)
    barrier, found = threading.Barrier(4), list[Finding]()

    def waiting(text: str, asked: int) -> str:
        if text == TEXTS[0] and asked == 1:
            barrier.wait()
        return rewritten(40)(text, asked)

    threads = [
        threading.Thread(target=lambda: found.append(look(generations, Changing(wording=waiting))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({finding.after.id for finding in found}) == 1
    assert [g.number for g in generations.list("changing", "es")] == [1, 2]
