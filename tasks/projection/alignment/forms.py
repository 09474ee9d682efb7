"""What two words may have in common beside their spelling: stems, and how they sound across scripts."""

import re
import unicodedata
from functools import lru_cache

STEMS = (0, 5, 4, 3)
"""Letters kept by each view of a word; 0 keeps all. Words share statistics with those that begin alike."""

_ARTICLE = re.compile("^[وف]?[بك]?(?:ال|لل)(?=...)")
"""Arabic writes its article and what stands before it together with the noun."""
_CLITICS = re.compile(rf"{_ARTICLE.pattern}|^[وفبل](?=....)")
"""Arabic writes "and", "so", "in" and "for" together with the next word too; some words just begin like that."""

_VOWELS = frozenset("aeiou")
_SILENT = str.maketrans("", "", "aeiouwyh")
_DIGRAPHS = (
    ("ph", "f"), ("sh", "s"), ("ch", "k"), ("th", "t"), ("kh", "k"), ("gh", "g"),
    ("ce", "se"), ("ci", "si"), ("ge", "je"), ("gi", "ji"),
)  # fmt: skip
_ALIKE = str.maketrans("cqgxpvtzjd", "kkkkbfdssd")
"""Consonants that scripts and languages take for one another: Arabic has no p and no g, Hindi two kinds of t and d."""


@lru_cache(maxsize=1 << 17)
def normal(form: str) -> str:
    """A word without what its place in a text gives it: case, width, accents, vowel points, separators of thousands.

    >>> normal("Éxito"), normal("７１１,988"), normal("٢٫٥")
    ('exito', '711988', '25')
    """
    # A lone surrogate is no character: no table could hold it.
    text = unicodedata.normalize("NFKC", form.encode("utf-8", "replace").decode()).casefold()
    if text[:1].isdigit():
        return "".join(str(unicodedata.digit(char)) for char in text if char.isdigit())
    letters = (char for char in unicodedata.normalize("NFD", text) if not _is_ornament(char))
    return "".join(letters) or text


@lru_cache(maxsize=1 << 17)
def stems(word: str) -> tuple[str, ...]:
    """The views of a normal word, from the word itself to its first letters; a number has only itself.

    >>> stems("nation"), stems("والمدينة")
    (('nation', 'natio', 'nati', 'nat'), ('والمدينة', 'مدينة', 'مدين', 'مدي'))
    """
    if word[:1].isdigit():
        return (word,) * len(STEMS)
    bare = _CLITICS.sub("", word)
    return tuple(bare[:length] if length else word for length in STEMS)


@lru_cache(maxsize=1 << 17)
def skeleton(word: str) -> str:
    """The consonants of a normal word, those that are taken for one another made one; a number is its digits.

    Names and loan words keep most of it across scripts. Chinese has none: its characters do not say their sounds.

    >>> skeleton("newton"), skeleton("न्यूटन"), skeleton("نيوتن"), skeleton("牛")
    ('ndn', 'ndn', 'ndn', '')
    """
    if word[:1].isdigit():
        return word
    sounds = "".join(map(_sound, _ARTICLE.sub("", word)))
    for pair, single in _DIGRAPHS:
        sounds = sounds.replace(pair, single)
    consonants = sounds.translate(_SILENT).translate(_ALIKE)
    return "".join(char for place, char in enumerate(consonants) if char != consonants[place - 1 : place])


def _is_ornament(char: str) -> bool:
    """Accents, Arabic vowel points and the tatweel; not the vowel signs of Indic scripts, nor Thai ones."""
    return char == "\u0640" or (unicodedata.category(char) == "Mn" and not "\u0900" <= char < "\u0e00")


@lru_cache(maxsize=1 << 14)
def _sound(char: str) -> str:
    """How a character sounds, out of its Unicode name: ARABIC LETTER SHEEN begins like sh, all else is a vowel."""
    base = unicodedata.normalize("NFKD", char)[0]
    if "a" <= base <= "z":
        return base
    script, _, rest = unicodedata.name(base, "").partition(" ")
    if rest.endswith(("ANUSVARA", "CANDRABINDU")):
        return "n"
    if "LETTER" not in rest and "SYLLABLE" not in rest:
        return ""
    name = rest.replace("LETTER ", "|").replace("SYLLABLE ", "|").rpartition("|")[2].split()[0].lower()
    if script == "CYRILLIC" and len(name) == 2 and name[0] == "e":
        return name[1]
    vowel = next((place for place, letter in enumerate(name) if letter in _VOWELS), len(name))
    # The vowel that an Indic letter brings along keeps two letters from being read as one sound.
    return name[:vowel] + ("a" if script == "DEVANAGARI" or not vowel else "")
