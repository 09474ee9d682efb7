"""A made corpus of SQuAD v1.1's shape: as many articles, paragraphs and questions, as long, and no two texts alike.

Its words are those of any SQuAD-format file, drawn as often as they stand there, with made names and numbers among
them: so texts are as hard to compress as prose is, and nothing has to be downloaded.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from storage.examples import Answer, Example

SQUAD = {
    "why": 1_194, "how": 8_082, "what": 37_506, "when": 5_414, "where": 3_261, "who": 8_366, "which": 4_146,
    "other": 19_630,
}  # fmt: skip
"""Questions of SQuAD v1.1 by type (Table 1)."""

QUESTIONS_EACH = {1: 1, 2: 3, 3: 11, 4: 25, 5: 52, 6: 4, 7: 2, 8: 1, 10: 1}
"""Of a hundred paragraphs so many have this number of questions; the mean of SQuAD v1.1 is 4.64."""

PARAGRAPH_CHARS, PARAGRAPH_SPREAD = 690, 0.43
"""Median, and sigma of its logarithm: the mean is SQuAD's 755 characters."""

LEAST_CHARS, MOST_CHARS = 150, 3_700

ANSWER_WORDS = {1: 34, 2: 25, 3: 14, 4: 8, 5: 5, 6: 3, 7: 3, 8: 2, 10: 3, 14: 2, 20: 1}
"""Of a hundred answers so many have this number of words; the mean is SQuAD's 3.2."""

QUESTION_WORDS = {5: 10, 6: 12, 7: 14, 8: 16, 9: 16, 10: 12, 12: 12, 16: 6, 20: 2}
"""Of a hundred questions so many have this number of words behind their opening of one or three."""

OPENINGS = {"other": "In what year"}
"""How a question of a type begins, where that is not the type itself."""

WRITERS = tuple(f"{n:010x}" for n in (0x3AEAAA1400, 0x5951621900, 0x708984140, 0xACB8001400, 0x19AC7019))
"""The middle of an id, as in SQuAD: who wrote it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How much there is of everything."""

    articles: int = 442
    paragraphs: int = 18_896
    questions: int = 87_599

    def scaled(self, scale: float) -> "Shape":
        """A smaller (or larger) corpus of the same proportions."""
        return Shape(*(max(1, round(scale * n)) for n in (self.articles, self.paragraphs, self.questions)))


class Words:
    """Words to draw from: those of a file's contexts, one in ten of them replaced by a name or a number."""

    def __init__(self, contexts: Sequence[str], rng: random.Random) -> None:
        self._known = [word.strip(".,;:") for context in dict.fromkeys(contexts) for word in context.split()]
        self._known = [word for word in self._known if word and not set(word) & set("<>&[]{}")]
        self._rng = rng
        self.mean_chars = sum(map(len, self._known)) / len(self._known) + 1

    def some(self, count: int) -> list[str]:
        """So many words."""
        words = self._rng.choices(self._known, k=count)
        return [self._name() if self._rng.random() < 0.1 else word for word in words]

    def _name(self) -> str:
        if self._rng.random() < 0.3:
            return str(self._rng.randrange(10, 10_000))
        syllables = (self._rng.choice("bdfgklmnprstvz") + self._rng.choice("aeiou") for _ in range(3))
        return "".join(syllables).capitalize()


def corpus(
    shape: Shape, contexts: Sequence[str], *, seed: int = 1, median: int = PARAGRAPH_CHARS
) -> list[Example]:
    """The questions of a corpus, in source order: those of one paragraph stand together.

    Args:
        shape: how many articles, paragraphs and questions.
        contexts: texts whose words are used.
        seed: another one gives another corpus.
        median: characters of a paragraph.
    """
    rng = random.Random(seed)
    words, kinds = Words(contexts, rng), _kinds(shape.questions, rng)
    sizes = _sizes(shape, rng)
    examples: list[Example] = []
    for number, (title, size) in enumerate(zip(_titles(shape, rng), sizes, strict=True)):
        some = kinds[len(examples) : len(examples) + size]
        examples += _paragraph(words, rng, f"{title}_{number}", title, some, median)
    return examples


