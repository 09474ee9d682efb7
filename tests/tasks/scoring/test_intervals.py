from itertools import product
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tasks.scoring import intervals
from tasks.scoring.benchmarks import Pair
from tasks.scoring.intervals import (
    Interval,
    bootstrap,
    crossed_bootstrap,
    over_seeds,
    percentiles,
    question_table,
    resampled_means,
    transfer_intervals,
)
from tasks.scoring.metrics import Metric
from tasks.scoring.score import PairScore, score_pairs
from tasks.scoring.transfer import f1_by_pair, transfer

TABLES = arrays.arrays(
    np.float64, arrays.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(0, 100)
)


def scored(pairs: list[Pair]) -> list[PairScore]:
    predictions = {(pair.name, "a"): pair.examples[0].answers[0].text for pair in pairs}
    return score_pairs(pairs, predictions, metric=Metric.MLQA)


def test_an_interval_is_that_of_the_normal_law() -> None:
    """Of 2,000 coin throws in percent: 50 +- 1.96 x 100 sqrt(.25 / 2000), within a tenth of a point or so."""
    values = np.repeat([0.0, 100.0], 1000)
    found = bootstrap(values, samples=4000)
    half = 1.96 * 100 * (0.25 / 2000) ** 0.5
    assert (found.low, found.high) == (pytest.approx(50 - half, abs=0.25), pytest.approx(50 + half, abs=0.25))
    assert found.level == 0.95


def test_all_draws_of_three_questions() -> None:
    """The law of the resampled mean is that of all 27 draws."""
    values = np.array([0.0, 30.0, 90.0])
    expected = [fmean(draw) for draw in product(values, repeat=3)]
    means = resampled_means(values[:, None], samples=20_000)[:, 0]
    for figure in set(expected):
        share = expected.count(figure) / 27
        assert np.mean(np.isclose(means, figure)) == pytest.approx(share, abs=0.015)


@given(TABLES)
def test_a_resampled_mean_lies_between_the_least_and_the_greatest(table: np.ndarray) -> None:
    """Law: every mean of a draw is within its column; equal columns see equal draws."""
    means = resampled_means(np.hstack([table, table]), samples=20)
    assert (means >= np.tile(table.min(axis=0), 2) - 1e-9).all()
    assert (means <= np.tile(table.max(axis=0), 2) + 1e-9).all()
    assert np.array_equal(means[:, : table.shape[1]], means[:, table.shape[1] :])


def test_a_question_that_a_column_lacks_does_not_count_there() -> None:
    means = resampled_means(np.array([[1.0, 5.0], [3.0, np.nan]]), samples=200)
    assert set(np.unique(means[:, 0])) == {1.0, 2.0, 3.0}
    known = means[:, 1][~np.isnan(means[:, 1])]
    assert set(known) == {5.0}
    assert np.isnan(means[:, 1]).mean() == pytest.approx(0.25, abs=0.1)


def test_the_seed_decides_and_the_size_of_a_chunk_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).random(50)
    assert bootstrap(values) == bootstrap(values) != bootstrap(values, seed=1)
    whole = bootstrap(values)
    monkeypatch.setattr(intervals, "_CHUNK_CELLS", 120)
    assert bootstrap(values).low == pytest.approx(whole.low)
    assert bootstrap(values).high == pytest.approx(whole.high)


def test_a_wider_level_is_a_wider_interval() -> None:
    values = np.random.default_rng(0).random(50)
    narrow, wide = (bootstrap(values, level=level) for level in (0.8, 0.99))
    assert wide.low < narrow.low < values.mean() < narrow.high < wide.high


@pytest.mark.parametrize("values", [np.empty((0, 1)), np.empty(3)])
def test_nothing_to_draw_from_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="questions, columns"):
        resampled_means(values)


def test_parallel_questions_are_drawn_together(pairs: list[Pair]) -> None:
    """One of two questions is right in all four pairs: G-XLT of a draw is 0, 50 or 100, never in between."""
    scores = scored(pairs)
    means = resampled_means(question_table(pairs, scores), samples=500)
    assert set(means.mean(axis=1)) == {0.0, 50.0, 100.0}
    found = transfer_intervals(pairs, scores)
    assert found.overall == found.xlt == found.by_context["ar"] == Interval(0.0, 100.0)
    assert set(found.by_pair) == {("ar", "ar"), ("ar", "en"), ("en", "ar"), ("en", "en")}


def test_rows_are_questions_and_columns_pairs(pairs: list[Pair]) -> None:
    turned = Pair("ar", "en", pairs[1].examples[::-1])
    shorter = Pair("en", "en", pairs[3].examples[:1])
    chosen = [pairs[0], turned, shorter]
    predictions = {(pair.name, "a"): {"ar": "ليون", "en": "Lyon"}[pair.context_language] for pair in chosen}
    table = question_table(chosen, score_pairs(chosen, predictions, metric=Metric.MLQA))
    assert table[0].tolist() == [100.0, 100.0, 100.0]
    assert table[1, :2].tolist() == [0.0, 0.0]
    assert np.isnan(table[1, 2])


def test_an_interval_holds_its_figure(pairs: list[Pair]) -> None:
    own = [pair for pair in pairs if pair.context_language != pair.question_language]
    found, means = transfer_intervals(own, scored(own)), transfer(f1_by_pair(scored(own)))
    assert found.xlt is None
    assert found.overall.low <= means.overall <= found.overall.high


def test_percentiles_leave_out_what_is_not_known() -> None:
    assert percentiles(np.array([np.nan, 1.0, 2.0, 3.0]), level=1.0) == Interval(1.0, 3.0, 1.0)


def test_deviation_over_seeds_is_that_of_a_sample() -> None:
    assert over_seeds([60.0]).deviation is None
    assert over_seeds([60.0, 62.0]).deviation == pytest.approx(2**0.5)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=20), st.integers(1, 4))
def test_runs_that_are_alike_add_nothing(values: list[float], runs: int) -> None:
    """Law: of runs that are all the same, one or more, the interval is that of the questions alone."""
    crossed = crossed_bootstrap(np.tile(np.array(values), (runs, 1)), samples=200)
    plain = bootstrap(values, samples=200)
    assert (crossed.low, crossed.high) == pytest.approx((plain.low, plain.high), abs=1e-9)


def test_runs_that_differ_make_it_wider() -> None:
    """Questions that are all alike: what varies is the run, whose draws of 2 have the means 0, 5, 10."""
    found = crossed_bootstrap(np.repeat([[0.0], [10.0]], 50, axis=1))
    assert (found.low, found.high) == (0.0, 10.0)
    assert crossed_bootstrap(np.full((2, 50), 5.0)) == Interval(5.0, 5.0)


def test_its_spread_is_that_of_both() -> None:
    """Draws of questions and of runs are independent: their variances add up where the effects do."""
    random = np.random.default_rng(3)
    questions, runs = random.normal(size=400), random.normal(size=12)
    found = crossed_bootstrap(questions[None, :] + runs[:, None], samples=20_000)
    deviation = np.sqrt(questions.var() / 400 + runs.var() / 12)
    assert found.high - found.low == pytest.approx(2 * 1.96 * deviation, rel=0.05)
