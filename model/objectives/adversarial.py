"""Language-adversarial training, AT (Bornea et al. 2021, Sec. 3.2, Algorithm 1).

B is the batch, K the number of languages. A discriminator D of languages is trained on Eq. 3, the reader
against it on Eq. 4. Whose parameters move on which loss is the schedule's business.
"""

import math

import torch


def discriminator_loss(language_logits: torch.Tensor, languages: torch.Tensor) -> torch.Tensor:
    """The cross-entropy of D against the questions' languages, L_D.

    Eq. 3: `-sum_l 1(g_l) log p_l`, the mean over the batch.

    Args:
        language_logits: (B, K) float, D's output for vectors through which no gradient may reach the reader.
        languages: (B,) int64 in [0, K).

    Returns:
        A scalar, in nats.

    Raises:
        ValueError: the shapes do not fit together.
    """
    _check(language_logits)
    if languages.shape != language_logits.shape[:1]:
        raise ValueError(f"languages must be (B,), not {languages.shape}")
    return torch.nn.functional.cross_entropy(language_logits.float(), languages)


def confusion_loss(language_logits: torch.Tensor) -> torch.Tensor:
    """How far D is from guessing, L_adv, which the reader minimises.

    Eq. 4: `KL(uniform || p) = -log K - 1/K sum_l log p_l`, the mean over the batch. It is 0 where D gives every
    language the same probability, and positive elsewhere. The minus sign printed before the sum in Eq. 4 cannot be
    meant: the text has the reader minimise the divergence.

    Args:
        language_logits: (B, K) float, D's output; D's parameters are not to move on this loss.

    Returns:
        A scalar, in nats.

    Raises:
        ValueError: the logits are not (B, K).
    """
    _check(language_logits)
    log_probabilities = language_logits.float().log_softmax(-1)
    return -log_probabilities.mean() - math.log(language_logits.shape[1])


def _check(language_logits: torch.Tensor) -> None:
    if language_logits.ndim != 2:
        raise ValueError(f"language_logits must be (B, K), not {language_logits.shape}")
