"""How far an engine's answers have moved: chrF between what it said before and what it says now.

chrF (Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015) of the new answers against the
old ones, tags included, because an engine that begins to lose them has changed for us. It needs no tokenizer, so it is
the same figure in every language; 100 means that not a character moved.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sacrebleu.metrics import CHRF

SHOWN = 10
"""So many of the most changed segments are told."""

NOISE_FACTOR = 2.0
"""An engine that answers otherwise each time has to move this many times as far as that to count as changed."""

Answers = Mapping[str, str | None]
"""Answers by text; None where nothing usable came back."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One segment whose answer is another: the text, both answers, and their chrF."""

    text: str
    before: str | None
    after: str | None
    chrf: float


@dataclass(frozen=True, slots=True)
class Drift:
    """How far answers have moved: `moved` is 100 minus the chrF of all, in points."""

    compared: int
    changed: int
    moved: float
    signature: str
    segments: tuple[Moved, ...] = ()
    """Those that changed most, at most `SHOWN`."""

    def to_json(self) -> dict[str, Any]:
        """As a plain JSON object, its figures rounded to what they can tell."""
        segments = [{**asdict(moved), "chrf": round(moved.chrf, 2)} for moved in self.segments]
        return {**asdict(self), "moved": round(self.moved, 4), "segments": segments}


def drift(before: Answers, after: Answers) -> Drift | None:
    """How far the answers to the texts that both know have moved; None where there is no such text.

    An answer that is missing on one side counts as wholly changed, one that is missing on both as unchanged.
    """
    pairs = {text: (before[text], after[text]) for text in before if text in after}
    if not pairs:
        return None
    metric = CHRF()
    old, new = ([side[place] or "" for side in pairs.values()] for place in (0, 1))
    moved = 100.0 - metric.corpus_score(new, [old]).score
    changed = [
        Moved(text, *sides, _chrf(metric, *sides)) for text, sides in pairs.items() if sides[0] != sides[1]
    ]
    most = sorted(changed, key=lambda segment: segment.chrf)[:SHOWN]
    return Drift(
        len(pairs), len(changed), moved if changed else 0.0, str(metric.get_signature()), tuple(most)
    )


def bound(threshold: float, noise: float) -> float:
    """What answers have to move by, in points, to count as changed, where asking twice moves them by `noise`.

    >>> bound(1.0, 0.0), bound(1.0, 4.0)
    (1.0, 8.0)
    """
    return max(threshold, NOISE_FACTOR * noise)


def _chrf(metric: CHRF, before: str | None, after: str | None) -> float:
    return float(metric.sentence_score(after or "", [before or ""]).score)
