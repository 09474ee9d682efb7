"""How good a translated context or answer looks beside its source: scores from 0 to 1, of strings alone.

1 means that there is nothing to object to. What counts as ordinary was read off the translations that people made of
XQuAD's 1,190 answers and 240 contexts in five languages; `tests/benchmarks/filters.py` prints how each score does.
"""

import re
from collections.abc import Sequence

from sacrebleu.metrics.chrf import CHRF

from tasks.mt.checking import DENSE
from tasks.mt.languages import short

ORDINARY = (0.75, 1.4)
"""The share of the source's length that a translated context has; the middle 99 % of people's lie within it."""

DENSITY = 3.0
"""How much shorter than others a text in a dense language is."""

SMOOTHING_CHARS = 5
"""Added to both lengths of an answer: of `10` or `Asia` nothing is too long."""

WORD_CHARS = 4
"""The shortest word that tells whether it was translated."""

GRAM_WORDS, GRAM_CHARS = 3, 6
LONG_WORD_CHARS = 40
"""Text with a longer word is looked at by characters: it is written without spaces, or it is one endless word."""

_GROUPED = re.compile(r"(?<=\d)[.,'’٬\s](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d{1,40}")
_CHRF = CHRF()


def context_length(context: str, translation: str, source: str, target: str) -> float:
    """1 within the ordinary lengths, then less in proportion.

    >>> context_length("x" * 800, "y" * 820, "en", "es"), context_length("x" * 800, "y" * 300, "en", "es")
    (1.0, 0.5)
    """
    ratio = len(translation) / (len(context) or 1)
    ratio *= (DENSITY if short(target) in DENSE else 1) / (DENSITY if short(source) in DENSE else 1)
    least, most = ORDINARY
    return min(1.0, ratio / least, most / ratio) if ratio else 0.0


def answer_length(answer: str, translation: str, growth: float) -> float:
    """The smaller of the answer's length and of what was to be expected, divided by the larger.

    Args:
        answer: before translation.
        translation: the answer found.
        growth: by what the length of the whole context was multiplied.

    >>> answer_length("a dog", "un perro", 1.0), round(answer_length("a dog", "un perro que ladra mucho", 1.0), 2)
    (0.7692307692307693, 0.34)
    """
    expected, found = len(answer) * growth + SMOOTHING_CHARS, len(translation) + SMOOTHING_CHARS
    return min(expected, found) / max(expected, found)


def digits(answer: str, translation: str) -> float:
    """The share of the answer's numbers that are in the translation, whatever digits and separators it writes.

    A number is a run of digits, so that `3.5` and `3,5`, `1/12/1999` and `1999-12-01` are alike.

    >>> digits("1,600 mm in 1857", "१८५७ में 1 600 मिमी"), digits("1,600 mm in 1857", "1600 mm")
    (1.0, 0.5)
    """
    if not (wanted := _numbers(answer)):
        return 1.0
    found = set(_numbers(translation))
    return sum(number in found for number in wanted) / len(wanted)


def untranslated(text: str, translation: str) -> float:
    """1 less the share of the source's common words that stand in the translation as they were.

    Common are words of four and more letters without a capital, so that names are none; in a script that has no
    capitals nothing is told.

    >>> untranslated("the Weezer guitarist", "el guitarist de Weezer"), untranslated("in Asia", "en Asia")
    (0.0, 1.0)
    """
    words = {word for word in set(text.split()) if len(word) >= WORD_CHARS and word.islower()}
    return 1 - len(words.intersection(translation.split())) / len(words) if words else 1.0


def repetition(context: str, translation: str) -> float:
    """How distinct the pieces of a translation are, beside those of its source: 0.5 where half of them are repeats.

    1 where half of the words are distinct, for then the pieces are too.

    >>> round(repetition("one two three four five six seven", "uno dos " + "tres cuatro " * 9), 2)
    0.22
    """
    words = translation.split()
    if len(words) >= len(translation) / LONG_WORD_CHARS and 2 * len(set(words)) >= len(words):
        return 1.0
    return min(1.0, _distinct(translation) / _distinct(context))


def back_translation(text: str, back: str) -> float:
    """chrF of what came of translating the translation back (Popovic 2015; sacrebleu's, 6-grams of characters).

    >>> back_translation("in the old town", "in the old town")
    1.0
    """
    return float(_CHRF.sentence_score(back, [text]).score) / 100


def _numbers(text: str) -> list[int]:
    if not _NUMBER.search(text):
        return []
    return [int(number) for number in _NUMBER.findall(_GROUPED.sub("", text))]


def _distinct(text: str) -> float:
    units: Sequence[str] = text.split()
    size = GRAM_WORDS
    if not units or max(map(len, units)) > LONG_WORD_CHARS:
        units, size = text, GRAM_CHARS
    grams = [*zip(*(units[start:] for start in range(size)), strict=False)]
    return len(set(grams)) / len(grams) if grams else 1.0
