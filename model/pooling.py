"""One vector for a question: what the discriminator sees (Eq. 4) and what L_QS compares (Eq. 6)."""

import torch

from model.spec import QuestionVector


def question_vectors(
    hidden: torch.Tensor, questions: torch.Tensor, kind: QuestionVector, cls: int = 0
) -> torch.Tensor:
    """The questions' vectors from the encoder's last layer; float32.

    The paper found [CLS] best for AT and the average best for LAF, and tried [CLS] with [SEP] (Sec. 4.2).

    Args:
        hidden: (B, T, H) float, final hidden vectors.
        questions: (B, 2) int64, half-open positions of the question's own tokens; a [SEP] stands right after them.
        kind: which of the three.
        cls: the position of [CLS].

    Returns:
        (B, H) float32; (B, 2H) for `cls-sep`. The average over no token at all is zero.

    Raises:
        ValueError: `kind` is unset.
    """
    if kind is QuestionVector.AVERAGE:
        return _average(hidden, questions)
    if kind is QuestionVector.CLS:
        return hidden[:, cls].float()
    if kind is QuestionVector.CLS_SEP:
        rows = torch.arange(len(hidden), device=hidden.device)
        return torch.cat([hidden[:, cls], hidden[rows, questions[:, 1]]], dim=-1).float()
    raise ValueError("a question's vector must be one of cls, average, cls-sep")


def vector_width(hidden_size: int, kind: QuestionVector) -> int:
    """How many numbers a question's vector has."""
    return 2 * hidden_size if kind is QuestionVector.CLS_SEP else hidden_size


def question_mask(questions: torch.Tensor, tokens: int) -> torch.Tensor:
    """Which of `tokens` positions hold the question's tokens: (B, 2) half-open -> (B, T) bool."""
    position = torch.arange(tokens, device=questions.device)
    return (questions[:, :1] <= position) & (position < questions[:, 1:])


def _average(hidden: torch.Tensor, questions: torch.Tensor) -> torch.Tensor:
    mask = question_mask(questions, hidden.shape[1]).float()
    # As a product of matrices: no second tensor of the size of `hidden` comes about.
    total = torch.bmm(mask[:, None], hidden.float())[:, 0]
    return total / mask.sum(-1, keepdim=True).clamp(min=1)
