"""The questions that a training chooses its best step by: kept by content, in the languages of the training."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from storage.errors import InputError, UsageError
from storage.examples import Answer, Example
from storage.store import Store
from tasks.development import development, development_part, spoken
from tasks.scoring.benchmarks import Pair

EXAMPLE = Example("q", "t", "Where?", "Ada lives in Oslo.", (Answer("Oslo", 13), Answer("in Oslo", 10)))


def test_a_benchmark_becomes_questions_to_choose_by(store: Store) -> None:
    part = development_part(store, [Pair("en", "es", [EXAMPLE]), Pair("en", "en", [EXAMPLE])])
    assert part == development_part(store, [Pair("en", "es", [EXAMPLE]), Pair("en", "en", [EXAMPLE])])
    rows = pq.read_table(store.local_path(part.name)).to_pylist()
    assert (
        rows
        == [
            {
                "question": "Where?",
                "context": "Ada lives in Oslo.",
                "answers": {"text": ["Oslo", "in Oslo"], "answer_start": [13, 10]},
            }
        ]
        * 2
    )


def names(pairs: list[Pair]) -> set[str]:
    return {f"{pair.context_language}-{pair.question_language}" for pair in pairs}


def test_a_reader_is_chosen_by_the_languages_that_it_learns() -> None:
    pairs = [
        Pair(context, question, [EXAMPLE]) for context in ("en", "es", "de") for question in ("en", "es")
    ]
    assert names(spoken(pairs, {"en", "es", "ca"})) == {"en-en", "en-es", "es-en", "es-es"}
    assert names(spoken(pairs, {"en"})) == {"en-en"}
    with pytest.raises(UsageError, match=r"in de, en, es, and the training in ca, zh; name a benchmark"):
        spoken(pairs, {"zh", "ca"})


def write(folder: Path, split: str, question: str) -> None:
    qas = [{"id": "1", "question": question, "answers": [{"text": "Ana", "answer_start": 0}]}]
    content = {"data": [{"title": "", "paragraphs": [{"context": "Ana wrote.", "qas": qas}]}]}
    (folder / f"{split}-context-en-question-en.json").write_text(json.dumps(content))


def test_of_mlqa_the_dev_split_is_taken(store: Store, tmp_path: Path) -> None:
    """Its test split is what finished readers are put to."""
    write(tmp_path, "test", "Who is tested?")
    with pytest.raises(InputError, match="there is no dev-context"):
        development(store, "mlqa", str(tmp_path), {"en"})
    write(tmp_path, "dev", "Who develops?")
    part = development(store, "mlqa", str(tmp_path), {"en", "es"})
    rows = pq.read_table(store.local_path(part.name)).to_pylist()
    assert [row["question"] for row in rows] == ["Who develops?"]
