"""Made translations: words of a language's letters, the same word always the same; tags are kept, and then spoilt."""

import random
import re
from collections.abc import Iterable, Mapping, Sequence

from storage.examples import Example
from tasks.mt.markup import Markup
from tasks.projection.contexts import mark_contexts
from tests.benchmarks.full_size.losses import KEPT, Fault, faults, spoiled

LETTERS = {
    "de": ("bdfghklmnrstwz", "aeiou", 3),
    "es": ("bcdflmnprst", "aeio", 3),
    "ar": ("بتجحدرسعفقلمن", "اوي", 2),
    "hi": ("कगचजतदनपबमरलसह", "ािीुेो", 2),
    "zh": ("的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年", ("",), 2),
}
"""Consonants, vowels and the mean number of syllables of a word, by language; Chinese has neither."""

UNSPACED = frozenset({"zh"})
_PIECES = re.compile(r"(</?b\d+>|\s+)")
_WORD = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


class Voice:
    """An engine's translations into one language.

    Args:
        language: one of `LETTERS`.
        edition: another one has other words.
        spoilt: the faults of the tags in each marked text, by mark.
    """

    def __init__(self, language: str, edition: str, spoilt: Mapping[str, Mapping[int, Fault]]) -> None:
        self._language, self._edition, self._spoilt = language, edition, spoilt
        self._words: dict[str, str] = {}

    def translated(self, text: str) -> str:
        """A marked text with its words exchanged and its tags treated as the engine does."""
        gap = "" if self._language in UNSPACED else " "
        pieces = (gap if piece.isspace() else self._said(piece) for piece in _PIECES.split(text))
        return spoiled("".join(pieces), self._spoilt.get(text, {}))

    def _said(self, piece: str) -> str:
        said = self._words.get(piece)
        if said is None:
            said = self._words[piece] = self._invented(piece)
        return said

    def _invented(self, piece: str) -> str:
        found = _WORD.match(piece)
        if found is None or piece.startswith("<") or not found[2].isalpha():
            return piece
        draw = random.Random(f"{self._edition} {self._language} {found[2].lower()}")
        consonants, vowels, mean = LETTERS[self._language]
        count = max(1, round(draw.gauss(mean * len(found[2]) / 6, 0.6)))
        word = "".join(draw.choice(consonants) + draw.choice(vowels) for _ in range(count))
        return f"{found[1]}{word.capitalize() if found[2][0].isupper() else word}{found[3]}"


def voices(
    examples: Sequence[Example], edition: str = "first", languages: Iterable[str] = tuple(KEPT)
) -> dict[str, Voice]:
    """The voice of each language, with the paper's losses on these examples."""
    asked: dict[tuple[str, int], str] = {(e.context, e.answers[0].answer_start): e.id for e in examples}
    marked = [
        (copy.text, [asked[copy.context, span.start] for span in copy.spans])
        for copy in mark_contexts(examples, Markup.HTML)
    ]
    found = {}
    for language in languages:
        of_question = faults(examples, language)
        spoilt = {
            text: {n: of_question[i] for n, i in enumerate(ids, 1) if i in of_question}
            for text, ids in marked
        }
        found[language] = Voice(language, edition, spoilt)
    return found
