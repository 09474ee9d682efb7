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

    Every span counts, not only those of the best starts and ends. A span among the best `n_best` begins at one of the
    `n_best` starts whose own best span is best: for each better start there would be a better span. So only their
    spans are sorted. Start, end (B, T) float32; allowed (B, T) bool, one stretch per window (its context).
    """
    lowest = float("-inf")
    start = start_logits.masked_fill(~allowed, lowest)
    end = end_logits.masked_fill(~allowed, lowest)
    tokens = start.shape[1]
    width = min(max_tokens, tokens)
    padded = torch.nn.functional.pad(end, (0, width - 1), value=lowest)
    # (B, T): the best end logit within reach of each token.
    best_end = torch.nn.functional.max_pool1d(padded[:, None], width, stride=1)[:, 0]
    starts = (start + best_end).topk(min(n_best, tokens), dim=1).indices
    # (B, k, width): the end logits at distance 0 .. width - 1 from each of these starts.
    distance = torch.arange(width, device=start.device)
    reach = padded.gather(1, (starts[:, :, None] + distance).flatten(1)).view(*starts.shape, width)
    sums = (start.gather(1, starts)[:, :, None] + reach).flatten(1)
    scores, flat = sums.topk(min(n_best, sums.shape[1]), dim=1)
    first = starts.gather(1, flat // width)
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
    kept = np.flatnonzero(scores > -np.inf)
    # One number for each span: sorting and comparing numbers is several times quicker than triples.
    unit = int(ends[kept].max(initial=0)) + 1
    spans = (rows[kept] * unit + starts[kept]) * unit + ends[kept]
    order = np.lexsort((spans, -scores[kept], rows[kept]))
    # Of equal spans, np.unique names the first in this order, which is the best.
    _, first = np.unique(spans[order], return_index=True)
    chosen = kept[order[np.sort(first)]]
    row = rows[chosen]
    _, begins, counts = np.unique(row, return_index=True, return_counts=True)
    rank = np.arange(len(row)) - np.repeat(begins, counts)
    return np.asarray(chosen[rank < n_best])