def write_squad(examples: Sequence[Example], path: Path) -> None:
    """The examples as a file in SQuAD's format."""
    data = [
        {"title": title, "paragraphs": [_json(context, list(rows)) for context, rows in _by_context(article)]}
        for title, article in groupby(examples, key=lambda example: example.title)
    ]
    path.write_text(json.dumps({"version": "1.1", "data": data}, ensure_ascii=False), encoding="utf-8")


def _by_context(article: Iterator[Example]) -> Iterator[tuple[str, Iterator[Example]]]:
    return groupby(article, key=lambda example: example.context)


def _json(context: str, rows: Sequence[Example]) -> dict[str, Any]:
    answers = ([{"text": a.text, "answer_start": a.answer_start} for a in row.answers] for row in rows)
    asked = [
        {"id": row.id, "question": row.question, "answers": found}
        for row, found in zip(rows, answers, strict=True)
    ]
    return {"context": context, "qas": asked}


def _kinds(count: int, rng: random.Random) -> list[str]:
    """Types of questions in SQuAD's proportions: exactly SQuAD's where there are as many questions."""
    total, kinds = sum(SQUAD.values()), list[str]()
    for kind, share in SQUAD.items():
        kinds += [kind] * (share * count // total)
    kinds += ["what"] * (count - len(kinds))
    rng.shuffle(kinds)
    return kinds


def _sizes(shape: Shape, rng: random.Random) -> list[int]:
    """Questions of each paragraph, all of them together as many as there shall be."""
    sizes = rng.choices(list(QUESTIONS_EACH), weights=list(QUESTIONS_EACH.values()), k=shape.paragraphs)
    while excess := sum(sizes) - shape.questions:
        place = rng.randrange(len(sizes))
        if excess < 0 or sizes[place] > 1:
            sizes[place] -= 1 if excess > 0 else -1
    return sizes


def _titles(shape: Shape, rng: random.Random) -> list[str]:
    """The title of each paragraph's article; articles are of very different lengths."""
    cuts = sorted(rng.sample(range(1, shape.paragraphs), shape.articles - 1))
    lengths = (end - start for start, end in zip([0, *cuts], [*cuts, shape.paragraphs], strict=True))
    return [f"Article_{n}" for n, length in enumerate(lengths) for _ in range(length)]


def _paragraph(
    words: Words, rng: random.Random, name: str, title: str, kinds: Sequence[str], median: int
) -> list[Example]:
    """One paragraph's questions; their answers are spans that do not touch."""
    chars = min(MOST_CHARS, max(LEAST_CHARS, rng.lognormvariate(0, PARAGRAPH_SPREAD) * median))
    count = max(round(chars / words.mean_chars), 2 * len(kinds))
    text = [name, *words.some(count - 1)]
    _punctuate(text, rng)
    starts = list(accumulate((len(word) + 1 for word in text), initial=0))
    context = " ".join(text)
    first, base = f"{rng.randrange(0x56BE0000, 0x573A0000):08x}{rng.choice(WRITERS)}", rng.randrange(1 << 23)
    found = []
    for n, kind in enumerate(kinds):
        begin, end = count * n // len(kinds), count * (n + 1) // len(kinds)
        length = min(rng.choices(list(ANSWER_WORDS), weights=list(ANSWER_WORDS.values()))[0], end - begin - 1)
        place = rng.randrange(begin, end - length)
        span = context[starts[place] : starts[place + length] - 1].rstrip(".,")
        found.append(
            Example(
                f"{first}{base + n:06x}",
                title,
                _question(words, rng, kind, name, n),
                context,
                (Answer(span, starts[place]),),
            )
        )
    return found


def _punctuate(text: list[str], rng: random.Random) -> None:
    """Sentences of eight to thirty words."""
    place = 0
    while place < len(text):
        text[place] = text[place][0].upper() + text[place][1:]
        end = min(place + rng.randint(8, 30), len(text)) - 1
        text[end] += "."
        place = end + 1


def _question(words: Words, rng: random.Random, kind: str, name: str, number: int) -> str:
    count = rng.choices(list(QUESTION_WORDS), weights=list(QUESTION_WORDS.values()))[0]
    opening = OPENINGS.get(kind, kind.capitalize())
    return " ".join([opening, *words.some(count - 1), f"{name}.{number}"]) + "?"
