"""From logits to spans: the best spans of each window, exactly, and of each question over its windows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from model.texts import Ints

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spans:
    """The k best spans of each of B windows, best first, as positions in the sequence; all (B, k).

    `first` and `last` are inclusive. `scores` are start plus end logits; -inf where a window has fewer spans.
    """

    first: Ints
    last: Ints
    scores: Floats


def best_spans(
    start_logits: torch.Tensor,
    end_logits: torch.Tensor,
    allowed: torch.Tensor,
    *,
    n_best: int,
    max_tokens: int,
) -> Spans:
    """The `n_best` spans of at most `max_tokens` allowed tokens with the largest start + end logit.

    Every span is looked at, not only those of the best starts and ends: a band of T x `max_tokens` sums per
    window. Start, end (B, T) float32; allowed (B, T) bool, one stretch per window (its context).
    """
    lowest = float("-inf")
    start = start_logits.masked_fill(~allowed, lowest)
    end = end_logits.masked_fill(~allowed, lowest)
    tokens = start.shape[1]
    width = min(max_tokens, tokens)
    # (B, T, width): the end logits at distance 0 .. width - 1 from each token.
    reach = torch.nn.functional.pad(end, (0, width - 1), value=lowest).unfold(1, width, 1)
    sums = (start[:, :, None] + reach).flatten(1)
    scores, flat = sums.topk(min(n_best, sums.shape[1]), dim=1)
    first = flat // width
    return Spans(
        first=first.cpu().numpy(),
        last=(first + flat % width).clamp(max=tokens - 1).cpu().numpy(),
        scores=scores.cpu().numpy(),
    )


def best_per_row(rows: Ints, starts: Ints, ends: Ints, scores: Floats, n_best: int) -> Ints:
    """Which of N spans are among the `n_best` of their row: indices sorted by row, then best first.

    A span found in several windows counts once, with its best score; spans of score -inf do not count.
    Equal scores are ordered by place, so that the outcome does not depend on batches. All arguments (N,).
    """
    order = np.lexsort((ends, starts, -scores, rows))
    order = order[scores[order] > -np.inf]
    # Of equal (row, start, end), np.unique names the first in this order, which is the best.
    keys = np.stack([rows[order], starts[order], ends[order]], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    order = order[np.sort(first)]
    row = rows[order]
    _, begins, counts = np.unique(row, return_index=True, return_counts=True)
    rank = np.arange(len(row)) - np.repeat(begins, counts)
    return order[rank < n_best]
