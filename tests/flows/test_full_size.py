"""A hundredth of SQuAD through the real flow, in processes: the laws that hold at any size.

How long it takes at full size is measured by `tests.benchmarks.full_size`; here requests and rows are counted.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.build import build_silver
from flows.parameters import SAMPLE, resolve_source
from flows.runners import local_runner
from storage.examples import Example
from storage.squad import read_squad
from storage.store import Store
from tasks import processes, source
from tasks.mt.markup import Markup
from tasks.projection.contexts import mark_contexts
from tasks.projection.rules import Rule
from tests.benchmarks.full_size.checks import contexts_sent, expected, one_copy_each, reconciled
from tests.benchmarks.full_size.corpus import Shape, corpus, write_squad
from tests.benchmarks.full_size.engine import Made
from tests.benchmarks.full_size.phases import CHANGED_THRESHOLD, THRESHOLD, one_paragraph_changed
from tests.benchmarks.full_size.voices import voices
from tests.tasks.mt.fakes.player import Fake

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect")]

LANGUAGES = ["es", "hi"]
SHAPE = Shape().scaled(0.01)

Build = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    words = [example.context for example in read_squad(Path(resolve_source(SAMPLE))).examples]
    return corpus(SHAPE, words)


@pytest.fixture(scope="module")
def engine(examples: list[Example]) -> Iterator[Fake]:
    with Fake(Made(voices=voices(examples, languages=LANGUAGES))) as service:
        yield service


@pytest.fixture(scope="module")
def folder(examples: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hundredth")
    write_squad(examples, made / "squad.json")
    write_squad(one_paragraph_changed(examples), made / "changed.json")
    return made


@pytest.fixture(scope="module")
def build(engine: Fake, folder: Path) -> Iterator[Build]:
    """Builds on one store, the work of even so few rows in processes, three shards to each language."""

    def run(**changes: Any) -> dict[str, Any]:
        engine.clear()
        given = {
            "languages": LANGUAGES,
            "source": str(folder / "squad.json"),
            "engine": engine.spec,
            "projection": Rule.PAPER,
            "filters": THRESHOLD,
            "store": str(folder / "store"),
        }
        flow = build_silver.with_options(task_runner=local_runner(2))
        return dict(flow(**{**given, **changes}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURE_TRANSLATOR_KEY", engine.service.keys["AZURE_TRANSLATOR_KEY"])
        patch.setattr(processes, "FEW_ROWS", 1)
        patch.setattr(source, "SHARD_ROWS", 300)
        yield run


@pytest.fixture(scope="module")
def first(build: Build) -> dict[str, Any]:
    return build()


def test_the_corpus_has_its_shape(examples: list[Example]) -> None:
    assert (
        len(examples)
        == SHAPE.questions
        == len({e.question for e in examples})
        == len({e.id for e in examples})
    )
    assert len({e.context for e in examples}) == SHAPE.paragraphs
    assert len({e.title for e in examples}) == SHAPE.articles


def test_counts_reconcile_to_the_row(first: dict[str, Any], folder: Path, examples: list[Example]) -> None:
    """Kept and rejected by reason are the source's questions, and kept are those whose tags no fault lost."""
    counts = reconciled(Store(str(folder / "store")), first["snapshots"]["tc"], len(examples))
    assert {language: counts[language]["kept"] for language in LANGUAGES} == {
        language: expected(examples)[language] for language in LANGUAGES
    }
    for language in LANGUAGES:
        lost = {reason: n for reason, n in counts[language].items() if reason != "kept"}
        assert lost == first["rejected"][language]
    kept = {language: counts[language]["kept"] for language in LANGUAGES}
    assert first["rows"] == {
        "tq": 3 * len(examples),
        "tc": len(examples) + sum(kept.values()),
        "tqc": len(examples) + sum(kept.values()),
        "tall": 3 * len(examples) + 2 * sum(kept.values()),
    }


def test_each_text_is_sent_once(first: dict[str, Any], examples: list[Example]) -> None:
    """Questions, and contexts with all their marks: less than a quarter of a tagged copy for each question."""
    questions = sum(len(example.question) for example in examples)
    assert first["characters_sent"] == len(LANGUAGES) * (questions + contexts_sent(examples))
    assert 4 * contexts_sent(examples) < one_copy_each(examples)


@pytest.mark.usefixtures("first")
def test_nothing_changed_and_nothing_is_asked(build: Build, engine: Fake, first: dict[str, Any]) -> None:
    again = build()
    assert again["snapshots"] == first["snapshots"]
    assert (again["requests"], engine.heard) == (0, [])


def test_another_threshold_asks_nothing(build: Build, engine: Fake, first: dict[str, Any]) -> None:
    other = build(filters=CHANGED_THRESHOLD)
    assert (other["requests"], engine.heard) == (0, [])
    assert other["snapshots"]["tq"] == first["snapshots"]["tq"]
    assert other["rows"]["tc"] < first["rows"]["tc"]
    for language in LANGUAGES:
        assert other["rejected"][language]["answer-length"] > 0


@pytest.mark.usefixtures("first")
def test_another_paragraph_sends_its_own_segments_and_no_more(
    build: Build, engine: Fake, folder: Path, examples: list[Example]
) -> None:
    changed = build(source=str(folder / "changed.json"))
    marked = {copy.text for copy in mark_contexts(one_paragraph_changed(examples), Markup.HTML)}
    (segment,) = marked - {copy.text for copy in mark_contexts(examples, Markup.HTML)}
    assert sorted(engine.served) == sorted([segment] * len(LANGUAGES))
    assert changed["requests"] == len(LANGUAGES)
