"""Answer extraction, the objective that every system shares (Bornea et al. 2021, Sec. 2).

Each function is one equation. Arguments are tensors with their shape in the docstring; B is the batch, T the
padded length in tokens. Nothing here knows of networks, optimizers or devices.
"""

import torch


def span_loss(
    start_logits: torch.Tensor,
    end_logits: torch.Tensor,
    start_positions: torch.Tensor,
    end_positions: torch.Tensor,
) -> torch.Tensor:
    """The cross-entropy of the gold start and end, L_QA.

    Eq. 2: `-1/2 (sum_t 1(b_t) log a_b^t + sum_t 1(e_t) log a_e^t)`, where `a_b`, `a_e` are softmaxes over
    tokens; the mean over the batch. No position is ignored: an answer outside of its window is to be
    labelled [CLS].

    Args:
        start_logits: (B, T) float; positions that are no tokens (padding) hold the lowest float.
        end_logits: (B, T) float.
        start_positions: (B,) int64 in [0, T).
        end_positions: (B,) int64 in [0, T).

    Returns:
        A scalar, in nats.

    Raises:
        ValueError: the shapes do not fit together.
        RuntimeError: a position lies outside of [0, T) (a device-side assertion on CUDA).
    """
    if start_logits.ndim != 2 or start_logits.shape != end_logits.shape:
        raise ValueError(f"logits must both be (B, T), not {start_logits.shape} and {end_logits.shape}")
    if start_positions.shape != start_logits.shape[:1] or end_positions.shape != start_logits.shape[:1]:
        raise ValueError(
            f"positions must both be (B,), not {start_positions.shape} and {end_positions.shape}"
        )
    log_start = start_logits.log_softmax(-1).gather(1, start_positions[:, None])
    log_end = end_logits.log_softmax(-1).gather(1, end_positions[:, None])
    return -(log_start + log_end).mean() / 2
