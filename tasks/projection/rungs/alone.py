"""The answer as the engine translates it by itself, found again in the translated context, though not to the letter."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from storage.examples import Span
from tasks.projection.alignment.words import words
from tasks.projection.rungs.case import Candidate, Case, expected_place, window

_LEAST = 0.5
"""Below this ratio what was found has nothing to do with the answer."""
_SAME = 0.02
"""Ratios that differ by less than this are settled by the place."""

Bounds = Sequence[tuple[int, int]]
"""Where the words of a text start and end."""


def alone(case: Case) -> Candidate | None:
    """The words in the window most like the answer's own translation; the score is rapidfuzz's ratio.

    Places that are equally like it (repeated answers) are told apart by their distance from the expected one.
    """
    if not case.alone:
        return None
    within = window(case)
    wanted = folded(case.alone.strip())
    around = folded(case.text[within.start : within.end])
    cut = words(around, case.target)
    bounds = list(zip(cut.starts.tolist(), cut.ends.tolist(), strict=True))
    places = [_fitted(around, wanted, bounds, seed) for seed in _seeds(around, wanted)] if bounds else []
    if not places:
        return None
    best = max(score for _, score in places)
    if best < _LEAST:
        return None
    middle = expected_place(case) - within.start
    close = [(span, score) for span, score in places if score >= best - _SAME]
    span, score = min(close, key=lambda found: abs((found[0].start + found[0].end) / 2 - middle))
    return Candidate(Span(within.start + span.start, within.start + span.end), score)


def folded(text: str) -> str:
    """A text in lower case, with every character where it was."""
    lower = text.lower()
    return (
        lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )


def _seeds(around: str, wanted: str) -> list[tuple[int, int]]:
    """Where to begin: every place where it stands to the letter, else the one that is most like it."""
    exact = [match.span() for match in re.finditer(re.escape(wanted), around)]
    if exact:
        return exact
    found = fuzz.partial_ratio_alignment(wanted, around)
    if found is None or found.dest_end <= found.dest_start:
        return []
    return [(found.dest_start, found.dest_end)]


def _fitted(around: str, wanted: str, bounds: Bounds, seed: tuple[int, int]) -> tuple[Span, float]:
    """The seed moved to the bounds of words, then by a word at either end for as long as that makes it more alike."""
    first = max((i for i, (left, _) in enumerate(bounds) if left <= seed[0]), default=0)
    last = max(first, next((i for i, (_, right) in enumerate(bounds) if right >= seed[1]), len(bounds) - 1))
    best = _ratio(around, wanted, bounds, first, last)
    while True:
        moves = [(first - 1, last), (first + 1, last), (first, last - 1), (first, last + 1)]
        inside = [(i, j) for i, j in moves if 0 <= i <= j < len(bounds)]
        top = max(((_ratio(around, wanted, bounds, i, j), i, j) for i, j in inside), default=(0.0, 0, 0))
        if top[0] <= best:
            return Span(bounds[first][0], bounds[last][1]), best
        best, first, last = top


def _ratio(around: str, wanted: str, bounds: Bounds, first: int, last: int) -> float:
    return fuzz.ratio(around[bounds[first][0] : bounds[last][1]], wanted) / 100
