"""The languages of a world: words of their own for the same concepts, word orders of their own, shared names."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from tasks.laboratory.concepts import DIGITS, ENGLISH, NAMES, TRAINING_NAMES, Story, concepts, draw_filler

FILLED = 0.06
"""The chance of a filler after a word that is neither part of a value nor of a question word."""

CONSONANTS = ("bdgk", "lmnr", "pstv", "fhjw", "cqxz")
"""Each language has the syllables of four; from the sixth on words are longer instead."""
VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a language puts a fact and a question into words, slot by slot."""

    fact: tuple[str, ...]
    question: tuple[str, ...]
    value_reversed: bool = False


def _grammar(fact: str, question: str, *, value_reversed: bool = False) -> Grammar:
    return Grammar(tuple(fact.split()), tuple(question.split()), value_reversed)


GRAMMARS = (
    _grammar("noun value link .", "which link noun particle name ?"),
    _grammar("particle noun value .", "name particle noun which ?"),
    _grammar("noun value .", "which noun name particle ?", value_reversed=True),
    _grammar("link noun value particle .", "name link noun which ?", value_reversed=True),
    _grammar("noun value particle .", "noun particle name which ?"),
)
"""Those of the first five languages, English first; later ones mix them."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Words, and the half-open range of those that are the value (empty where there is none)."""

    words: tuple[str, ...]
    value: tuple[int, int] = (0, 0)

    @property
    def text(self) -> str:
        """The words with a blank between each two."""
        return " ".join(self.words)

    @property
    def answer(self) -> tuple[str, int]:
        """The value as text, and the code point at which it begins."""
        first, after = self.value
        return " ".join(self.words[first:after]), len(" ".join((*self.words[:first], "")))


@dataclass(frozen=True)
class Tongue:
    """One language of a world."""

    code: str
    grammar: Grammar
    words: dict[str, str]
    """By concept."""

    @cached_property
    def meanings(self) -> dict[str, str]:
        """By word."""
        return {word: concept for concept, word in self.words.items()}

    def context(self, story: Story, rng: random.Random) -> Statement:
        """The story as a text; the value is that of the fact asked for."""
        words, value = [story.name], (0, 0)
        for number in story.order:
            said = self._say(self.grammar.fact, story, number, rng)
            if number == 0:
                value = (len(words) + said.value[0], len(words) + said.value[1])
            words += said.words
        return Statement(tuple(words), value)

    def question(self, story: Story, rng: random.Random) -> Statement:
        """Asks for the first fact."""
        return self._say(self.grammar.question, story, 0, rng)

    def answered(self, story: Story, rng: random.Random) -> Statement:
        """The question's words with the value in the place of the question word."""
        pattern = tuple("value" if slot == "which" else slot for slot in self.grammar.question)
        return self._say(pattern, story, 0, rng)

    def value(self, parts: Sequence[str]) -> list[str]:
        """A value's concepts, given in English order, as words in this language's order."""
        ordered = parts[::-1] if self.grammar.value_reversed else parts
        return [self.words.get(part, part) for part in ordered]

    def _say(self, pattern: Sequence[str], story: Story, number: int, rng: random.Random) -> Statement:
        """Fills the slots of a pattern with a fact, and puts in fillers here and there."""
        words: list[str] = []
        value = (0, 0)
        for slot in pattern:
            begin = len(words)
            words += self._slot(slot, story, number)
            if slot == "value":
                value = (begin, len(words))
            if slot not in {"value", "which", ".", "?"} and rng.random() < FILLED:
                words.append(self.words[draw_filler(rng)])
        return Statement(tuple(words), value)

    def _slot(self, slot: str, story: Story, number: int) -> list[str]:
        fact = story.facts[number]
        if slot == "value":
            return self.value(fact.value)
        if slot == "name":
            return [story.name]
        concept = {"noun": f"noun {fact.noun}", "which": f"which {fact.kind % 4}"}.get(slot, slot)
        return [self.words.get(concept, slot)]


@dataclass(frozen=True)
class Tongues:
    """All languages of a world, by code, and what they share."""

    names: tuple[str, ...]
    by_code: dict[str, Tongue]

    @property
    def training_names(self) -> tuple[str, ...]:
        """Whom training tells of."""
        return self.names[:TRAINING_NAMES]

    @property
    def test_names(self) -> tuple[str, ...]:
        """Whom tests tell of, and training does not; pre-training tells of all."""
        return self.names[TRAINING_NAMES:]

    def vocabulary(self) -> list[tuple[str, int]]:
        """Every word, each once, with the number of its concept; -1 for what all languages share."""
        shared = [(word, -1) for word in (".", "?", *self.names, *map(str, range(DIGITS)))]
        own = (enumerate(tongue.words.values()) for tongue in self.by_code.values())
        return [*shared, *((word, number) for words in own for number, word in words)]


def make_tongues(seed: int, codes: Sequence[str]) -> Tongues:
    """The languages of these codes, of which the first is English; the same seed gives the same words."""
    if codes[0] != ENGLISH:
        raise ValueError(f"the first language is {codes[0]}, not English")
    made = {code: Tongue(code, _nth(place), _words(seed, code, place)) for place, code in enumerate(codes)}
    return Tongues(_names(seed), made)


def _nth(place: int) -> Grammar:
    count = len(GRAMMARS)
    if place < count:
        return GRAMMARS[place]
    fact, question = GRAMMARS[place % count].fact, GRAMMARS[(place + place // count) % count].question
    return Grammar(fact, question, value_reversed=bool(place % 2))


def _words(seed: int, code: str, place: int) -> dict[str, str]:
    """Consonants and lengths keep the languages apart: no word is one of two of them."""
    syllables = ["".join(pair) for pair in product(CONSONANTS[place % len(CONSONANTS)], VOWELS)]
    length, meant = 2 + place // len(CONSONANTS), concepts()
    forms = ["".join(parts) for parts in product(syllables, repeat=length)]
    return dict(zip(meant, random.Random(f"{seed} {code}").sample(forms, len(meant)), strict=True))


def _names(seed: int) -> tuple[str, ...]:
    forms = ["".join(letters) for letters in product("BDFGKLMNPRSTVZ", VOWELS, "bdgklmnprst")]
    return tuple(random.Random(f"{seed} names").sample(forms, NAMES))
