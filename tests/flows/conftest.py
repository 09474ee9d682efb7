"""A small English corpus and an engine that replays made-up translations of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.parameters import SAMPLE_FOLDER
from storage.squad import read_squad
from tasks.mt.markup import Markup
from tasks.mt.table import TableRow, write_table
from tasks.translation import Kind, segments

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
    texts = {text for kind in Kind for text in segments(examples, kind, Markup.HTML)}
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
