import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tasks.scoring.benchmarks import Pair
from tasks.scoring.report import Analysis, ReportData, Run, analyse, report_json
from tasks.scoring.report.figures import mean_scores, prediction_faults
from tasks.scoring.transfer import f1_by_pair, transfer


def test_the_numbers_are_json(data: ReportData) -> None:
    numbers = json.loads(json.dumps(report_json(analyse(data)), allow_nan=False))
    assert (numbers["f1"], numbers["exact_match"], numbers["xlt_f1"]) == (50.0, 50.0, 50.0)
    assert (numbers["total"], numbers["missing"], numbers["complete"]) == (8, 3, True)
    assert numbers["contexts_shared_with_training"] == {
        "shared": 1,
        "contexts": 4,
        "by_language": {"ar": [0, 2], "en": [1, 2]},
    }
    assert numbers["pairs"][0]["context_language"] == "ar"
    assert numbers["signature"].startswith(
        "benchmark:mlqa|split:test|metric:mlqa|version:1.0|language:ar+en|total:8|pairs:4|test:fisher|"
    )
    (system,) = numbers["systems"]
    assert system["f1"] == {"mean": 50.0, "deviation": None, "runs": 1}
    assert system["intervals"]["f1"]["overall"]["low"] <= 50.0 <= system["intervals"]["f1"]["overall"]["high"]
    assert numbers["comparisons"] == numbers["errors"] == numbers["invariance"] == []


def test_seeds_of_a_system_are_one_row(several: Analysis) -> None:
    numbers = json.loads(json.dumps(report_json(several), allow_nan=False))
    zs, tq = numbers["systems"]
    assert (zs["f1"]["mean"], zs["f1"]["deviation"], zs["f1"]["runs"]) == (50.0, None, 1)
    assert (tq["f1"]["mean"], tq["f1"]["runs"]) == (75.0, 2)
    assert tq["f1"]["deviation"] == pytest.approx(35.355, abs=1e-3)
    assert [run["f1"] for run in tq["runs"]] == [100.0, 50.0]
    assert {c["family"] for c in numbers["comparisons"]} == {"systems", "seeds of T(Q)"}
    assert [(e["better"], e["poorer"], e["total"]) for e in numbers["errors"]] == [
        ("T(Q)", "ZS", 4),
        ("ZS", "T(Q)", 0),
    ]
    stages = {one["stage"]: one for one in numbers["invariance"]}
    assert stages["before"]["probe_accuracy"] == 1.0
    assert stages["after"]["retrieval_accuracy"] > stages["before"]["retrieval_accuracy"]


def test_the_mean_over_runs_is_that_of_every_figure(make_run: Callable[..., Run]) -> None:
    runs = [make_run("tq", right) for right in ("a", "ab", "")]
    mean = mean_scores([run.answers.scores for run in runs])
    each = [transfer(f1_by_pair(run.answers.scores)).overall for run in runs]
    assert transfer(f1_by_pair(mean)).overall == pytest.approx(sum(each) / 3)
    for place, pair in enumerate(mean):
        own = [run.answers.scores[place].statistics for run in runs]
        for example, found in enumerate(pair.statistics):
            assert found.f1 == pytest.approx(sum(one[example].f1 for one in own) / 3)
            assert found.exact_match == pytest.approx(sum(one[example].exact_match for one in own) / 3)
    assert mean_scores([runs[0].answers.scores]) == list(runs[0].answers.scores)


def test_odd_predictions_are_named(data: ReportData, pairs: list[Pair]) -> None:
    answers = data.runs[0].answers
    texts = {**answers.texts, ("context-en-question-en", "b"): " ", ("context-xx-question-en", "z"): "more"}
    odd = prediction_faults(pairs, replace(answers, texts=texts))
    assert odd.missing == ("context-ar-question-en/b", "context-en-question-ar/b")
    assert odd.empty == ("context-en-question-en/b",)
    assert odd.extra == ("context-xx-question-en/z",)
