"""The hidden Markov model of word alignment, for many sentence pairs at a time.

Vogel, Ney and Tillmann (1996), "HMM-Based Word Alignment in Statistical Translation": each observed word is generated
by a word of the other language (its state); how likely a state follows another depends on how far it jumps. As in Och
and Ney (2003), Sec. 2.1.2, a word may come from nowhere, and the next jump then starts from the last state before it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

REACH = 15
"""Jumps further than this are as likely as this one."""
NOWHERE = 0.1
"""How likely a word comes from nowhere."""

_TINY = np.float32(1e-30)


@dataclass(frozen=True, slots=True)
class Sentences:
    """B sentence pairs seen from one side, padded: S states and T observed words at most.

    Attributes:
        emission: (T, B, S) how likely each word is under each state, up to a factor of the word's own; 0 in padding.
        unexplained: (T, B) how likely it is from nowhere, up to the same factor.
        states: (B,) numbers of states.
        lengths: (B,) numbers of words.
    """

    emission: Floats
    unexplained: Floats
    states: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]


def first_jumps() -> Floats:
    """(2 * REACH + 1,) how likely each jump is before anything is known: the next word, then all others by distance."""
    weights = np.exp(-0.5 * np.abs(np.arange(-REACH, REACH + 1) - 1))
    found: Floats = (weights / weights.sum()).astype(np.float32)
    return found


def posteriors(sentences: Sentences, jumps: Floats, *, counted: bool = True) -> tuple[Floats, Floats]:
    """How likely each word comes from each state, given all words: forward-backward (Rabiner 1989, Sec. III.A).

    Args:
        sentences: their emissions.
        jumps: (2 * REACH + 1,) weights, renormalised over the states that a sentence has.
        counted: whether jumps are counted, which takes time.

    Returns:
        (T, B, S) posteriors, 0 in padding; and (2 * REACH + 1,) the jumps expected, in numbers (0 unless counted).
    """
    steps = _Steps(sentences, jumps)
    forward, scales = _forward(sentences, steps)
    return _backward(sentences, steps, forward, scales, counted=counted)


class _Steps:
    """Transitions: `weights` (S, S) from state to state, `share` (B, S) what makes them probabilities."""

    def __init__(self, sentences: Sentences, jumps: Floats) -> None:
        size = sentences.emission.shape[2]
        states = np.arange(size)
        self.jump = np.clip(states[None, :] - states[:, None], -REACH, REACH) + REACH
        self.weights: Floats = jumps[self.jump]
        self.valid: Floats = (states[None, :] < sentences.states[:, None]).astype(np.float32)
        leaving: Floats = np.maximum(self.valid @ self.weights.T, _TINY)
        self.share: Floats = (1 - np.float32(NOWHERE)) / leaving
        self.start: Floats = np.divide(self.valid, sentences.states[:, None], dtype=np.float32)
        self.alive: npt.NDArray[np.bool_] = (
            np.arange(len(sentences.emission))[:, None] < sentences.lengths[None, :]
        )


def _forward(sentences: Sentences, steps: _Steps) -> tuple[tuple[Floats, Floats], Floats]:
    """Filtered probabilities (T, B, S) of words that come from the state, and of words from nowhere after it."""
    emission, nowhere = sentences.emission, NOWHERE * sentences.unexplained
    linked, loose = np.empty_like(emission), np.empty_like(emission)
    scales = np.ones(nowhere.shape, np.float32)
    before: Any = steps.start
    for t in range(len(emission)):
        arrived = (before * steps.share) @ steps.weights if t else np.float32(1 - NOWHERE) * before
        np.multiply(arrived, emission[t], out=linked[t])
        np.multiply(before, nowhere[t][:, None], out=loose[t])
        before = linked[t] + loose[t]
        scales[t] = np.where(steps.alive[t], np.maximum(before.sum(1), _TINY), 1)
        before /= scales[t][:, None]
    linked /= scales[:, :, None]
    loose /= scales[:, :, None]
    return (linked, loose), scales


def _backward(
    sentences: Sentences, steps: _Steps, forward: tuple[Floats, Floats], scales: Floats, *, counted: bool
) -> tuple[Floats, Floats]:
    linked, loose = forward
    emission = sentences.emission / scales[:, :, None]
    nowhere = NOWHERE * sentences.unexplained / scales
    future = np.ones(linked.shape[1:], np.float32)
    expected = np.zeros(steps.weights.shape, np.float32)
    for t in range(len(linked) - 1, -1, -1):
        alive = steps.alive[t][:, None]
        ahead = emission[t] * future
        linked[t] *= future * alive
        if t:
            if counted:
                expected += ((linked[t - 1] + loose[t - 1]) * steps.share * alive).T @ ahead
            earlier = steps.share * (ahead @ steps.weights.T) + nowhere[t][:, None] * future
            future = np.where(alive, earlier, 1)
    expected *= steps.weights
    jumps = np.bincount(steps.jump.ravel(), expected.ravel(), 2 * REACH + 1)
    return linked, jumps.astype(np.float32)
