"""How the laboratory's engine translates: by rule, sentence by sentence, and not quite rightly.

A sentence of the world is understood and said anew in the other language's order; in any other text the words that
the world knows are replaced one by one, and all else stays as it is. Then some of the world's words are dropped and
some replaced by others, as a poor translator would.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tasks.laboratory.concepts import ENGLISH, LINK, PARTICLE
from tasks.laboratory.tongues import Tongues

Span = tuple[int, int]

_WORD = re.compile(r"\S+")
ENDS = {".", "?"}
VALUE_PARTS = {"value", "modifier", "digit"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of translated text: a word, or what stands between words; `source` is the word that it comes from."""

    text: str
    source: Span | None = None
    known: bool = False
    """Whether it is a word that the world has, and so may be spoilt by noise."""


@dataclass(slots=True)
class _Slot:
    """A part of a sentence: its role, its words' concepts (or the words), where they stood, and fillers behind it."""

    role: str
    parts: list[tuple[str, Span]]
    fillers: list[tuple[str, Span]]


class Translator:
    """Translates from English into one language of a world; a function of the text alone."""

    def __init__(self, tongues: Tongues, target: str, noise: float, key: str) -> None:
        """`key` stands for all that the noise follows from besides the text."""
        self._english, self._target = tongues.by_code[ENGLISH], tongues.by_code[target]
        self._names = set(tongues.names)
        self._noise, self._key = noise, f"{key} {target}"
        self._words = list(self._target.words.values())

    def translate(self, text: str) -> list[Piece]:
        """The translation of a text without marks, as pieces whose texts are to be put together."""
        rng, kept = random.Random(f"{self._key} {text}"), list[Piece]()
        lost_first = False
        for piece in self._pieces(text):
            spoilt = self._spoilt(piece, rng)
            if spoilt is None and kept and kept[-1].text == " ":
                kept.pop()
            elif spoilt is None or (lost_first and spoilt.text == " "):
                lost_first = spoilt is None
            elif spoilt.text:
                kept.append(spoilt)
                lost_first = False
        return kept

    def _pieces(self, text: str) -> Iterator[Piece]:
        end = 0
        for sentence in _sentences(text):
            yield Piece(text[end : sentence[0][0]])
            yield from self._sentence(text, sentence)
            end = sentence[-1][1]
        yield Piece(text[end:])

    def _sentence(self, text: str, spans: Sequence[Span]) -> Iterator[Piece]:
        words = [(text[first:after], (first, after)) for first, after in spans]
        said = self._understood(words)
        if said is None:
            yield from self._word_by_word(text, words)
            return
        for place, (word, source) in enumerate(said):
            if place:
                yield Piece(" ")
            yield Piece(word, source, known=word not in ENDS)

    def _word_by_word(self, text: str, words: Sequence[tuple[str, Span]]) -> Iterator[Piece]:
        end = words[0][1][0]
        for word, span in words:
            yield Piece(text[end : span[0]])
            meaning = self._english.meanings.get(word)
            yield Piece(self._target.words[meaning] if meaning else word, span, known=meaning is not None)
            end = span[1]

    def _understood(self, words: Sequence[tuple[str, Span]]) -> list[tuple[str, Span | None]] | None:
        """A sentence of the world in the target's order; None where it is none."""
        slots = self._slots(words)
        if slots is None:
            return None
        roles = sorted(slot.role for slot in slots)
        if roles == ["value"]:
            return self._said("value", {"value": slots[0]}, [])
        english, target = self._english.grammar, self._target.grammar
        title = slots.pop(0) if "." in roles and slots[0].role == "name" else None
        roles = sorted(slot.role for slot in slots)
        for pattern, goal in ((english.fact, target.fact), (english.question, target.question)):
            if roles == sorted(pattern):
                by_role = {slot.role: slot for slot in slots}
                loose = [f for role in (LINK, PARTICLE) if role in by_role for f in by_role[role].fillers]
                begun = self._said("name", {"name": title}, []) if title else []
                return begun + [part for role in goal for part in self._said(role, by_role, loose)]
        return None

    def _said(
        self, role: str, slots: dict[str, _Slot], loose: list[tuple[str, Span]]
    ) -> list[tuple[str, Span | None]]:
        """The words of a slot; fillers behind function words go behind the first function word of the target."""
        fillers: Sequence[tuple[str, Span]] = ()
        if role in (LINK, PARTICLE):
            said: list[tuple[str, Span | None]] = [(self._target.words[role], None)]
            fillers, loose[:] = list(loose), []
        else:
            slot = slots[role]
            fillers = slot.fillers
            reverse = role == "value" and self._target.grammar.value_reversed
            parts = slot.parts[::-1] if reverse else slot.parts
            said = [(self._target.words.get(concept, concept), span) for concept, span in parts]
        return said + [(self._target.words[concept], span) for concept, span in fillers]

    def _slots(self, words: Sequence[tuple[str, Span]]) -> list[_Slot] | None:
        slots: list[_Slot] = []
        for word, span in words:
            role, concept = self._role(word)
            if role == "filler" and slots:
                slots[-1].fillers.append((concept, span))
            elif role in VALUE_PARTS and slots and slots[-1].role == "value" and not slots[-1].fillers:
                slots[-1].parts.append((concept, span))
            elif role in VALUE_PARTS:
                slots.append(_Slot("value", [(concept, span)], []))
            elif role:
                slots.append(_Slot(role, [(concept, span)], []))
            else:
                return None
        return slots

    def _role(self, word: str) -> tuple[str, str]:
        """What a word can be in a sentence, and its concept; an empty role where the world does not have it."""
        if word in ENDS:
            return word, word
        if word in self._names:
            return "name", word
        if len(word) == 1 and word.isascii() and word.isdigit():
            return "digit", word
        concept = self._english.meanings.get(word, "")
        return concept.partition(" ")[0], concept

    def _spoilt(self, piece: Piece, rng: random.Random) -> Piece | None:
        """Half of the noise drops a word (None), half replaces it by another word of the language."""
        if not piece.known:
            return piece
        chance, other = rng.random(), rng.choice(self._words)
        if chance < self._noise / 2:
            return None
        return replace(piece, text=other) if chance < self._noise else piece


def _sentences(text: str) -> Iterator[list[Span]]:
    """The spans of the words of each sentence: it ends with a word that ends one, or with its line."""
    sentence: list[Span] = []
    for match in _WORD.finditer(text):
        if sentence and "\n" in text[sentence[-1][1] : match.start()]:
            yield sentence
            sentence = []
        sentence.append(match.span())
        if match[0] in ENDS:
            yield sentence
            sentence = []
    if sentence:
        yield sentence
