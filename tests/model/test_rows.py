"""Which rows of the files train, in which order, and why the others do not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.rows import TrainingRows, read_rows
from model.systems import system
from storage.errors import InputError, UsageError

Row = dict[str, Any]


@pytest.fixture
def silver(make_row: Callable[..., Row]) -> list[Row]:
    return [
        make_row("q1"),
        make_row("q1", "tq", "es-en", question="¿Quién?"),
        make_row("q1", "tq", "zh-en", question="谁？"),
        make_row("q1", "tc", "en-es", context="Lo escribió Ada."),
        make_row("q1", "tqc", "es-es", question="¿Quién?", context="Lo escribió Ada."),
    ]


def questions(rows: TrainingRows) -> list[str]:
    return [rows.texts.questions[number] for number in rows.texts.question_of]


@pytest.mark.parametrize(
    ("name", "languages", "parts"),
    [
        ("zs", [], {"en.en-en": 1}),
        ("tq", [], {"en.en-en": 1, "tq.es-en": 1, "tq.zh-en": 1}),
        ("tq", ["zh"], {"en.en-en": 1, "tq.zh-en": 1}),
        ("tc", [], {"en.en-en": 1, "tc.en-es": 1}),
        ("tqc", [], {"en.en-en": 1, "tqc.es-es": 1}),
        ("tall", [], {"en.en-en": 1, "tc.en-es": 1, "tq.es-en": 1, "tq.zh-en": 1, "tqc.es-es": 1}),
        ("tall", ["es"], {"en.en-en": 1, "tc.en-es": 1, "tq.es-en": 1, "tqc.es-es": 1}),
    ],
)
def test_a_system_reads_its_sets_and_languages(
    silver: list[Row],
    write_rows: Callable[..., Path],
    name: str,
    languages: list[str],
    parts: dict[str, int],
) -> None:
    rows = read_rows([write_rows(silver)], system(name), languages)
    assert rows.parts == parts
    assert len(rows) == sum(parts.values())


def test_each_distinct_text_is_kept_once(silver: list[Row], write_rows: Callable[..., Path]) -> None:
    rows = read_rows([write_rows(silver)], system("tall"), [])
    assert sorted(rows.texts.contexts) == ["Ada wrote it.", "Lo escribió Ada."]
    assert len(rows.texts.questions) == 3
    spans = [
        rows.texts.contexts[number][start:end]
        for number, (start, end) in zip(rows.texts.context_of, rows.spans, strict=True)
    ]
    assert spans == ["Ada"] * 5


def test_how_a_snapshot_is_cut_into_files_does_not_matter(
    silver: list[Row], write_rows: Callable[..., Path]
) -> None:
    whole = read_rows([write_rows(silver)], system("tall"), [])
    files = [write_rows(silver[3:], "b.parquet"), write_rows(silver[:3], "a.parquet")]
    cut = read_rows(files, system("tall"), [])
    assert questions(cut) == questions(whole)
    assert cut.texts.contexts == whole.texts.contexts
    assert (cut.spans == whole.spans).all()


def test_texts_and_sources_are_numbered_in_the_order_of_ids(
    make_row: Callable[..., Row], write_rows: Callable[..., Path]
) -> None:
    """Also where other rows, which do not train, were read before them."""
    ids = ("q3", "q1", "q2", "q0")
    rows = [make_row(name, question=f"{name}?", context=f"Ada wrote {name}.") for name in ids]
    rows.append(make_row("q1", "tq", "es-en", question="¿q1?", context="Ada wrote q1."))
    rows[-2] = {**rows[-2], "answers": None}
    found = read_rows([write_rows(rows[:2]), write_rows(rows[2:], "more.parquet")], system("tq"), [])
    asked = questions(found)
    assert found.texts.questions == list(dict.fromkeys(asked))
    assert sorted(asked) == ["q1?", "q2?", "q3?", "¿q1?"]
    assert found.texts.contexts == [f"Ada wrote {name}." for name in ("q1", "q2", "q3")]
    assert found.sources.tolist() == [0, 0, 1, 2]
    assert found.languages == ("en", "es")


def test_a_row_that_is_there_twice_is_counted_as_that_alone(
    make_row: Callable[..., Row], write_rows: Callable[..., Path]
) -> None:
    shifted, unanswered = make_row("q2", start=1), {**make_row("q3"), "answers": None}
    files = [write_rows([make_row(), shifted, unanswered], name) for name in ("a.parquet", "b.parquet")]
    rows = read_rows(files, system("zs"), [])
    assert rows.dropped == {"duplicate-id": 3, "answer-not-at-offset": 1, "no-answer": 1}
    assert rows.parts == {"en.en-en": 1}


def test_english_rows_of_several_snapshots_count_once(
    silver: list[Row], write_rows: Callable[..., Path]
) -> None:
    rows = read_rows([write_rows(silver), write_rows(silver[:1], "en.parquet")], system("tq"), [])
    assert len(rows) == 3
    assert rows.dropped == {"duplicate-id": 1}


def test_rows_that_cannot_train_are_counted_by_reason(
    make_row: Callable[..., Row], write_rows: Callable[..., Path]
) -> None:
    unanswered = {**make_row("q2"), "answers": {"text": [], "answer_start": []}}
    null = {**make_row("q6"), "answers": None}
    empty = make_row("q3", answer="", start=0)
    shifted = make_row("q4", start=1)
    behind = make_row("q5", context="It was Ada.", start=-4)
    rows = read_rows([write_rows([make_row(), unanswered, null, empty, shifted, behind])], system("zs"), [])
    assert len(rows) == 1
    assert rows.dropped == {"no-answer": 2, "answer-not-at-offset": 3}


def test_offsets_are_code_points(make_row: Callable[..., Row], write_rows: Callable[..., Path]) -> None:
    rows = read_rows([write_rows([make_row(context="😀𝔸é Ada", start=4)])], system("zs"), [])
    assert rows.spans.tolist() == [[4, 7]]


def test_an_unknown_language_lists_those_of_the_files(
    silver: list[Row], write_rows: Callable[..., Path]
) -> None:
    with pytest.raises(UsageError, match=r"Unknown language 'sw'.*en, es, zh"):
        read_rows([write_rows(silver)], system("tq"), ["sw", "es"])


def test_files_that_cannot_be_used_are_named(
    tmp_path: Path, silver: list[Row], write_rows: Callable[..., Path]
) -> None:
    zs = system("zs")
    with pytest.raises(InputError, match=r"none\.parquet does not exist"):
        read_rows([tmp_path / "none.parquet"], zs, [])
    (tmp_path / "text.parquet").write_text("no parquet")
    with pytest.raises(InputError, match=r"text\.parquet is no Parquet file"):
        read_rows([tmp_path / "text.parquet"], zs, [])
    pq.write_table(pa.table({"id": ["1"], "set": ["en"]}), tmp_path / "short.parquet")
    with pytest.raises(InputError, match="lacks the columns answers, context"):
        read_rows([tmp_path / "short.parquet"], zs, [])
    with pytest.raises(InputError, match="holds no row of the set en"):
        read_rows([write_rows(silver[1:])], zs, [])
