"""A small world spoken of in several made-up languages, to learn question answering across languages from.

Things have names; a name has facts, each a noun with a value ("Bokem: weight 7 stone"). Every language has words
of its own for the same concepts, its own word order and function words. Names, digits and punctuation are shared.
A text tells four facts of one name, a question asks for the value of one noun of it. At least two other facts have
values of the same kind, so that only the noun tells the answer.

The concepts are the same in all languages, so a translation is exact; `noise` makes it worse. Nothing here is like a
natural language but the problem.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from storage.examples import Answer, Example

ENGLISH = "en"
TRANSLATED = ("qaa", "qab", "qac")
"""Languages that questions are translated into for training; codes that ISO 639 leaves for private use."""
UNSEEN = "qad"
"""A language that no question is translated into, as Vietnamese was for the paper."""
LANGUAGES = (ENGLISH, *TRANSLATED, UNSEEN)

NAMES, NOUNS, KINDS, VALUES, MODIFIERS, FILLERS, DIGITS = 60, 40, 8, 6, 8, 10, 10
FACTS = 4
"""Facts in a text."""
OF_A_KIND = 3
"""So many of them, the one asked for among them, have values of the same kind."""
MODIFIED, COUNTED, FILLED = 0.3, 0.2, 0.06
"""Chances of a modifier in a value, of a digit after it, and of a filler after any other word."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a language puts a fact and a question into words; its words are syllables of its own consonants."""

    consonants: str
    fact: str
    question: str
    value_reversed: bool = False


GRAMMARS: dict[str, Grammar] = {
    "en": Grammar("bdgk", "noun value link .", "which link noun particle name ?"),
    "qaa": Grammar("lmnr", "particle noun value .", "name particle noun which ?"),
    "qab": Grammar("pstv", "noun value .", "which noun name particle ?", value_reversed=True),
    "qac": Grammar("fhjw", "link noun value particle .", "name link noun which ?", value_reversed=True),
    "qad": Grammar("cqxz", "noun value particle .", "noun particle name which ?"),
}


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


@dataclass(frozen=True, slots=True)
class Statement:
    """Words, and the half-open range of those that are the value (empty where there is none)."""

    words: tuple[str, ...]
    value: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class World:
    """The words of all languages, and what can be said with them; the same for every seed of a story."""

    names: tuple[str, ...] = field(default_factory=lambda: _names(NAMES))
    words: dict[str, dict[str, str]] = field(
        default_factory=lambda: {code: _words(code) for code in GRAMMARS}
    )

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Every word of every language, each once; shared ones first."""
        own = (word for words in self.words.values() for word in words.values())
        return (".", "?", *self.names, *map(str, range(DIGITS)), *own)

    def story(self, rng: random.Random, names: Sequence[str], asked: Sequence[int] = range(NOUNS)) -> Story:
        """A story of one of these names that asks for one of these nouns."""
        noun = rng.choice(asked)
        nouns = [noun]
        while len(nouns) < FACTS:
            alike = (noun + KINDS * rng.randrange(1, NOUNS // KINDS)) % NOUNS
            other = alike if len(nouns) < OF_A_KIND else rng.randrange(NOUNS)
            if other not in nouns:
                nouns.append(other)
        facts = tuple(Fact(noun, _value(rng, noun % KINDS)) for noun in nouns)
        return Story(rng.choice(names), facts, tuple(rng.sample(range(FACTS), FACTS)))

    def context(self, language: str, story: Story, rng: random.Random) -> Statement:
        """The story as a text; the value is that of the fact asked for."""
        words, value = [story.name], (0, 0)
        for number in story.order:
            said = self._say(language, GRAMMARS[language].fact, story, story.facts[number], rng)
            if number == 0:
                value = (len(words) + said.value[0], len(words) + said.value[1])
            words += said.words
        return Statement(tuple(words), value)

    def question(self, language: str, story: Story, rng: random.Random, noise: float = 0.0) -> Statement:
        """Asks for the first fact; by `noise`, words are dropped or replaced, as a poor translator would."""
        said = self._say(language, GRAMMARS[language].question, story, story.facts[0], rng)
        return Statement(self._garble(language, said.words, rng, noise)) if noise else said

    def answered(self, language: str, story: Story, rng: random.Random) -> Statement:
        """The question's words with the value in the place of the question word."""
        pattern = GRAMMARS[language].question.replace("which", "value")
        return self._say(language, pattern, story, story.facts[0], rng)

    def _say(self, language: str, pattern: str, story: Story, fact: Fact, rng: random.Random) -> Statement:
        """Fills the slots of a pattern, with fillers here and there."""
        words: list[str] = []
        own, value = self.words[language], (0, 0)
        for slot in pattern.split():
            begin = len(words)
            if slot == "value":
                parts = fact.value[::-1] if GRAMMARS[language].value_reversed else fact.value
                words += [own.get(part, part) for part in parts]
                value = (begin, len(words))
            else:
                names = {"name": story.name, "noun": own[f"noun {fact.noun}"]}
                concept = f"which {fact.kind % 4}" if slot == "which" else slot
                words.append(names.get(slot) or own.get(concept, slot))
            if slot not in {"value", "which", ".", "?"} and rng.random() < FILLED:
                words.append(own[f"filler {_rarely(rng, FILLERS)}"])
        return Statement(tuple(words), value)

    def _garble(
        self, language: str, words: tuple[str, ...], rng: random.Random, noise: float
    ) -> tuple[str, ...]:
        """Half of the noise drops a word, half replaces it; the question mark stays."""
        others = list(self.words[language].values())
        kept = []
        for word in words[:-1]:
            chance = rng.random()
            if chance >= noise / 2:
                kept.append(rng.choice(others) if chance < noise else word)
        return (*(kept or words[:1]), words[-1])


