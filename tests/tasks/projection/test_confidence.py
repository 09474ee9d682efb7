"""The model: its fit, its file, its order."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.projection.confidence import Weights, calibrate, confidence, from_text, shipped, to_text
from tasks.projection.signals import SIGNALS

K = len(SIGNALS)
ZEROS = (0.0,) * K


def test_log_odds_by_hand() -> None:
    values = (0.5, *ZEROS[2:], 2.0)
    weights = Weights((-1.0, 1.0), (values, ZEROS))
    assert confidence([0.0, *ZEROS[2:], 0.75], weights) == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert confidence([1.0, *ZEROS[2:], 0.75], weights) == pytest.approx(1 / (1 + math.exp(-1.0)))


def sample(n: int = 4000) -> tuple[np.ndarray, np.ndarray, Weights]:
    """Rows whose F1 follows a known model."""
    rng = np.random.default_rng(0)
    rows = rng.random((n, K))
    rows[:, 0] = rng.integers(2, size=n)
    truth = Weights((-0.5, 0.8), (tuple(rng.normal(size=K).tolist()), tuple(rng.normal(size=K).tolist())))
    expected = np.array([confidence(row.tolist(), truth) for row in rows])
    return rows, (rng.random(n) < expected).astype(float), truth


def test_the_fit_finds_the_model_that_made_the_data() -> None:
    rows, f1, truth = sample()
    weights = calibrate(rows, f1, ridge=0.01)
    ours = np.array([confidence(row.tolist(), weights) for row in rows])
    theirs = np.array([confidence(row.tolist(), truth) for row in rows])
    assert np.abs(ours - theirs).mean() < 0.05
    for half in (0.0, 1.0):
        of = rows[:, 0] == half
        assert ours[of].mean() == pytest.approx(f1[of].mean(), abs=1e-3)


def test_the_same_rows_give_the_same_weights_and_importance_counts_like_copies() -> None:
    rows, f1, _ = sample(300)
    assert calibrate(rows, f1) == calibrate(rows, f1)
    twice = calibrate(np.concatenate([rows, rows]), np.concatenate([f1, f1]))
    weighted = calibrate(rows, f1, importance=np.full(len(rows), 2.0))
    assert np.allclose(twice.values, weighted.values, atol=1e-6)


def test_a_half_without_rows_and_a_signal_that_never_varies_weigh_nothing() -> None:
    rows, f1, _ = sample(300)
    rows[:, 0], rows[:, 3] = 1.0, 0.5
    weights = calibrate(rows, f1)
    assert weights.values[0] == ZEROS
    assert weights.values[1][3] == 0.0


def test_the_file_round_trips_and_says_where_it_comes_from() -> None:
    text = to_text(shipped(), "of a test\nin two lines")
    assert text.startswith("# of a test\n# in two lines\n")
    assert from_text(text) == shipped()


def test_weights_of_other_signals_are_refused() -> None:
    text = to_text(shipped(), "x").replace(SIGNALS[3], "something-else")
    with pytest.raises(ValueError, match="something-else"):
        from_text(text)


@given(st.lists(st.floats(0, 1), min_size=K, max_size=K))
def test_law_confidence_lies_between_0_and_1(row: list[float]) -> None:
    assert 0.0 <= confidence(row, shipped()) <= 1.0


@pytest.mark.parametrize(
    ("signal", "sign"), [("with-tags", 1), ("copied", -1), ("pieces", -1), ("digits", -1)]
)
def test_the_shipped_weights_point_the_right_way(signal: str, sign: int) -> None:
    assert sign * shipped().values[1][SIGNALS.index(signal)] > 0
