"""A small English corpus, an engine that replays made-up translations of it, and services that play faults."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from flows.parameters import SAMPLE_FOLDER
from storage.squad import read_squad
from tasks.mt.markup import Markup
from tasks.mt.sending import Sender
from tasks.mt.table import TableRow, write_table
from tasks.projection.segments import Kind, segments
from tests.tasks.mt.fakes.everyone import SERVICES
from tests.tasks.mt.fakes.player import Fake

PARAGRAPHS = 4

LETTERS: dict[str, Callable[[str], str]] = {"es": str.upper, "de": str.lower}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first paragraphs of four articles of the sample."""
    sample = json.loads((SAMPLE_FOLDER / "squad.json").read_text())
    articles = [
        {**article, "paragraphs": article["paragraphs"][:1]} for article in sample["data"][:PARAGRAPHS]
    ]
    path = tmp_path_factory.mktemp("corpus") / "squad.json"
    path.write_text(json.dumps({"version": "1.1", "data": articles}))
    return path


@pytest.fixture(scope="session")
def replay(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An engine: Spanish is English in capitals, German in small letters; tags and entities stay as they were."""
    path = tmp_path_factory.mktemp("replay") / "table.tsv"
    examples = read_squad(corpus).examples
    texts = {
        text for kind in (Kind.QUESTIONS, Kind.CONTEXTS) for text in segments(examples, kind, Markup.HTML)
    }
    rows = [
        TableRow("en", code, text, respelled(text, LETTERS[code]))
        for code in LETTERS
        for text in sorted(texts)
    ]
    write_table(path, rows)
    return f"table:{path}"


def respelled(text: str, letters: Callable[[str], str]) -> str:
    """The text with all that stands between tags and entities in other letters."""
    pieces = re.split(r"(</?b\d+>|&#?\w+;)", text)
    return "".join(piece if i % 2 else letters(piece) for i, piece in enumerate(pieces))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Fake]]:
    """Starts a fake service by its name; its keys are in the environment."""
    with ExitStack() as stack:

        def started(name: str) -> Fake:
            fake = stack.enter_context(Fake(SERVICES[name]()))
            for key, value in fake.service.keys.items():
                monkeypatch.setenv(key, value)
            return fake

        yield started


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes while the client waits: for its turn, or because a service asked it to."""
    monkeypatch.setattr(Sender, "_wait", lambda _sender, _seconds: None)
