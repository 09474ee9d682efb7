import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import InputError
from tasks.scoring.metrics import Metric
from tasks.scoring.predictions import NAMED, Faults, Predictions, read_predictions
from tasks.scoring.score import Scorer

Read = Callable[..., Predictions]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(content: str, asked: list[str], set_aside: Sequence[str] = ()) -> Predictions:
        path = tmp_path / "predictions.json"
        path.write_text(content, "utf-8")
        return read_predictions(path, asked, set_aside=set_aside)

    return reading


def test_what_is_odd_is_counted_and_named(read: Read) -> None:
    content = '{"z": "x", "a": "Lyon", "b": " \\n", "d": "1", "d": "2", "y": null, "u": "unanswerable"}'
    found = read(content, ["a", "b", "c", "d"], set_aside=["u"])
    assert found.texts == {"a": "Lyon", "b": " \n", "d": "2"}
    assert found.faults == Faults(missing=("c",), extra=("z", "y"), empty=("b",), repeated=("d",))
    assert found.faults.sentences() == [
        "1 question has no prediction and scores 0: c",
        "2 predictions are for no question here: z, y",
        "1 prediction is empty: b",
        "1 id stands more than once (the last counts): d",
    ]


def test_nothing_odd_is_nothing_to_say(read: Read) -> None:
    found = read('{"a": "里昂"}', ["a"])
    assert found == Predictions({"a": "里昂"}, Faults())
    assert found.faults.sentences() == []


def test_many_are_counted_and_the_first_named(read: Read) -> None:
    faults = read("{}", [str(n) for n in range(1200)]).faults
    (sentence,) = faults.sentences()
    assert sentence.startswith("1,200 questions have no prediction and score 0: 0, 1, 2,")
    assert sentence.endswith(", 9 and 1,190 more")
    told = faults.to_json()
    assert list(told) == ["missing", "extra", "empty", "repeated"]
    assert told["missing"] == {"count": 1200, "ids": [str(n) for n in range(NAMED)]}
    json.dumps(told)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1", "a number"),
        ("NaN", "NaN"),
        ("-Infinity", "a number"),
        ("null", "null"),
        ("false", "false"),
        ('["Lyon"]', "a list"),
        ('{"text": "Lyon", "score": NaN}', "an object"),
    ],
)
def test_what_is_no_text_is_refused_where_it_is_asked(read: Read, value: str, kind: str) -> None:
    """The official scorer breaks off there with an AttributeError; of a question nobody asked it does not know."""
    content = f'{{"a": {value}, "b": "Lyon"}}'
    with pytest.raises(InputError, match=rf"1 of its predictions are no texts.*: 'a' \({kind}\); give texts"):
        read(content, ["a", "b"])
    assert read(content, ["b"]).faults.extra == ("a",)


@pytest.mark.parametrize("content", ["[]", '["a"]', '"a"', '{"a": "x"', "", "1"])
def test_a_file_that_is_not_predictions_is_refused(read: Read, content: str) -> None:
    with pytest.raises(InputError, match=r"predictions\.json: not .*; give"):
        read(content, ["a"])


def test_predictions_too_deep_to_be_read(read: Read) -> None:
    with pytest.raises(InputError, match="not valid JSON"):
        read("[" * 100_000, ["a"])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_predictions(tmp_path / "absent.json", ["a"])


def test_an_object_within_an_object_repeats_nothing(read: Read) -> None:
    assert read('{"x": {"k": 1, "k": 2}, "a": "Lyon"}', ["a"]).faults == Faults(extra=("x",))


@given(st.sampled_from(["", " ", "\t\n", "a", "the", "..."]), st.sampled_from(["Lyon", "the", "..."]))
def test_an_empty_prediction_is_scored_as_it_is(prediction: str, gold: str) -> None:
    """Law (of the official scorers): F1 is 0, and it is an exact match of a gold answer that normalises to nothing."""
    statistic = Scorer(Metric.MLQA, "en").statistic(prediction, (gold,))
    assert statistic.f1 == 0.0
    assert statistic.exact_match == float(gold != "Lyon")
