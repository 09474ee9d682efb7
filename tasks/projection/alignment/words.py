"""Texts cut into words of every script, with their offsets."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]

_LETTER, _MARK, _DIGIT, _SINGLE, _SPACE, _SIGN = "LMDCSP"

_SEPARATORS = dict.fromkeys(".,٫٬", ".")
"""What may stand between the digits of one number; the Arabic decimal and thousands separators are the last two."""

_UNSPACED = (
    range(0x0E00, 0x0F00),  # Thai, Lao
    range(0x1000, 0x10A0),  # Myanmar
    range(0x1780, 0x1800),  # Khmer
    range(0x2E80, 0x2FE0),  # Han radicals
    range(0x3005, 0x3100),  # Han signs, Hiragana, Katakana
    range(0x31F0, 0x3200),  # Katakana extensions
    range(0x3400, 0x4DC0),  # Han
    range(0x4E00, 0xA000),  # Han
    range(0xF900, 0xFB00),  # Han
    range(0xFF66, 0xFFA0),  # half-width Katakana
    range(0x20000, 0x40000),  # Han
)
"""Scripts that put no spaces between words: each of their characters, with its marks, is a word here."""

# Over the classes of the characters, one letter for each: so marks belong to the letters that they stand on (Python's
# `\w` leaves Devanagari's vowel signs out), and one pattern does for every script.
_WORD = re.compile(r"D+(?:\.D+)*|CM*|[LM]+|S+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in order: `text[starts[i]:ends[i]] == forms[i]`; only white space is between them.

    `starts` and `ends` (W,) int32 are half-open and count code points.
    """

    text: str
    forms: tuple[str, ...]
    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.forms)


def words(text: str, language: str = "") -> Words:
    """Cut a text into words: runs of letters, numbers, single characters of scripts without spaces, single signs.

    Args:
        text: in any script or mixture of scripts.
        language: of the text; no rule depends on it so far, for the script says enough.

    >>> words("Paid 3.5 m., 京都で").forms
    ('Paid', '3.5', 'm', '.', ',', '京', '都', 'で')
    """
    classes = text.translate(_CLASSES)
    spans = [match.span() for match in _WORD.finditer(classes) if classes[match.start()] != _SPACE]
    starts, ends = np.array(spans, dtype=np.int32).reshape(-1, 2).T
    return Words(text, tuple(text[start:end] for start, end in spans), starts, ends)


@lru_cache(maxsize=1 << 16)
def is_unspaced(char: str) -> bool:
    """Whether its script puts no spaces between words."""
    return any(ord(char) in block for block in _UNSPACED)


class _Classes(dict[int, str]):
    """The class letter of each character by code point, found when it is first asked for."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _class(chr(code))
        return found


_CLASSES = _Classes()


def _class(char: str) -> str:
    category = unicodedata.category(char)
    if char in _SEPARATORS:
        return _SEPARATORS[char]
    if char.isspace():
        return _SPACE
    if category[0] == "M" or category == "Cf":
        return _MARK
    if category == "Nd":
        return _DIGIT
    if category[0] not in "LN":
        return _SIGN
    return _SINGLE if is_unspaced(char) else _LETTER
