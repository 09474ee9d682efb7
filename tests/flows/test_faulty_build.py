"""Builds against a service of which three requests in ten go wrong: they end as if none had."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows.build import build_silver
from flows.parameters import SAMPLE_FOLDER
from storage.examples import Example
from storage.snapshots import SnapshotStore
from storage.squad import read_squad
from storage.store import Store
from tasks.mt.catalogue import open_engine
from tests.tasks.mt.fakes.everyone import spanish
from tests.tasks.mt.fakes.faults import passing
from tests.tasks.mt.fakes.player import Fake
from tests.tasks.mt.fakes.respelling import respelled

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect", "unhurried")]

FAULTY = 0.3
WORKERS = 8


@dataclass(frozen=True)
class Built:
    """What a build returned, where it is, and how many requests its service heard."""

    result: dict[str, Any]
    store: Store
    requests: int


def built(fake: Fake, source: Path, store: Path) -> Built:
    """One build on a store of its own; a service keeps its address, which is part of who it is."""
    result = build_silver(
        languages=["es"],
        source=str(source),
        engine=fake.spec,
        filters="none",
        store=str(store),
        workers=WORKERS,
    )
    found = Built(result, Store(str(store)), len(fake.heard))
    fake.clear()
    return found


def faulty_and_not(fake: Fake, source: Path, folder: Path) -> tuple[Built, Built]:
    fake.play_at_random(FAULTY, passing(open_engine(fake.spec).limits.max_segments))
    faulty = built(fake, source, folder / "faulty")
    return faulty, built(fake, source, folder / "sound")


def wrong_rows(build: Built, source: Path, language: str) -> int:
    """Rows whose translated texts are not those that the service gives for their English ones."""
    english = {example.id: example for example in read_squad(source).examples}
    snapshots = SnapshotStore(build.store)
    snapshot = snapshots.find(build.result["snapshots"]["tall"])
    rows = [row for batch in snapshots.batches(snapshot) for row in batch.to_pylist()]
    assert len({row["id"] for row in rows}) == len(rows) == build.result["rows"]["tall"]
    return sum(not sound(row, english[row["source_id"]], language) for row in rows)


def sound(row: dict[str, Any], english: Example, language: str) -> bool:
    def said(text: str, code: str) -> str:
        return text if code == "en" else respelled(text, language)

    ((text,), (start,)) = row["answers"]["text"], row["answers"]["answer_start"]
    answer = english.answers[0]
    return (
        # Spaces around a question, which some of XQuAD's have, are not worth keeping.
        row["question"].strip() == said(english.question, row["question_language"]).strip()
        and row["context"] == said(english.context, row["context_language"])
        and (text, start) == (said(answer.text, row["context_language"]), answer.answer_start)
    )


def check(fake: Fake, source: Path, folder: Path) -> None:
    faulty, whole = faulty_and_not(fake, source, folder)
    print(f"{fake.spec}: {faulty.requests} requests with faults, {whole.requests} without")
    assert faulty.requests > 1.1 * whole.requests
    assert faulty.result["snapshots"] == whole.result["snapshots"]
    assert faulty.result["rejected"] == whole.result["rejected"]
    language = spanish(open_engine(fake.spec).name)
    assert [wrong_rows(build, source, language) for build in (faulty, whole)] == [0, 0]


@pytest.mark.parametrize("name", ["amazon", "deepl"])
def test_a_third_of_all_requests_faulty_changes_nothing(
    service: Callable[[str], Fake], name: str, tmp_path: Path
) -> None:
    check(service(name), SAMPLE_FOLDER / "squad.json", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["amazon", "deepl", "openai"])
def test_nor_does_it_on_real_questions(
    service: Callable[[str], Fake], name: str, xquad: Path, tmp_path: Path
) -> None:
    check(service(name), xquad / "xquad.en.json", tmp_path)
