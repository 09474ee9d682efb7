"""What can be spoken of in a world: facts of names, each a noun with a value ("Bokem: weight seven stone").

Values are of several kinds, and a noun has values of one kind. A story tells four facts of one name; at least two of
them have values of the same kind as the fact that is asked for, so that only the noun tells the answer.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

ENGLISH = "en"

NAMES, NOUNS, KINDS, VALUES, MODIFIERS, FILLERS, DIGITS = 60, 40, 8, 6, 8, 10, 10
TRAINING_NAMES = 40
"""The first of the names are trained on, the others are kept for tests."""
FACTS = 4
"""Facts in a story."""
OF_A_KIND = 3
"""So many of them, the one asked for among them, have values of the same kind."""
MODIFIED, COUNTED = 0.3, 0.2
"""Chances of a modifier in a value, and of a digit after it."""

PARTICLE, LINK = "particle", "link"
"""Function words: each language puts them elsewhere, or nowhere."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A noun, and its value as concepts and digits in English order."""

    noun: int
    value: tuple[str, ...]

    @property
    def kind(self) -> int:
        """What kind of value the noun has: 0 .. KINDS - 1."""
        return self.noun % KINDS


@dataclass(frozen=True, slots=True)
class Story:
    """What one text tells: facts of a name, in an order; the first fact is the one that is asked for."""

    name: str
    facts: tuple[Fact, ...]
    order: tuple[int, ...]


def concepts() -> list[str]:
    """All that every language has a word for, in a fixed order."""
    return [
        *(f"noun {noun}" for noun in range(NOUNS)),
        *(f"value {kind}.{value}" for kind, value in product(range(KINDS), range(VALUES))),
        *(f"modifier {number}" for number in range(MODIFIERS)),
        *(f"filler {number}" for number in range(FILLERS)),
        PARTICLE,
        LINK,
        *(f"which {number}" for number in range(4)),
    ]


def draw_story(rng: random.Random, names: Sequence[str], asked: Sequence[int] = range(NOUNS)) -> Story:
    """A story of one of these names that asks for one of these nouns."""
    noun = rng.choice(asked)
    nouns = [noun]
    while len(nouns) < FACTS:
        alike = (noun + KINDS * rng.randrange(1, NOUNS // KINDS)) % NOUNS
        other = alike if len(nouns) < OF_A_KIND else rng.randrange(NOUNS)
        if other not in nouns:
            nouns.append(other)
    heads: set[str] = set()
    facts = tuple(Fact(noun, _value(rng, noun % KINDS, heads)) for noun in nouns)
    return Story(rng.choice(names), facts, tuple(rng.sample(range(FACTS), FACTS)))


def draw_filler(rng: random.Random) -> str:
    """One of the fillers, by Zipf's law."""
    return f"filler {rng.choices(range(FILLERS), [1 / (rank + 2) for rank in range(FILLERS)])[0]}"


def _value(rng: random.Random, kind: int, taken: set[str]) -> tuple[str, ...]:
    """One to three concepts; lower values are more frequent, and none is taken twice in a story.

    Two facts of one value would be one answer at two places: a reader that finds the wrong one would score.
    """
    head = ""
    while not head or head in taken:
        head = f"value {kind}.{min(rng.randrange(VALUES), rng.randrange(VALUES))}"
    taken.add(head)
    value = [head]
    if rng.random() < MODIFIED:
        value.insert(0, f"modifier {rng.randrange(MODIFIERS)}")
    if rng.random() < COUNTED:
        value.append(str(rng.randrange(DIGITS)))
    return tuple(value)
