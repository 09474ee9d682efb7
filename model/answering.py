"""A network's best spans for windows: batched by length, exact, as code points of the contexts."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from model.batches import micro_batches, to_tensors
from model.features import Windows
from model.nbest import Floats, best_per_row, best_spans
from model.network import Reader
from model.texts import Ints


class Found(NamedTuple):
    """N spans: their row, half-open code points and score, all (N,)."""

    rows: Ints
    starts: Ints
    ends: Ints
    scores: Floats

    def best(self, n_best: int) -> "Found":
        """The best of each row, sorted by row, then best first; equal spans count once."""
        chosen = best_per_row(*self, n_best)
        return Found(self.rows[chosen], self.starts[chosen], self.ends[chosen], self.scores[chosen])


def find_spans(
    reader: Reader,
    windows: Windows,
    device: torch.device,
    *,
    n_best: int,
    max_answer_tokens: int,
    max_batch_tokens: int,
    on_windows: Callable[[int], None] = lambda _: None,
) -> Found:
    """The best spans of each window, in no particular order.

    Windows run in batches of like length that pad to at most `max_batch_tokens`, the longest first, so that what
    does not fit into memory fails at once. `on_windows` is told how many windows each batch had.
    """
    found = [_none()]
    for chosen in micro_batches(np.arange(len(windows)), windows.lengths, max_tokens=max_batch_tokens):
        batch = windows.take(chosen)
        with torch.inference_mode():
            logits = reader.answer_logits(to_tensors(batch, device))
            found.append(spans_of(batch, *logits, n_best=n_best, max_tokens=max_answer_tokens))
        on_windows(len(chosen))
    return Found(*(np.concatenate(column) for column in zip(*found, strict=True)))


def spans_of(
    windows: Windows,
    start_logits: torch.Tensor,
    end_logits: torch.Tensor,
    *,
    n_best: int,
    max_tokens: int,
) -> Found:
    """The best spans of windows whose logits (B, T) are known, padded as by `Windows.assemble`."""
    allowed = torch.from_numpy(windows.is_context()).to(start_logits.device)
    spans = best_spans(start_logits, end_logits, allowed, n_best=n_best, max_tokens=max_tokens)
    real = spans.scores > -np.inf
    owners = windows.take(np.nonzero(real)[0])
    starts, ends = owners.code_points(spans.first[real], spans.last[real])
    # A byte-level token can be nothing but white space, which is no answer.
    told = starts < ends
    return Found(owners.row[told], starts[told], ends[told], spans.scores[real][told])


def _none() -> Found:
    nowhere = np.zeros(0, dtype=np.int64)
    return Found(nowhere, nowhere, nowhere, np.zeros(0, dtype=np.float32))
