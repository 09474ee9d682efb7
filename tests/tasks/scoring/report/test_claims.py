"""Claims: what is tested, on which seeds, and what is said of the outcome."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Example
from tasks.scoring.benchmarks import Pair
from tasks.scoring.error_analysis import Answers
from tasks.scoring.inquiry import Claim
from tasks.scoring.intervals import Interval
from tasks.scoring.measures import Measure
from tasks.scoring.metrics import Metric
from tasks.scoring.report import ReportData, Run
from tasks.scoring.report.claims import Finding, Held, claims_found
from tasks.scoring.score import score_pairs
from tasks.scoring.significance import Significance, holm, randomisation_test

MakeRun = Callable[..., Run]

HELPS = Claim(says="Translated questions help", better="tq", than="zs", controls=("tall",))


def report_of(pairs: list[Pair], *runs: Run) -> ReportData:
    return ReportData(benchmark="mlqa", metric=Metric.MLQA, pairs=pairs, runs=runs)


@pytest.fixture
def many(make_example: Callable[..., Example]) -> list[Pair]:
    """Twelve questions in one language: enough for a difference to be significant."""
    return [
        Pair("en", "en", [make_example(chr(97 + n), "Lyon lies on the Rhône.", "Lyon") for n in range(12)])
    ]


@pytest.fixture
def run_on(many: list[Pair]) -> MakeRun:
    def make(system: str, right: str, seed: int) -> Run:
        texts = {(p.name, e.id): "Lyon" if e.id in right else "x" for p in many for e in p.examples}
        return Run(
            system=system,
            seed=seed,
            answers=Answers(score_pairs(many, texts, metric=Metric.MLQA), texts),
            model_id="m",
            snapshot_id="s",
            recipe={},
        )

    return make


def test_the_figures_are_those_of_the_seeds_that_both_have(pairs: list[Pair], make_run: MakeRun) -> None:
    data = report_of(
        pairs,
        make_run("zs", "", seed=1),
        make_run("zs", "a", seed=2),
        make_run("tq", "ab", seed=2),
        make_run("tq", "a", seed=3),
    )
    (found,) = claims_found(data, [replace(HELPS, controls=())])
    assert found.main is not None
    assert found.main.scores == (100.0, 50.0)
    assert found.main.by_seed == {"2": 50.0}
    assert found.main.deviation is None


def test_the_test_is_the_projects_own_on_the_mean_over_seeds(many: list[Pair], run_on: MakeRun) -> None:
    """12 questions: the first reader has 9 and 7 right, the second 1 and 1."""
    runs = [
        run_on("tq", "abcdefghi", 1),
        run_on("tq", "abcdefg", 2),
        run_on("zs", "a", 1),
        run_on("zs", "l", 2),
    ]
    (found,) = claims_found(report_of(many, *runs), [replace(HELPS, controls=())])
    right = [[seed[name] for name in "abcdefghijkl"] for seed in (
        dict.fromkeys("abcdefghijkl", 0.0) | dict.fromkeys(letters, 100.0)
        for letters in ("abcdefghi", "abcdefg", "a", "l")
    )]  # fmt: skip
    expected = randomisation_test(np.mean(right[:2], axis=0), np.mean(right[2:], axis=0))
    assert found.main is not None
    assert found.main.test == expected
    assert found.main.difference == pytest.approx(expected.difference) == pytest.approx(100 * 7 / 12)
    assert found.main.by_seed == pytest.approx({"1": 100 * 8 / 12, "2": 100 * 6 / 12})
    assert found.main.interval.low < found.main.difference < found.main.interval.high


def test_claims_and_controls_are_one_family(many: list[Pair], run_on: MakeRun) -> None:
    runs = [run_on("tq", "abcdefghijk", 1), run_on("zs", "a", 1), run_on("tall", "abcdefg", 1)]
    other = Claim(says="All of it helps", better="tall", than="zs")
    same_again = Claim(says="Said twice", better="tall", than="zs", paper=1.0)
    found = claims_found(report_of(many, *runs), [HELPS, other, same_again])
    tests = [found[0].against[0], found[0].against[1], found[1].main]
    assert all(tests)
    assert [one.corrected for one in tests if one] == holm([one.test.p_value for one in tests if one])
    assert found[2].main == found[1].main


def test_what_is_said_of_a_claim(many: list[Pair], run_on: MakeRun) -> None:
    runs = [run_on("tq", "abcdefghijk", 1), run_on("zs", "a", 1), run_on("tall", "abcdefghij", 1)]
    back = Claim(says="They hurt", better="zs", than="tq")
    nobody = Claim(says="Who?", better="tq", than="at-en-all")
    helps, hurts, unknown = claims_found(report_of(many, *runs), [HELPS, back, nobody])
    assert helps.finding is Finding.HOLDS
    assert helps.controls[0] is not None
    assert helps.controls[0].finding is Finding.NOT_SHOWN
    assert hurts.finding is Finding.OPPOSITE
    assert unknown.finding is Finding.NOT_TESTED
    assert unknown.to_json()["against"] == [None]


def test_one_language_alone_has_no_figure_across(pairs: list[Pair], make_run: MakeRun) -> None:
    crossing = [pair for pair in pairs if pair.context_language != pair.question_language]
    runs = [
        replace(run, answers=replace(run.answers, scores=[run.answers.scores[1], run.answers.scores[2]]))
        for run in (make_run("zs", "a", seed=1), make_run("tq", "ab", seed=1))
    ]
    claim = replace(HELPS, controls=(), figure=Measure.XLT)
    assert claims_found(report_of(crossing, *runs), [claim])[0].main is None
    own = claims_found(report_of(pairs, make_run("zs", "a", seed=1), make_run("tq", "ab", seed=1)), [claim])
    assert own[0].main is not None
    assert own[0].main.difference == 50.0


def held(difference: float, corrected: float, *by_seed: float) -> Held:
    test = Significance(difference, corrected, exact=True, units=9, changed=9, permutations=9, seed=0)
    return Held(
        better="tq",
        than="zs",
        scores=(50.0 + difference, 50.0),
        by_seed={str(place): one for place, one in enumerate(by_seed)},
        interval=Interval(0.0, 1.0),
        test=test,
        corrected=corrected,
    )


@given(st.floats(0, 1), st.lists(st.floats(0.1, 9), min_size=1, max_size=4), st.booleans())
def test_a_claim_and_its_opposite_mirror_each_other(p: float, by_seed: list[float], split: bool) -> None:
    """Law: turned round, what holds is opposite, and what is not shown or not certain stays so."""
    seeds = [*by_seed, -0.05] if split else by_seed
    mean = sum(seeds) / len(seeds)
    one, other = held(mean, p, *seeds), held(-mean, p, *(-seed for seed in seeds))
    mirror = {Finding.HOLDS: Finding.OPPOSITE, Finding.OPPOSITE: Finding.HOLDS}
    assert other.finding is mirror.get(one.finding, one.finding)
    assert (one.finding is Finding.NOT_SHOWN) == (p >= 0.05)
    if p < 0.05:
        assert (one.finding is Finding.UNCERTAIN) == split
