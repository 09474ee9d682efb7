"""A world's files: read as those of SQuAD and MLQA are, the same for the same knobs, tests kept apart from training."""

import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.squad import parse_squad, read_squad
from tasks.laboratory.concepts import ENGLISH, NOUNS
from tasks.laboratory.files import CORPUS, CORPUS_SCHEMA, TRAINING, world_files
from tasks.laboratory.knobs import Knobs
from tasks.laboratory.tongues import make_tongues
from tasks.scoring.benchmarks import read_benchmark

TINY = Knobs(questions=20, test_questions=6, coverage=0.5)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return world_files(TINY, documents=50)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 8), st.floats(0.1, 1))
def test_law_same_knobs_same_bytes_and_answers_stand_at_their_offsets(
    seed: int, questions: int, coverage: float
) -> None:
    """world_files is a function of its knobs; all of its questions are read, so all answers stand where they should."""
    knobs = Knobs(seed=seed, questions=questions, test_questions=2, coverage=coverage)
    files = world_files(knobs, documents=3)
    assert files == world_files(knobs, documents=3)
    for name, content in files.items():
        if name == TRAINING or name.startswith("test/"):
            assert len(parse_squad(content, Path(name)).examples) == (questions if name == TRAINING else 2)


def test_tests_tell_of_nobody_that_training_tells_of(files: dict[str, bytes], tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    training = read_squad(tmp_path / TRAINING).examples
    pairs = read_benchmark("mlqa", tmp_path)
    assert len(pairs) == len(TINY.all_languages) ** 2
    asked = {
        word
        for pair in pairs
        for e in pair.examples
        for word in (e.title, *e.question.split(), *e.context.split())
    }
    assert not {example.title for example in training} & asked
    assert {tuple(sorted(e.id for e in pair.examples)) for pair in pairs} == {
        tuple(f"test-{n}" for n in range(6))
    }


def test_training_asks_for_the_covered_nouns_alone() -> None:
    knobs = Knobs(questions=300, coverage=0.5)
    english = make_tongues(knobs.seed, knobs.all_languages).by_code[ENGLISH]
    asked = {
        english.meanings[word]
        for e in parse_squad(world_files(knobs, documents=1)[TRAINING], Path()).examples
        for word in e.question.split()
        if english.meanings.get(word, "").startswith("noun")
    }
    assert asked == {f"noun {number}" for number in range(NOUNS // 2)}


def test_the_corpus_says_where_values_stand(files: dict[str, bytes]) -> None:
    table = pq.read_table(io.BytesIO(files[CORPUS]))
    assert table.schema.equals(CORPUS_SCHEMA)
    assert set(table["language"].to_pylist()) == set(TINY.all_languages)
    told = 0
    for row in table.to_pylist():
        value = row["statement"].split()[row["told_first"] : row["told_after"]]
        if value:
            told += 1
            assert row["context"].split()[row["found_first"] : row["found_after"]] == value
    assert 30 < told < 50
