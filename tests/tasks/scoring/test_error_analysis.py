from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Answer, Example, Span
from tasks.scoring.benchmarks import Pair
from tasks.scoring.error_analysis import Answers, Contrast, contrasts
from tasks.scoring.metrics import Metric
from tasks.scoring.score import score_pairs

Make = Callable[..., Example]

WORDS = ["red", "blue", "green", "grey"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)


def answers(pairs: list[Pair], texts: dict[tuple[str, str], str], **options: object) -> Answers:
    return Answers(score_pairs(pairs, texts, metric=Metric.MLQA), texts, **options)  # type: ignore[arg-type]


def everywhere(pairs: list[Pair], texts: dict[str, str]) -> dict[tuple[str, str], str]:
    return {(pair.name, key): text for pair in pairs for key, text in texts.items()}


@pytest.fixture
def coloured() -> list[Pair]:
    """Ten questions in each of two pairs, all about `red blue`."""
    examples = [
        Example(str(n), "", "Who?", "grey red blue green", (Answer("red blue", 5),)) for n in range(10)
    ]
    return [Pair("en", "en", examples), Pair("en", "de", examples)]


def test_the_clearest_cases_come_first(coloured: list[Pair]) -> None:
    pair = coloured[:1]
    good = everywhere(pair, dict.fromkeys(map(str, range(10)), "red blue"))
    bad = everywhere(pair, {"0": "red", "1": "green", "2": "red blue", "3": "red blue green"})
    found = contrasts(pair, answers(pair, good), answers(pair, bad))
    assert [one.difference for one in found] == pytest.approx([1.0] * 7 + [1 / 3, 1 / 5])
    assert {one.example.id for one in found} == set("013456789")
    assert found[-2].poorer.text == "red"
    assert found[-2].poorer.span == Span(5, 8)
    assert found[-2].better.span == Span(5, 13)


def test_what_was_not_answered_is_wrong_and_stands_nowhere(coloured: list[Pair]) -> None:
    (one,) = contrasts(
        coloured[:1],
        answers(coloured[:1], everywhere(coloured[:1], {"4": "red blue"})),
        answers(coloured[:1], {}),
    )
    assert (one.poorer.text, one.poorer.span, one.poorer.statistic.answered) == ("", None, False)


def test_a_prediction_that_is_not_in_the_context_has_no_span(coloured: list[Pair]) -> None:
    good, bad = (everywhere(coloured[:1], {"4": text}) for text in ("the Red, Blue!", "violet"))
    (one,) = contrasts(coloured[:1], answers(coloured[:1], good), answers(coloured[:1], bad))
    assert (one.better.span, one.poorer.span) == (None, None)


def test_what_is_right_by_another_gold_answer_is_not_wrong() -> None:
    """`the` normalises to nothing: an exact match of a gold answer that does so too, with an F1 of 0."""
    golds = (Answer("red blue", 4), Answer("the", 0))
    pair = [Pair("en", "en", [Example("a", "", "Who?", "the red blue", golds)])]
    texts = [{(pair[0].name, "a"): text} for text in ("red blue", "the")]
    assert contrasts(pair, *(answers(pair, side) for side in texts)) == []


def test_a_told_place_is_believed(make_example: Make) -> None:
    pair = [Pair("en", "en", [make_example("a", "one or one", "one")])]
    texts = {(pair[0].name, "a"): "one"}
    told = answers(pair, texts, starts={(pair[0].name, "a"): 7})
    (one,) = contrasts(pair, told, answers(pair, {}))
    assert one.better.span == Span(7, 10)


def test_a_pair_of_languages_can_be_asked_for(coloured: list[Pair]) -> None:
    good = everywhere(coloured, dict.fromkeys(map(str, range(10)), "red blue"))
    both = contrasts(coloured, answers(coloured, good), answers(coloured, {}))
    crossed = contrasts(coloured, answers(coloured, good), answers(coloured, {}), languages=("en", "de"))
    assert (len(both), len(crossed)) == (20, 10)
    assert crossed == [one for one in both if one.question_language == "de"]


def test_the_seed_decides_among_equals(coloured: list[Pair]) -> None:
    good = answers(coloured, everywhere(coloured, dict.fromkeys(map(str, range(10)), "red blue")))
    bad = answers(coloured, {})
    first, again, other = (contrasts(coloured, good, bad, seed=seed) for seed in (0, 0, 1))
    assert first == again != other
    assert contrasts(coloured, good, bad, limit=3) == first[:3]


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_contrasts_are_right_and_wrong(texts: list[tuple[str, str]]) -> None:
    """Law: every row has an exact match on one side and none on the other, by falling difference; none is left out."""
    examples = [
        Example(str(n), "", "Who?", "grey red blue", (Answer("red blue", 5),)) for n in range(len(texts))
    ]
    pair = [Pair("en", "en", examples)]
    sides = [{(pair[0].name, str(n)): both[side] for n, both in enumerate(texts)} for side in (0, 1)]
    found = contrasts(pair, *(answers(pair, side) for side in sides))
    assert len(found) == sum(a == "red blue" != b for a, b in texts)
    assert all(one.better.text == "red blue" != one.poorer.text for one in found)
    differences = [one.difference for one in found]
    assert differences == sorted(differences, reverse=True)


def test_rows_as_json_point_into_the_context(pairs: list[Pair]) -> None:
    good = {(pair.name, "b"): pair.examples[1].answers[0].text for pair in pairs}
    bad = {(pair.name, "b"): pair.examples[1].context.split()[-1] for pair in pairs}
    rows = [one.to_json() for one in contrasts(pairs, answers(pairs, good), answers(pairs, bad))]
    assert len(rows) == 4
    for row in rows:
        for part in (*row["gold"], row["better"], row["poorer"]):  # type: ignore[misc]
            assert row["context"][part["start"] : part["end"]] == part["text"]  # type: ignore[index]


def test_a_contrast_is_a_value(coloured: list[Pair]) -> None:
    good = answers(coloured, everywhere(coloured, {"1": "red blue"}))
    one, other = contrasts(coloured, good, answers(coloured, {}))
    assert isinstance(one, Contrast)
    assert {one.question_language, other.question_language} == {"en", "de"}
