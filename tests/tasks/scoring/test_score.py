from collections.abc import Callable

import pytest

from storage.errors import InputError
from storage.examples import Answer, Example
from tasks.scoring import metrics
from tasks.scoring.benchmarks import Pair
from tasks.scoring.metrics import Metric
from tasks.scoring.score import (
    UNANSWERED,
    Scorer,
    Statistic,
    aggregate,
    overall_signature,
    score_examples,
    score_pairs,
)

Make = Callable[..., Example]


def test_a_score_is_in_percent_and_signed(make_example: Make) -> None:
    examples = [make_example("a", "Lyon is big", "Lyon"), make_example("b", "Kant wrote", "Kant wrote")]
    score = score_examples(examples, {"a": "lyon.", "b": "Kant"}, metric=Metric.SQUAD, language="en")
    assert (score.exact_match, score.f1, score.total) == (50.0, pytest.approx(250 / 3), 2)
    assert score.signature == "metric:squad|version:1.1|language:en|total:2"
    assert list(score.to_json())[:3] == ["exact_match", "f1", "total"]


def test_a_missing_prediction_counts_as_zero_and_is_counted(make_example: Make) -> None:
    examples = [make_example("a", "Lyon", "Lyon"), make_example("b", "Kant", "Kant")]
    score = score_examples(examples, {"a": "Lyon", "other": "x"}, metric=Metric.MLQA, language="en")
    assert (score.exact_match, score.f1, score.total, score.missing) == (50.0, 50.0, 2, 1)


def test_an_empty_prediction_is_not_missing(make_example: Make) -> None:
    score = score_examples([make_example("a", "Lyon", "Lyon")], {"a": ""}, metric=Metric.MLQA, language="en")
    assert (score.f1, score.missing) == (0.0, 0)


def test_nothing_to_score_is_refused() -> None:
    with pytest.raises(InputError, match="no question to score"):
        score_examples([], {}, metric=Metric.MLQA, language="en")


def test_sums_are_made_in_file_order_like_the_official_ones() -> None:
    """A compensated or pairwise sum would give 0.6 and another last digit."""
    statistics = [Statistic(0.0, value) for value in (0.1, 0.2, 0.3)]
    assert aggregate(statistics, metric=Metric.MLQA, language="en").f1 == 100.0 * 0.6000000000000001 / 3


def test_pairs_are_normalised_in_the_language_of_the_context(make_example: Make) -> None:
    """`el` is an article in Spanish only, whatever the language of the question."""
    examples = [make_example("a", "el Rin", "el Rin")]
    predictions = {("context-es-question-en", "a"): "Rin", ("context-en-question-es", "a"): "Rin"}
    pairs = [Pair("es", "en", examples), Pair("en", "es", examples)]
    spanish, english = score_pairs(pairs, predictions, metric=Metric.MLQA)
    assert (spanish.score.exact_match, english.score.exact_match) == (100.0, 0.0)
    assert english.score.f1 == pytest.approx(200 / 3)


def test_pairs_keep_their_order_and_the_statistic_of_each_example(pairs: list[Pair]) -> None:
    predictions = {(pair.name, "a"): pair.examples[0].answers[0].text for pair in pairs}
    scores = score_pairs(pairs, predictions, metric=Metric.MLQA)
    assert [(s.context_language, s.question_language) for s in scores] == [
        ("ar", "ar"),
        ("ar", "en"),
        ("en", "ar"),
        ("en", "en"),
    ]
    assert all(s.statistics == [Statistic(1.0, 1.0), UNANSWERED] for s in scores)
    assert overall_signature(scores, Metric.MLQA) == "metric:mlqa|version:1.0|language:ar+en|total:8|pairs:4"


def test_each_distinct_text_is_normalised_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def counting(metric: Metric, language: str) -> Callable[[str], tuple[str, ...]]:
        inner = metrics.tokenizer(metric, language)
        return lambda text: (seen.append(text), inner(text))[1]

    monkeypatch.setattr("tasks.scoring.score.tokenizer", counting)
    scorer = Scorer(Metric.MLQA, "en")
    for _ in range(3):
        scorer.statistic("the Rhine", ("Rhine", "a river"))
    scorer.statistic("Rhine", ("the Rhine",))
    assert sorted(seen) == ["Rhine", "a river", "the Rhine"]


def test_every_question_of_many_pairs_is_counted() -> None:
    """49 pairs of 1,000 questions, no prediction like another: a twelfth of MLQA."""
    languages = metrics.MLQA_LANGUAGES
    words = ["el", "río", "que", "pasa", "por", "la", "ciudad", "de", "Lyon"]
    examples = [Example(str(n), "", "q", "c", (Answer(f"{words[n % 9]} {n}", 0),)) for n in range(1000)]
    pairs = [Pair(context, question, examples) for context in languages for question in languages]
    predictions = {
        (pair.name, e.id): f"{words[i % 9]} {words[n % 9]} {n} {i}"
        for i, pair in enumerate(pairs)
        for n, e in enumerate(pair.examples)
    }
    scores = score_pairs(pairs, predictions, metric=Metric.MLQA)
    assert sum(s.score.total for s in scores) == 49_000
