"""The demo's choice of an engine, and the committed translations that stand in for Apertium."""

from pathlib import Path

import pytest

from flows.commands.demonstration import LANGUAGES, REPLAY, choose_engine
from flows.parameters import SAMPLE, resolve_source
from storage.squad import read_squad
from tasks.mt.catalogue import open_engine
from tasks.projection.segments import Kind, segments


def test_without_apertium_it_says_so_in_one_sentence_and_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_: None)
    engine, notice = choose_engine()
    assert engine == f"table:{REPLAY}"
    assert "Apertium cannot be had here" in notice
    assert notice.count(". ") == 0


def test_with_apertium_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.mt.apertium.Apertium.identity", lambda *_: None)
    assert choose_engine() == ("apertium", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_committed_table_knows_every_segment_of_the_sample(language: str) -> None:
    engine = open_engine(f"table:{REPLAY}")
    examples = read_squad(Path(resolve_source(SAMPLE))).examples
    texts = [
        text for kind in (Kind.QUESTIONS, Kind.CONTEXTS) for text in segments(examples, kind, engine.markup)
    ]
    assert None not in engine.translate(texts, "en", language)
