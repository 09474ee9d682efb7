"""From word links to the span of a translation that stands for a span of the source.

All spans of target words near the links are scored at once, and the best is taken. A span's score is a log-linear
model of how likely its words come from the source span and those around it do not, in both directions; of how likely a
translation of that length is; and of marks and words that a span does not cut. Its weights hold for all languages:
fitted on the articles of even index of XQuAD in five of them.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from storage.examples import Span
from tasks.projection.alignment.aligner import Alignment

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_FLOOR = 0.02
"""Added to every probability: no single word may rule a span out."""
_COMES = 0.2
"""Weight of: each word comes from the source span rather than from nowhere or elsewhere; and rather than elsewhere."""
_COVERED = 0.7
"""Weight of: each word of the source span has its counterpart inside."""
_CLEAR = 0.3
"""Weight of: no word outside the source span has its counterpart inside."""
_LENGTH = 1.5
"""Weight of the squared log of the span's length in characters over the expected one."""
_BOND = 0.9
"""Weight of a bond that an edge cuts, in nats."""
_UNBALANCED = 2.0
"""Cost of each bracket or quotation mark without its partner."""
_SIGN = 4.0
"""Cost of a sign at an edge where the source span has none."""
_SHARPNESS = 0.8
"""Makes scores probabilities: a span's expected overlap is then about what is found."""
_WIDEST = 200
"""Words that are looked at; what is linked beyond them is far too much for one answer."""

_OPENERS = frozenset("([{（【「『《“‘„«")
_CLOSERS = frozenset(")]}）】」』》”’»")


@dataclass(frozen=True, slots=True)
class AlignedSpan:
    """A span of the target text; `score` in [0, 1] is the overlap (Dice) that the model expects of it and the truth."""

    span: Span
    score: float


def find_span(alignment: Alignment, span: Span, within: Span | None = None) -> AlignedSpan | None:
    """The target words that stand for a source span; None where none is linked to it.

    Args:
        alignment: of the two texts.
        span: in the source text, code points; a word that it cuts counts as inside.
        within: where in the target text to look; everywhere if None.
    """
    asked = (alignment.source.starts < span.end) & (alignment.source.ends > span.start)
    window = _window(alignment, asked, within)
    if window is None:
        return None
    first, last = _candidates(window[1] - window[0])
    first, last = first + window[0], last + window[0]
    starts, ends = alignment.target.starts[first], alignment.target.ends[last - 1]
    found = _linked(alignment, asked, window, first, last)
    found -= _LENGTH * np.log((ends - starts) / _expected(alignment, span)) ** 2
    found -= _edges(alignment, asked, first, last)
    best = int(found.argmax())
    return AlignedSpan(Span(int(starts[best]), int(ends[best])), _overlap(found, starts, ends, best))


def _window(alignment: Alignment, asked: Mask, within: Span | None) -> tuple[int, int] | None:
    """Target words from the first to the last that has a link worth mentioning, and a neighbour on either side."""
    target = alignment.target
    mass = alignment.forward[asked].sum(axis=0) + alignment.backward[asked].sum(axis=0)
    usable = np.ones(len(target), np.bool_)
    if within is not None:
        usable = (target.starts >= within.start) & (target.ends <= within.end)
    linked = np.flatnonzero((mass > _FLOOR) & usable)
    if not len(linked):
        return None
    if linked[-1] - linked[0] > _WIDEST:
        peak = linked[np.argmax(mass[linked])]
        linked = linked[np.abs(linked - peak) <= _WIDEST // 2]
    allowed = np.flatnonzero(usable)
    return max(int(linked[0]) - 1, int(allowed[0])), min(int(linked[-1]) + 2, int(allowed[-1]) + 1)


def _candidates(size: int) -> tuple[Places, Places]:
    """All spans `[first, last)` of so many words."""
    first, last = np.triu_indices(size)
    return first.astype(np.int64), last.astype(np.int64) + 1


def _linked(
    alignment: Alignment, asked: Mask, window: tuple[int, int], first: Places, last: Places
) -> Floats:
    """How well the links of both directions fit each span."""
    low, high = window
    forward, backward = alignment.forward[:, low:high], alignment.backward[:, low:high].astype(np.float64)
    ours = forward[asked].sum(axis=0, dtype=np.float64)
    others = forward[~asked].sum(axis=0, dtype=np.float64)
    here = 2 * np.log(ours + _FLOOR) - np.log(np.maximum(1 - ours, 0) + _FLOOR) - np.log(others + _FLOOR)
    first, last = first - low, last - low
    found: Floats = _COMES * (_sums(here)[last] - _sums(here)[first])
    counts = np.clip(_sums(backward), 0, 1)
    for row in np.flatnonzero(asked):
        found += _COVERED * np.log(np.maximum(counts[row, last] - counts[row, first], 0) + _FLOOR)
    # A word without links in the window says the same of every span.
    for row in np.flatnonzero(~asked & (counts[:, -1] > _FLOOR / 4)):
        found += _CLEAR * np.log(1 - (counts[row, last] - counts[row, first]) + _FLOOR)
    return found


def _edges(alignment: Alignment, asked: Mask, first: Places, last: Places) -> Floats:
    """What it costs to begin and to end there."""
    target = alignment.target
    signs = np.array([_is_sign(form) for form in target.forms], dtype=np.float64)
    inside = np.flatnonzero(asked)
    begins, ends = (_is_sign(alignment.source.forms[place]) for place in (inside[0], inside[-1]))
    found: Floats = _SIGN * ((not begins) * signs[first] + (not ends) * signs[last - 1])
    depth = _sums(np.array([(form in _OPENERS) - float(form in _CLOSERS) for form in target.forms]))
    found += _UNBALANCED * np.abs(depth[last] - depth[first])
    if len(alignment.bonds):
        found += _BOND * (alignment.bonds[first] + alignment.bonds[last])
    return found


def _expected(alignment: Alignment, span: Span) -> float:
    """Characters of a translation of the span, by the length of the whole translation."""
    return max(len(span), 1) * len(alignment.target.text) / len(alignment.source.text)


def _overlap(found: Floats, starts: Any, ends: Any, best: int) -> float:
    """Dice of the best span with the true one, expected over all spans."""
    chances = np.exp(_SHARPNESS * (found - found[best]))
    shared = np.maximum(np.minimum(ends, ends[best]) - np.maximum(starts, starts[best]), 0)
    overlaps = 2 * shared / (ends - starts + ends[best] - starts[best])
    return float(min(1.0, (chances * overlaps).sum() / chances.sum()))


def _sums(values: Any) -> Floats:
    """Sums of the first 0, 1, ... values along the last axis."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums


@lru_cache(maxsize=1 << 16)
def _is_sign(form: str) -> bool:
    return all(unicodedata.category(char)[0] in "PSZ" for char in form)
