"""Marks on their way through the laboratory's engine: put back around the words that were marked, or not quite.

Real engines lose marks, split them where words move, and let them land beside their words; how often each happens
is a knob here, and whether it happens to a mark follows from its segment alone.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from tasks.laboratory.knobs import Faults
from tasks.laboratory.translating import Piece, Span

Marks = Mapping[int, Sequence[Span]]
"""By the number of a mark the spans of the source that it covers."""


def marked(pieces: Sequence[Piece], marks: Marks, faults: Faults, rng: random.Random) -> list[set[int]]:
    """The marks of each piece of a translation; pieces between the words of a mark are marked like them."""
    found: list[set[int]] = [set() for _ in pieces]
    words = [place for place, piece in enumerate(pieces) if piece.text.strip()]
    for number, spans in sorted(marks.items()):
        own = [
            place for place, word in enumerate(words) if any(_covers(span, pieces[word]) for span in spans)
        ]
        for first, last in _runs(_faulty(own, len(words), faults, rng)):
            for place in range(words[first], words[last] + 1):
                found[place].add(number)
    return found


def _covers(span: Span, piece: Piece) -> bool:
    return piece.source is not None and span[0] < piece.source[1] and piece.source[0] < span[1]


def _faulty(own: Sequence[int], words: int, faults: Faults, rng: random.Random) -> list[int]:
    """The words of a mark, by their numbers, as they come back."""
    chance = rng.random()
    if not own or chance < faults.lost:
        return []
    if chance < faults.lost + faults.split:
        return _split(own, words, rng)
    if chance < faults.lost + faults.split + faults.moved:
        step = rng.choice([-1, 1])
        return [place + step for place in own if 0 <= place + step < words]
    return list(own)


def _split(own: Sequence[int], words: int, rng: random.Random) -> list[int]:
    """A piece of the mark lands on a word further on, where there is one, or further back."""
    beyond = [place for place in (own[-1] + 2, own[-1] + 3, own[0] - 2, own[0] - 3) if 0 <= place < words]
    return sorted({*own, rng.choice(beyond)}) if beyond else list(own)


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and last number of each unbroken run.

    >>> list(_runs([2, 3, 5]))
    [(2, 3), (5, 5)]
    """
    first: int | None = None
    for place, after in zip_longest(places, places[1:]):
        first = place if first is None else first
        if after != place + 1:
            yield first, place
            first = None
