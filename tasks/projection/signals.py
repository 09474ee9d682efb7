"""What tells good candidates from bad ones: how far the rungs agree, and what an answer and its translation share.

A signal is a number near [0, 1] that means the same in every language; the model in `tasks.projection.confidence`
weighs them. What is not known (no aligner, no answer translated alone) is 0, and a signal of its own says so.
"""

import math
import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from storage.examples import Span
from tasks.projection.ladder import Found
from tasks.projection.outcomes import Method
from tasks.projection.rungs.alone import folded
from tasks.projection.rungs.case import Case, covered, hull

SIGNALS: tuple[str, ...] = (
    "tagged",  # tags of the answer came back
    "unsound",  # but not as they were sent
    "pieces",  # log2 of the number of pieces
    "outside",  # share of the candidate that stood outside the tags
    "missing",  # share of what stood between the tags that the candidate lacks
    "with-tags",  # overlap with what stood between the tags
    "verbatim",  # the answer stands there unchanged, and is a name or a number
    "alone",  # the answer was translated alone, and found
    "with-alone",  # overlap with where that was found
    "like-alone",  # likeness of the candidate to it
    "alone-score",  # its own score
    "aligned",  # an aligner found something
    "with-aligned",  # overlap with what it found
    "aligned-score",  # its own score
    "long",  # logarithm of the answer's number of words
    "ratio",  # how far the length is from what the texts' lengths make expected
    "far",  # how much farther than a sentence the place is from that in the source
    "copied",  # share of words in lower case that stand in the answer as they are: not translated
    "names",  # share of words with a capital or a digit
    "numeric",  # the answer holds digits
    "digits",  # and the candidate holds others
)
"""The columns of a matrix of signals, in order."""

_SENTENCE = 120
"""Characters of a sentence: within it, languages put their words in any order."""
_DIGITS = re.compile(r"\d")


def signals(case: Case, found: Sequence[Found]) -> list[list[float]]:
    """The signals of what each rung found; those that found the same have the same.

    Args:
        case: the answer and the translation.
        found: what the rungs found, in the order of the ladder.
    """
    spans = list(dict.fromkeys(one.span for one in found))
    rows = {span: signals_of(case, found, span) for span in spans}
    return [rows[one.span] for one in found]


def signals_of(case: Case, found: Sequence[Found], span: Span) -> list[float]:
    """The signals of one of the spans that were found."""
    by = {one.method: one for one in found}
    return [*_of_tags(case, span, by), *_of_others(case, span, by), *_of_text(case, span)]


def overlap(one: Span, other: Span) -> float:
    """Dice's coefficient of two ranges: 1.0 only where they are equal.

    >>> overlap(Span(0, 4), Span(2, 6))
    0.5
    """
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared / (one.end - one.start + other.end - other.start) if shared > 0 else 0.0


def _of_tags(case: Case, span: Span, by: Mapping[Method, Found]) -> tuple[float, ...]:
    pieces = case.pieces
    if not pieces:
        return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if Method.EXACT in by and span == pieces[0]:
        return 1.0, 0.0, 0.0, 0.0, 0.0, 1.0
    size, held, inside = span.end - span.start, covered(pieces, hull(pieces)), covered(pieces, span)
    count = min(2.0, math.log2(len(pieces)))
    like = 2 * inside / (size + held)
    return 1.0, float(not case.sound), count, 1 - inside / size, 1 - inside / held, like


def _of_others(case: Case, span: Span, by: Mapping[Method, Found]) -> tuple[float, ...]:
    if not (case.alone or case.alignment):
        return _is_verbatim(case, span, by), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    alone, aligned = by.get(Method.ALONE), by.get(Method.ALIGNED)
    like = (
        fuzz.ratio(folded(case.text[span.start : span.end]), folded(case.alone)) / 100 if case.alone else 0.0
    )
    return (
        _is_verbatim(case, span, by),
        float(alone is not None),
        overlap(span, alone.span) if alone else 0.0,
        like,
        alone.score if alone else 0.0,
        float(aligned is not None),
        overlap(span, aligned.span) if aligned else 0.0,
        aligned.score if aligned else 0.0,
    )


def _is_verbatim(case: Case, span: Span, by: Mapping[Method, Found]) -> float:
    """Common words that stayed what they were do not count: they were not translated."""
    same = Method.VERBATIM in by and by[Method.VERBATIM].span == span
    return float(same and not case.answer.islower())


def _of_text(case: Case, span: Span) -> tuple[float, ...]:
    answer, text = case.answer, case.text[span.start : span.end]
    theirs, ours = answer.split(), text.split()
    count = max(1, len(ours))
    ratio = len(text) * len(case.context) / (len(answer) * len(case.text))
    middle = (case.span.start + case.span.end) / 2 * len(case.text) / len(case.context)
    drift = abs((span.start + span.end) / 2 - middle)
    lower = [word for word in ours if word.islower()]
    copied = len([word for word in lower if word in theirs]) / count
    names = (len(ours) - len(lower)) / count
    digits = sorted(_DIGITS.findall(answer))
    return (
        math.log(1 + len(theirs)),
        min(1.0, abs(math.log(ratio))),
        min(1.0, max(0.0, drift / _SENTENCE - 1)),
        copied,
        names,
        float(bool(digits)),
        float(digits != sorted(_DIGITS.findall(text))),
    )
