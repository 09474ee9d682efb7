"""The canary: what opens a generation, and that it is never paid for twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flows.parameters import sample_examples
from storage.generations import Generations
from storage.memory import TranslationMemory
from storage.store import Store
from tasks.mt.canary import NOT_REPORTED, SEGMENTS, canary_set, open_generation, options_of, planned_canary
from tasks.mt.engine import Identity, Limits
from tasks.mt.errors import KeyRefused
from tasks.mt.markup import Markup, Tag, read
from tasks.projection.contexts import mark_contexts
from tests.tasks.mt.doubles import Declared


@dataclass
class Telling(Declared):
    """An engine that tells its version in its answers; its key expires before request number `expires`."""

    name: str = "telling"
    version: str = NOT_REPORTED
    options: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=lambda: Limits(max_segments=50, max_chars=100_000))
    expires: int = 10**9
    requests: list[list[str]] = field(default_factory=list)

    def identity(self, source: str, target: str) -> Identity:
        return Identity(self.name, self.version, dict(self.options))

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        self.requests.append(list(texts))
        if len(self.requests) >= self.expires:
            raise KeyRefused("expired")
        self.version = "v7"
        return [text.replace("e", "é") for text in texts]


TEXTS = [f"<b1>Sentence</b1> number {number}." for number in range(200)]


def canary() -> list[str]:
    return TEXTS


def not_made() -> list[str]:
    raise AssertionError("a known engine needs no canary set")


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(Store(str(tmp_path / "store")))


@pytest.fixture
def memory(tmp_path: Path) -> TranslationMemory:
    return TranslationMemory(str(tmp_path / "memory.sqlite"))


@pytest.mark.parametrize("markup", Markup)
def test_the_sample_gives_two_hundred_tagged_segments_always_the_same(markup: Markup) -> None:
    marked = [marked.text for marked in mark_contexts(sample_examples(), markup)]
    texts = canary_set(marked, markup)
    assert len(texts) == len(set(texts)) == SEGMENTS
    assert all(any(isinstance(token, Tag) for token in read(text, markup)) for text in texts)
    assert canary_set(marked, markup) == texts
    assert sum(map(len, texts)) < 30_000


def test_few_texts_give_few_segments() -> None:
    assert canary_set([], Markup.HTML) == []
    assert canary_set(["...", "A word."], Markup.HTML) == ["...", "A <b1>word</b1>."]
    assert len(canary_set(TEXTS, Markup.HTML, 7)) == 7


def test_the_first_use_asks_and_later_ones_do_not(
    generations: Generations, memory: TranslationMemory
) -> None:
    engine = Telling()
    assert planned_canary(engine, memory, TEXTS, "es", 1).requests == 4
    first = open_generation(generations, engine, "es", memory=memory, texts=canary)
    assert (first.generation.version, first.usage.requests) == ("v7", 4)
    answers = generations.canary(first.generation)
    assert answers is not None
    assert answers["text"].to_pylist() == TEXTS
    assert answers["translation"].to_pylist() == [text.replace("e", "é") for text in TEXTS]
    fresh = Telling()
    again = open_generation(generations, fresh, "es", memory=memory, texts=not_made)
    assert again.generation == first.generation
    assert (again.usage.requests, fresh.requests) == (0, [])


def test_what_was_answered_before_the_end_is_not_asked_again(
    generations: Generations, memory: TranslationMemory
) -> None:
    with pytest.raises(KeyRefused):
        open_generation(generations, Telling(expires=4), "es", memory=memory, texts=canary)
    assert generations.list("telling", "es") == []
    engine = Telling()
    assert open_generation(generations, engine, "es", memory=memory, texts=canary).usage.requests == 1
    assert engine.requests == [TEXTS[150:]]


def test_a_run_killed_just_before_the_line_was_written_opens_the_same_generation(
    generations: Generations, memory: TranslationMemory, tmp_path: Path
) -> None:
    first = open_generation(generations, Telling(), "es", memory=memory, texts=canary).generation
    generations.store.remove("engines")
    engine = Telling()
    again = open_generation(generations, engine, "es", memory=memory, texts=canary)
    assert (again.generation, again.usage.requests, engine.requests) == (first, 0, [])
    assert first.version == "v7"


def test_a_table_is_not_asked_and_another_one_is_another_generation(
    generations: Generations, memory: TranslationMemory
) -> None:
    one, other = (Telling(name="table", version=f"sha256:{digest}") for digest in ("aa", "bb"))
    opened = [open_generation(generations, e, "es", memory=memory, texts=not_made) for e in (one, other, one)]
    assert [found.generation.number for found in opened] == [1, 2, 1]
    assert one.requests == other.requests == []
    assert planned_canary(one, None, TEXTS, "es", 1).requests == 0


def test_content_is_a_choice_and_a_version_is_none() -> None:
    assert options_of(Identity("e", "3.8", {"a": "b"})) == {"a": "b"}
    assert options_of(Identity("e", "sha256:ff", {"a": "b"})) == {"a": "b", "content": "sha256:ff"}