@dataclass(frozen=True, slots=True)
class Parallel:
    """The same stories in several languages: an example for each (context language, question language)."""

    stories: tuple[Story, ...]
    contexts: dict[str, list[Statement]]
    questions: dict[str, list[Statement]]

    def examples(self, context: str, question: str) -> list[Example]:
        """SQuAD-like examples; ids are equal in all pairs of languages, as MLQA's are."""
        told, asked = self.contexts[context], self.questions[question]
        return [
            _example(f"story-{number}", story.name, *pair)
            for number, (story, *pair) in enumerate(zip(self.stories, told, asked, strict=True))
        ]


def parallel(
    world: World,
    rng: random.Random,
    stories: Sequence[Story],
    *,
    contexts: Sequence[str],
    questions: Sequence[str],
    noise: float = 0.0,
) -> Parallel:
    """Tells the stories in some languages and asks in others; English questions are never noisy."""
    return Parallel(
        tuple(stories),
        {language: [world.context(language, story, rng) for story in stories] for language in contexts},
        {
            language: [
                world.question(language, story, rng, 0.0 if language == ENGLISH else noise)
                for story in stories
            ]
            for language in questions
        },
    )


def text_of(words: Sequence[str]) -> str:
    """Words as a text; each is one token, so blanks are all that is between them."""
    return " ".join(words)


def _example(key: str, title: str, context: Statement, question: Statement) -> Example:
    first, after = context.value
    start = len(text_of(context.words[:first])) + 1
    answer = Answer(text_of(context.words[first:after]), start)
    return Example(key, title, text_of(question.words), text_of(context.words), (answer,))


def _value(rng: random.Random, kind: int) -> tuple[str, ...]:
    """One to three concepts; lower values are more frequent."""
    value = [f"value {kind}.{min(rng.randrange(VALUES), rng.randrange(VALUES))}"]
    if rng.random() < MODIFIED:
        value.insert(0, f"modifier {rng.randrange(MODIFIERS)}")
    if rng.random() < COUNTED:
        value.append(str(rng.randrange(DIGITS)))
    return tuple(value)


def _rarely(rng: random.Random, count: int) -> int:
    """A number below `count`, the larger the rarer (Zipf)."""
    return rng.choices(range(count), [1 / (rank + 2) for rank in range(count)])[0]


def _words(language: str) -> dict[str, str]:
    concepts = [
        *(f"noun {noun}" for noun in range(NOUNS)),
        *(f"value {kind}.{value}" for kind, value in product(range(KINDS), range(VALUES))),
        *(f"modifier {number}" for number in range(MODIFIERS)),
        *(f"filler {number}" for number in range(FILLERS)),
        "particle",
        "link",
        *(f"which {number}" for number in range(4)),
    ]
    syllables = ["".join(pair) for pair in product(GRAMMARS[language].consonants, "aeiou")]
    forms = ["".join(pair) for pair in product(syllables, syllables)]
    chosen = random.Random(language).sample(forms, len(concepts))
    return dict(zip(concepts, chosen, strict=True))


def _names(count: int) -> tuple[str, ...]:
    forms = ["".join(letters) for letters in product("BDFGKLMNPRSTVZ", "aeiou", "bdgklmnprst")]
    return tuple(random.Random("names").sample(forms, count))
