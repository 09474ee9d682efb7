"""An answer that stayed what it was: a number, a name."""

from storage.examples import Span
from tasks.projection.rungs.case import Candidate, Case, expected_place, window


def verbatim(case: Case) -> Candidate | None:
    """Where the answer stands unchanged, as whole words.

    Where tags came back it is the place nearest to them. Without tags it must stand in the translation as often as in
    the source, and is the one of the same rank there. The score is one over the number of places.
    """
    answer = case.answer
    if answer not in case.text or not any(map(str.isalnum, answer)):
        return None
    starts = places(case.text, answer)
    start = _nearest(case, starts, len(answer)) if case.pieces or case.loose else _of_same_rank(case, starts)
    if start is None:
        return None
    return Candidate(Span(start, start + len(answer)), 1 / len(starts))


def places(text: str, part: str) -> list[int]:
    """Where a part stands in a text without a letter, digit or underscore on either side.

    >>> places("5 of 15, 5", "5")
    [0, 9]
    """
    found: list[int] = []
    start = text.find(part)
    while start >= 0:
        end = start + len(part)
        if not (start and _is_word(text[start - 1])) and not (end < len(text) and _is_word(text[end])):
            found.append(start)
        start = text.find(part, start + 1)
    return found


def _nearest(case: Case, starts: list[int], length: int) -> int | None:
    within = window(case)
    middle = expected_place(case) - length / 2
    inside = [start for start in starts if within.start <= start <= within.end - length]
    return min(inside, key=lambda start: abs(start - middle), default=None)


def _of_same_rank(case: Case, starts: list[int]) -> int | None:
    sources = places(case.context, case.answer)
    same = len(sources) == len(starts) and case.span.start in sources
    return starts[sources.index(case.span.start)] if same else None


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
