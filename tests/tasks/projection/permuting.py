"""A translation engine whose every position is known: it respells words, moves them about, and abuses tags on purpose.

Words are respelled by a seeded permutation of letters, so equal words stay equal and different ones different. Words
and whole marks change places within their sentence; punctuation stays. Where each answer truly stands in what comes
back is kept, whatever has then been done to its tags.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from storage.examples import Span
from tasks.mt.markup import Markup, closing, escape, opening, read
from tasks.projection.marking import Marked
from tests.tasks.projection.tag_faults import FAULTS, Atoms, Fault, Mark, Text, spelled

VOWELS, CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxyz"
DISTANCE = 3.0
"""How far, in words, one may move."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the engine gave back for a marked text, and what a perfect reader makes of it.

    `places` and `faults` are by number of the mark.
    """

    text: str
    context: str
    places: dict[int, Span]
    faults: dict[int, Fault]


@dataclass(slots=True)
class _Branch:
    """A mark (0 stands for the whole text) with its words, what is between them, and the marks inside it."""

    number: int
    items: "list[str | _Branch]" = field(default_factory=list)


class Permuting:
    """The engine.

    Args:
        seed: of the spelling, the order of words and the faults.
        rates: how likely each fault is to befall a mark; a mark has one fault at most.
    """

    def __init__(self, seed: int, rates: Mapping[Fault, float] = MappingProxyType({})) -> None:
        self.seed = seed
        self.rates = dict(rates)
        rng = random.Random(seed)
        spelling = {}
        for letters in (VOWELS, CONSONANTS):
            spelling |= dict(zip(letters, rng.sample(letters, len(letters)), strict=True))
        self._spelling = str.maketrans(spelling | {a.upper(): b.upper() for a, b in spelling.items()})

    def respelled(self, text: str) -> str:
        """A text word by word, in its own order: what an answer is alone."""
        return text.translate(self._spelling)

    def translate(self, marked: Marked) -> Truth:
        """The translation of a marked text; the same one every time."""
        rng = random.Random(f"{self.seed} {marked.text}")
        atoms: Atoms = []
        self._flatten(_tree(marked), frozenset(), atoms, rng)
        faults = {}
        for number in rng.sample(range(1, len(marked.spans) + 1), len(marked.spans)):
            fault = self._drawn(rng)
            if fault and FAULTS[fault](atoms, number, rng):
                faults[number] = fault
        return Truth(_written(atoms, marked.markup, faults), *_positions(atoms), faults)

    def _drawn(self, rng: random.Random) -> Fault | None:
        drawn = rng.random()
        for fault, rate in self.rates.items():
            drawn -= rate
            if drawn < 0:
                return fault
        return None

    def _flatten(self, branch: _Branch, owners: frozenset[int], atoms: Atoms, rng: random.Random) -> None:
        for item in _shuffled(branch.items, rng):
            if isinstance(item, str):
                atoms.append(Text(self.respelled(item), owners))
            else:
                atoms.append(Mark(item.number, False))
                self._flatten(item, owners | {item.number}, atoms, rng)
                atoms.append(Mark(item.number, True))


def _tree(marked: Marked) -> _Branch:
    root = _Branch(0)
    path = [root]
    for token in read(marked.text, marked.markup):
        if isinstance(token, str):
            path[-1].items += re.findall(r"\w+|\W", token)
        elif token.closing:
            path.pop()
        else:
            path[-1].items.append(branch := _Branch(token.number))
            path.append(branch)
    return root


def _shuffled(items: list[str | _Branch], rng: random.Random) -> list[str | _Branch]:
    """The words and marks of each sentence at each other's places; what is between them stays."""
    result = list(items)
    places: list[int] = []
    for i, item in enumerate([*items, "."]):
        if isinstance(item, _Branch) or item[0].isalnum():
            places.append(i)
        elif item in ".!?":
            order = sorted(places, key=lambda place: places.index(place) + rng.uniform(0, DISTANCE))
            for place, other in zip(places, order, strict=True):
                result[place] = items[other]
            places = []
    return result


def _written(atoms: Atoms, markup: Markup, faults: Mapping[int, Fault]) -> str:
    parts = []
    doubled = Fault.DOUBLED_ENTITIES in faults.values()
    for atom in atoms:
        if isinstance(atom, Text):
            text = escape(atom.text, markup)
            parts.append(text.replace("&", "&amp;") if doubled else text)
        else:
            tag = (closing if atom.closing else opening)(atom.number, markup)
            parts.append(spelled(tag, atom.spelling, atom.closing))
    return "".join(parts)


def _positions(atoms: Atoms) -> tuple[str, dict[int, Span]]:
    """The plain text, and from the first to the last character of what belongs to each mark."""
    places: dict[int, Span] = {}
    text = ""
    for atom in atoms:
        if isinstance(atom, Text):
            end = len(text) + len(atom.text)
            for number in atom.owners:
                places[number] = Span(places[number].start if number in places else len(text), end)
            text += atom.text
    return text, places
