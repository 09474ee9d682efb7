"""The best spans against looking at every span."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.nbest import best_per_row, best_spans


def every_span(start: torch.Tensor, end: torch.Tensor, allowed: torch.Tensor, most: int) -> list[float]:
    return sorted(
        (
            float(start[i] + end[j])
            for i in range(len(start))
            for j in range(i, min(len(start), i + most))
            if allowed[i] and allowed[j]
        ),
        reverse=True,
    )


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 12), st.integers(1, 6), st.integers(1, 8))
def test_no_better_span_is_overlooked(seed: int, tokens: int, most: int, n_best: int) -> None:
    """Law: the scores are the largest of all allowed spans, and each belongs to its span."""
    generator = torch.Generator().manual_seed(seed)
    start, end = torch.randn(2, 3, tokens, generator=generator)
    edges = torch.randint(tokens + 1, (3, 2), generator=generator).sort(1).values
    at = torch.arange(tokens)
    allowed = (at >= edges[:, :1]) & (at < edges[:, 1:])
    spans = best_spans(start, end, allowed, n_best=n_best, max_tokens=most)
    for line in range(3):
        real = spans.scores[line] > -np.inf
        expected = every_span(start[line], end[line], allowed[line], most)[:n_best]
        assert spans.scores[line][real].tolist() == pytest.approx(expected)
        for first, last, score in zip(
            spans.first[line][real], spans.last[line][real], spans.scores[line][real], strict=True
        ):
            assert 0 <= last - first < most
            assert score == pytest.approx(float(start[line, first] + end[line, last]))


def test_rows_are_merged_over_their_windows() -> None:
    rows = np.array([1, 0, 1, 1, 0, 1])
    starts = np.array([5, 2, 9, 5, 0, 7])
    ends = np.array([8, 3, 12, 8, 1, 8])
    scores = np.array([1.0, 0.5, 3.0, 2.0, -np.inf, 2.5], dtype=np.float32)
    assert best_per_row(rows, starts, ends, scores, 2).tolist() == [1, 2, 5]
    # (5, 8) of row 1 was found twice; the better of the two stays.
    assert best_per_row(rows, starts, ends, scores, 9).tolist() == [1, 2, 5, 3]


def test_equal_scores_are_ordered_by_place() -> None:
    rows, starts, ends = np.zeros(3, dtype=np.int64), np.array([4, 2, 2]), np.array([5, 9, 3])
    scores = np.ones(3, dtype=np.float32)
    assert best_per_row(rows, starts, ends, scores, 3).tolist() == [2, 1, 0]


def test_nothing_found_is_nothing_kept() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert best_per_row(none, none, none, none.astype(np.float32), 3).tolist() == []
