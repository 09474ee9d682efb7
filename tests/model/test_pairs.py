"""LAF's pairs: the right partners, the same stretch of context, the same gold answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.batches import Features, collate
from model.features import Windows, make_windows
from model.objectives.arbitration import same_answer_labels
from model.pairs import pair_windows
from model.progress import ignore
from model.rows import TrainingRows, read_rows
from model.systems import system
from model.texts import Texts
from model.vocabulary import train_tokenizer
from storage.errors import InputError

Row = dict[str, Any]
CONTEXT = "Ben ran home and Ada wrote it on a wall near the old mill . " * 6 + "Then Eva left ."
LENGTHS = {"max_length": 40, "doc_stride": 8}


@pytest.fixture
def rows(make_row: Callable[..., Row], write_rows: Callable[..., Path]) -> TrainingRows:
    """Two questions in three languages; one translation is missing."""
    spoken = {"de": "Wer schrieb es denn an die Wand der Mühle ?", "es": "¿Quién ?"}
    both = [("q1", "Who wrote it ?", "Ada"), ("q2", "Who left then ?", "Eva")]
    written = [
        make_row(key, question=question, context=CONTEXT, answer=answer) for key, question, answer in both
    ]
    for key, _, answer in both:
        for language, question in spoken.items():
            if (key, language) != ("q2", "es"):
                written.append(make_row(key, "tq", f"{language}-en", question, CONTEXT, answer))
    return read_rows([write_rows(written)], system("laf-psa-en-all"), [])


def windows_of(rows: TrainingRows) -> Windows:
    tokenizer = train_tokenizer([*rows.texts.questions, *rows.texts.contexts] * 3)
    return make_windows(tokenizer, rows.texts, **LENGTHS, on_progress=ignore)


def test_rows_know_their_source_and_the_language_of_their_question(rows: TrainingRows) -> None:
    assert rows.question_languages == ("en", "de", "es")
    # In the order of ids: q1.en, q1.tq.de, q1.tq.es, q2.en, q2.tq.de.
    assert rows.languages_of.tolist() == [0, 1, 2, 0, 1]
    assert rows.sources.tolist() == [0, 0, 0, 1, 1]


def test_each_translation_stands_beside_its_english_question(rows: TrainingRows) -> None:
    paired = pair_windows(windows_of(rows), rows, **LENGTHS)
    english, translated = paired.row[::2], paired.row[1::2]
    assert list(dict.fromkeys(zip(english.tolist(), translated.tolist(), strict=True))) == [
        (0, 1),
        (0, 2),
        (3, 4),
    ]
    assert not rows.dropped


def test_both_windows_of_a_pair_hold_the_same_stretch_of_context(rows: TrainingRows) -> None:
    paired = pair_windows(windows_of(rows), rows, **LENGTHS)
    for part in (paired.first, paired.last):
        assert part[::2].tolist() == part[1::2].tolist()
    assert paired.lengths.max() == LENGTHS["max_length"]
    for row in np.unique(paired.row[1::2]):
        own = np.flatnonzero(paired.row[1::2] == row)
        first, last = paired.first[1::2][own], paired.last[1::2][own]
        assert first[0] == 0
        assert last[-1] == paired.contexts.lengths[paired.context_of[row]]
        assert (last[:-1] - first[1:] == LENGTHS["doc_stride"]).all()


def test_the_gold_answers_of_a_pair_differ_by_the_shift_alone(rows: TrainingRows) -> None:
    """The labels that PSA derives from a reader that is right are the gold labels of the translation."""
    paired = pair_windows(windows_of(rows), rows, **LENGTHS)
    positions = paired.answer_positions(rows.spans)
    features = Features(paired, positions, rows.languages_of[paired.row], group=2)
    batch = collate(features, np.arange(len(features)), torch.device("cpu"))
    half = len(batch) // 2
    assert (batch.languages[:half] == 0).all()
    assert (batch.languages[half:] > 0).all()
    right = torch.zeros(2, half, batch.inputs["input_ids"].shape[1])
    for side in range(2):
        right[side, torch.arange(half), batch.positions[:half, side]] = 1
    labels = same_answer_labels(right[0], right[1], batch.contexts[:half], batch.contexts[half:], batch.cls)
    assert torch.equal(labels, batch.positions[half:])
    shifts = batch.contexts[half:, 0] - batch.contexts[:half, 0]
    assert (shifts > 0).any()
    assert (shifts < 0).any()
    assert (labels == 0).any()


def test_rows_without_a_window_are_left_out_and_counted(rows: TrainingRows) -> None:
    windows = windows_of(rows)
    kept = windows.take(windows.row != 3)
    paired = pair_windows(kept, rows, **LENGTHS)
    assert set(paired.row[1::2].tolist()) == {1, 2}
    assert rows.dropped == {"no-english-question": 1}


def test_a_translation_on_another_context_or_answer_is_no_pair(
    make_row: Callable[..., Row], write_rows: Callable[..., Path]
) -> None:
    written = [
        make_row("q1", context="Ada saw Ada .", answer="Ada", start=0),
        make_row("q1", "tq", "de-en", "Wer ?", "Ada saw Ada .", "Ada", 8),
        make_row("q1", "tq", "es-en", "¿Quién ?", "Ada left .", "Ada"),
        make_row("q1", "tq", "zh-en", "谁？", "Ada saw Ada .", "Ada", 0),
    ]
    rows = read_rows([write_rows(written)], system("laf-psa-en-all"), [])
    paired = pair_windows(windows_of(rows), rows, **LENGTHS)
    assert [rows.question_languages[rows.languages_of[row]] for row in paired.row] == ["en", "zh"]
    assert rows.dropped == {"unlike-english-question": 2}


def test_translations_alone_cannot_make_pairs(rows: TrainingRows) -> None:
    windows = windows_of(rows)
    with pytest.raises(InputError, match="English original"):
        pair_windows(windows.take(np.isin(windows.row, [1, 2, 4])), rows, **LENGTHS)


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 60), st.data())
def test_the_shift_brings_every_token_to_itself(
    english: int, translated: int, length: int, data: st.DataObject
) -> None:
    """Law: the token that English points at and the one that its label points at are the same of the context."""
    words = [f"w{number}" for number in range(length)]
    questions = [" ".join(["q"] * english), " ".join(["r"] * translated)]
    context = " ".join(words)
    tokenizer = train_tokenizer([*questions, context] * 2)
    windows = make_windows(tokenizer, Texts.of(questions, [context] * 2), **LENGTHS, on_progress=ignore)
    rows = TrainingRows(
        texts=Texts.of(questions, [context] * 2),
        spans=np.array([[0, 1]] * 2),
        languages=("de", "en"),
        question_languages=("en", "de"),
        languages_of=np.array([0, 1]),
        sources=np.array([0, 0]),
    )
    paired = pair_windows(windows, rows, **LENGTHS)
    features = Features(paired, paired.question_spans, rows.languages_of[paired.row], group=2)
    item = data.draw(st.integers(0, len(features) - 1))
    batch = collate(features, np.array([item]), torch.device("cpu"))
    ids = batch.inputs["input_ids"]
    at = data.draw(st.integers(int(batch.contexts[0, 0]), int(batch.contexts[0, 1]) - 1))
    logits = torch.zeros(1, ids.shape[1])
    logits[0, at] = 1
    label = same_answer_labels(logits, logits, batch.contexts[:1], batch.contexts[1:], batch.cls)[0, 0]
    assert ids[0, at] == ids[1, label]
    assert at - batch.contexts[0, 0] == label - batch.contexts[1, 0]
