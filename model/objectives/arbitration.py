"""The language arbitration framework, LAF (Bornea et al. 2021, Sec. 3.3, Algorithm 2).

P is the number of pairs in the batch: an English question and its translation, on the same window of the same
context, so that the two sequences differ in the question alone. T is the padded length in tokens.
"""

import torch

from model.objectives.extraction import span_loss


def same_answer_labels(
    start_logits: torch.Tensor,
    end_logits: torch.Tensor,
    english_contexts: torch.Tensor,
    contexts: torch.Tensor,
    cls: int = 0,
) -> torch.Tensor:
    """Where the answer that the reader gives to the English question stands in the translated sequence.

    Algorithm 2, line 7: the arg-max start and the arg-max end, each for itself. Both are positions in the CONTEXT:
    in the other sequence it begins earlier or later by the difference in length of the two questions. Only tokens
    of the context and [CLS], "not in this window", can be the answer.

    Args:
        start_logits: (P, T) float, for the English questions.
        end_logits: (P, T) float.
        english_contexts: (P, 2) int64, half-open positions of the context in the English sequences.
        contexts: (P, 2) int64, the same in the translated ones; the lengths are equal.
        cls: the position of [CLS] in either.

    Returns:
        (P, 2) int64, first and last token, without gradient.
    """
    position = torch.arange(start_logits.shape[1], device=start_logits.device)
    inside = (english_contexts[:, :1] <= position) & (position < english_contexts[:, 1:])
    barred = ~(inside | (position == cls))
    logits = torch.stack([start_logits, end_logits], dim=1).detach()
    chosen = logits.masked_fill(barred[:, None], float("-inf")).argmax(-1)
    shift = contexts[:, :1] - english_contexts[:, :1]
    return torch.where(chosen == cls, chosen, chosen + shift)


def same_answer_loss(
    start_logits: torch.Tensor, end_logits: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """The cross-entropy of the answer to the English question, L_PSA.

    Eq. 5: `-1/2 (sum_t 1(b_t^En) log a_b^{l,t} + sum_t 1(e_t^En) log a_e^{l,t})`, the mean over the batch: Eq. 2
    with the English prediction for gold.

    Args:
        start_logits: (P, T) float, for the translated questions.
        end_logits: (P, T) float.
        labels: (P, 2) int64, of `same_answer_labels`.

    Returns:
        A scalar, in nats.

    Raises:
        ValueError: the shapes do not fit together.
    """
    return span_loss(start_logits, end_logits, labels[:, 0], labels[:, 1])


def question_similarity_loss(english_vectors: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
    """How far the two questions' vectors point apart, L_QS.

    Eq. 6: `1 - cosine(h_QEn, h_Ql)`, the mean over the batch: 0 where they are parallel, 2 where opposite.

    Args:
        english_vectors: (P, H) float.
        vectors: (P, H) float, of the translations.

    Returns:
        A scalar in [0, 2].

    Raises:
        ValueError: the shapes differ.
    """
    if english_vectors.ndim != 2 or english_vectors.shape != vectors.shape:
        raise ValueError(f"vectors must both be (P, H), not {english_vectors.shape} and {vectors.shape}")
    return 1 - torch.nn.functional.cosine_similarity(english_vectors, vectors, dim=-1).mean()
