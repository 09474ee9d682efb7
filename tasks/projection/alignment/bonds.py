"""Which neighbouring characters belong together, in scripts that put no spaces between words.

A span must not end inside a word, and nothing in the text says where Chinese words end; but the characters of a word
stand side by side far more often than chance would have it (pointwise mutual information; Church and Hanks 1990).
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from tasks.projection.alignment.words import Words, is_unspaced

_DISCOUNT = 0.65
"""Taken off each count, so that what stood together twice by chance does not weigh much."""


def bonds(texts: Iterable[Words]) -> dict[str, float]:
    """The pairs of characters that stand together at least twice and more often than by chance, in nats."""
    texts = list(texts)
    singles = Counter(form for text in texts for form in text.forms)
    pairs = Counter(pair for text in texts for _, pair in _pairs(text))
    total = sum(singles.values())
    found = {
        pair[0] + pair[1]: math.log((count - _DISCOUNT) * total / (singles[pair[0]] * singles[pair[1]]))
        for pair, count in pairs.items()
        if count > 1
    }
    return {pair: found[pair] for pair in sorted(found) if found[pair] > 0}


def bonds_of(text: Words, known: Mapping[str, float]) -> npt.NDArray[np.float32]:
    """(W + 1,) how closely each word is bound to the one before it; nothing before the first and after the last."""
    found = np.zeros(len(text) + 1, np.float32)
    if known:
        for place, (one, other) in _pairs(text):
            found[place] = known.get(one + other, 0)
    return found


def _pairs(text: Words) -> Iterator[tuple[int, tuple[str, str]]]:
    """The place of the second, and both characters."""
    unspaced = [is_unspaced(form[0]) for form in text.forms]
    for place in range(1, len(text)):
        if unspaced[place] and unspaced[place - 1]:
            yield place, (text.forms[place - 1], text.forms[place])
