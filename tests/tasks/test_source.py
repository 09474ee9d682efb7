"""The source: imported once, cut into shards that never part a paragraph."""

import hashlib
import json
from itertools import chain, groupby, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import InputError
from storage.examples import Answer, Example
from storage.parts import Part, read_part
from storage.silver import REJECTED_SCHEMA, SILVER_SCHEMA, Reason
from storage.store import Store
from tasks.projection.sets import examples_of
from tasks.shards.importing import ASIDE, shards
from tasks.source import English, file_digest, import_source


def examples_on(contexts: list[str]) -> list[Example]:
    return [Example(f"q{i}", "", "q", context, (Answer("x", 0),)) for i, context in enumerate(contexts)]


EXAMPLES = st.lists(st.sampled_from("abc"), max_size=30).map(examples_on)
ROWS = st.integers(1, 8)


@given(EXAMPLES, ROWS)
def test_shards_are_the_source_in_order(examples: list[Example], rows: int) -> None:
    """Law: shards joined are the source; none is empty."""
    found = list(shards(examples, rows))
    assert list(chain.from_iterable(found)) == examples
    assert all(found)


@given(EXAMPLES, ROWS)
def test_no_shard_cuts_a_paragraph(examples: list[Example], rows: int) -> None:
    """Law: between two shards the context changes."""
    found = list(shards(examples, rows))
    for one, other in pairwise(found):
        assert one[-1].context != other[0].context


@given(EXAMPLES, ROWS)
def test_shards_are_full_and_no_fuller_than_need_be(examples: list[Example], rows: int) -> None:
    """Law: each but the last holds `rows` or more, and would hold fewer without its last paragraph."""
    found = list(shards(examples, rows))
    for shard in found[:-1]:
        assert len(shard) >= rows
    for shard in found:
        *before, _ = (list(paragraph) for _, paragraph in groupby(shard, key=lambda e: e.context))
        assert sum(map(len, before)) < rows


def squad(folder: Path, paragraphs: int = 3) -> Path:
    """Each paragraph has two questions, one of which has no answer."""
    content = [
        {
            "context": f"Ana 🎵 wrote {n} books.",
            "qas": [
                {"id": f"q{n}", "question": "Who wrote?", "answers": [{"text": "Ana 🎵", "answer_start": 0}]},
                {"id": f"u{n}", "question": "Why?", "answers": [], "is_impossible": True},
            ],
        }
        for n in range(paragraphs)
    ]
    path = folder / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "Ana", "paragraphs": content}]}), encoding="utf-8")
    return path


def imported(store: Store, file: Path, rows: int = 100) -> English:
    value = import_source.fn(store.url, str(file), file_digest(file), rows)
    parts = {label: Part.from_json(part) for label, part in json.loads(json.dumps(value))["parts"].items()}
    return English(value["sha256"], parts, parts.pop(ASIDE))


def test_every_source_id_is_kept_or_set_aside_with_its_reason(store: Store, tmp_path: Path) -> None:
    english = imported(store, squad(tmp_path))
    kept = read_part(store, english.shards["00000"])
    aside = read_part(store, english.aside)
    assert kept.schema.equals(SILVER_SCHEMA)
    assert aside.schema.equals(REJECTED_SCHEMA)
    assert kept["source_id"].to_pylist() == ["q0", "q1", "q2"]
    assert kept["id"].to_pylist() == ["q0.en.en-en", "q1.en.en-en", "q2.en.en-en"]
    assert set(kept["question_type"].to_pylist()) == {"who"}
    assert aside["source_id"].to_pylist() == ["u0", "u1", "u2"]
    assert set(aside["reason"].to_pylist()) == {Reason.UNANSWERABLE}
    assert examples_of(kept)[1] == Example(
        "q1", "Ana", "Who wrote?", "Ana 🎵 wrote 1 books.", (Answer("Ana 🎵", 0),)
    )


def test_shards_are_labelled_in_order(store: Store, tmp_path: Path) -> None:
    english = imported(store, squad(tmp_path, 5), rows=2)
    assert list(english.shards) == ["00000", "00001", "00002"]
    rows = [read_part(store, part)["source_id"].to_pylist() for part in english.shards.values()]
    assert rows == [["q0", "q1"], ["q2", "q3"], ["q4"]]


def test_the_same_file_elsewhere_gives_the_same_parts(store: Store, tmp_path: Path) -> None:
    first = imported(store, squad(tmp_path))
    (tmp_path / "other").mkdir()
    assert imported(store, squad(tmp_path / "other")) == first


def test_nothing_is_written_of_a_file_that_cannot_be_used(store: Store, tmp_path: Path) -> None:
    file = squad(tmp_path)
    file.write_text(file.read_text().replace('"answer_start": 0', '"answer_start": 1', 1))
    with pytest.raises(InputError, match="answer"):
        import_source.fn(store.url, str(file), file_digest(file), 100)
    assert store.names("parts") == []


def test_a_file_that_changes_while_it_is_read_is_refused(store: Store, tmp_path: Path) -> None:
    """What is kept under a checksum has that checksum."""
    file = squad(tmp_path)
    digest = file_digest(file)
    squad(tmp_path, 5)
    with pytest.raises(InputError, match=r"changed while it was read; run again\."):
        import_source.fn(store.url, str(file), digest, 100)
    assert store.names("parts") == []


def test_the_digest_of_a_file(tmp_path: Path) -> None:
    file = squad(tmp_path)
    assert file_digest(file) == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["none.json", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"cannot be read \(.*\); check the path\."):
        file_digest(tmp_path / name)
