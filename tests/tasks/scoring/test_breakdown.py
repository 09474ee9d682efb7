from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Example
from tasks.scoring.benchmarks import Pair, read_benchmark
from tasks.scoring.breakdown import (
    ANSWER_WORDS,
    CONTEXT_WORDS,
    UNKNOWN,
    Part,
    breakdowns,
    bucket,
    buckets,
    english_questions,
)
from tasks.scoring.metrics import Metric
from tasks.scoring.score import score_pairs
from tasks.scoring.statistics import count_words

Make = Callable[..., Example]


def of(pairs: list[Pair], predictions: dict[tuple[str, str], str]) -> dict[str, list[Part]]:
    return breakdowns(pairs, score_pairs(pairs, predictions, metric=Metric.MLQA))


def test_parts_by_hand(make_example: Make) -> None:
    """Two questions on contexts of two languages; only the English pair is answered, one of its two right."""
    english = [
        make_example("a", "Lyon lies on the Rhône.", "Lyon", question="Which town?"),
        make_example("b", "Kant wrote " + "much " * 120, "wrote much", question="What did he do?"),
    ]
    german = [make_example(e.id, e.context, e.answers[0].text, question="Was?") for e in english]
    pairs = [Pair("de", "de", german), Pair("en", "en", english)]
    found = of(pairs, {("context-en-question-en", "a"): "Lyon", ("context-en-question-en", "b"): "wrote"})
    assert found["question type"] == [
        Part("what", 2, 0.0, pytest.approx(100 / 3)),
        Part("which", 2, 50.0, 50.0),
    ]
    assert found["answer length"] == [
        Part("up to 1", 2, 50.0, 50.0),
        Part("2", 2, 0.0, pytest.approx(100 / 3)),
    ]
    assert [(p.name, p.total) for p in found["context length"]] == [("up to 100", 2), ("101 to 150", 2)]
    assert [(p.name, p.exact_match) for p in found["context language"]] == [("de", 0.0), ("en", 50.0)]
    assert [p.name for p in found["question language"]] == ["de", "en"]
    assert [p.name for p in found["language pair"]] == ["context-de-question-de", "context-en-question-en"]


def test_without_an_english_question_the_type_is_not_known(make_example: Make) -> None:
    """TyDiQA's questions are their languages' own: `Which` in another language's text is no type."""
    pairs = [Pair("fi", "fi", [make_example("finnish-1", "Lyon", "Lyon", question="Which?")])]
    assert [part.name for part in of(pairs, {})["question type"]] == [UNKNOWN]
    assert english_questions(pairs) == {}


@given(st.integers(0, 1000), st.lists(st.integers(1, 400), min_size=1, unique=True).map(sorted))
def test_every_length_has_one_part(length: int, edges: list[int]) -> None:
    """Law: the part that a length falls into is the first whose edge it does not exceed."""
    names = buckets(edges)
    assert len(set(names)) == len(edges) + 1
    below = [place for place, edge in enumerate(edges) if length <= edge]
    assert bucket(length, edges) == names[below[0] if below else -1]


def test_every_breakdown_of_xquad_counts_every_example(xquad: Path) -> None:
    """And says what its docstrings say of the lengths."""
    pairs = [pair for pair in read_benchmark("xquad", xquad) if pair.context_language in {"en", "zh"}]
    predictions = {(pair.name, e.id): e.answers[0].text for pair in pairs for e in pair.examples[::2]}
    found = of(pairs, predictions)
    for name, cells in found.items():
        assert sum(part.total for part in cells) == 12 * 1190, name
        assert sum(part.total * part.f1 for part in cells) == pytest.approx(12 * 595 * 100), name
    assert [part.name for part in found["answer length"]] == list(buckets(ANSWER_WORDS))
    assert [part.name for part in found["context length"]] == list(buckets(CONTEXT_WORDS))
    english = next(pair for pair in pairs if pair.name == "context-en-question-en").examples
    assert fmean(count_words(e.answers[0].text) for e in english) == pytest.approx(2.9, abs=0.05)
    assert fmean(count_words(c) for c in {e.context for e in english}) == pytest.approx(124, abs=0.5)
