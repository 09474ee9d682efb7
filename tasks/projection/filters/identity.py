"""Is a translated context in the right script, and in the right language?"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
import regex
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tasks.mt.languages import THREE_LETTERS, short

SCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        "Arabic": "ar arc ckb fa ks ps sd ug ur",
        "Armenian": "hy",
        "Bengali": "as bn",
        "Cyrillic": "ba be bg ce cv ky mk mn ru tg tt uk",
        "Devanagari": "bho hi mai mr ne sa",
        "Ethiopic": "am ti",
        "Georgian": "ka",
        "Greek": "el",
        "Gujarati": "gu",
        "Gurmukhi": "pa",
        "Hangul": "ko",
        "Han": "ja ko wuu yue zh",
        "Hebrew": "he yi",
        "Hiragana": "ja",
        "Kannada": "kn",
        "Katakana": "ja",
        "Khmer": "km",
        "Lao": "lo",
        "Latin": "af an ast br ca cs cy da de en eo es et eu fi fo fr fy ga gd gl ha ht hu id ig is it la lb lt lv "
        "mg ms mt nb nl nn no oc pl pt ro rw sc se sk sl sn so sq sv sw tl tr vi wa xh yo zu",
        "Malayalam": "ml",
        "Myanmar": "my",
        "Oriya": "or",
        "Sinhala": "si",
        "Tamil": "ta",
        "Telugu": "te",
        "Thai": "th",
        "Tibetan": "bo dz",
    }
)
"""Unicode's name of each script, and the languages written in it and in no script that is missing here.

Languages that are written in several (sr, uz, kk) are left out: their script says nothing.
"""

LOOKS_CHARS = (40, 150, 1000)
"""How much of the end of a text is identified at first, and how much where that did not find what was expected."""


def script(text: str, language: str) -> float:
    """1 less the share of letters of foreign scripts among a text's characters; a language not in `SCRIPTS` has none.

    >>> script("Москва", "ru"), script("Moscow", "ru"), script("Moscow", "sr"), script("1918", "ru")
    (1.0, 0.0, 1.0, 1.0)
    """
    foreign = _foreign(short(language))
    if foreign is None:
        return 1.0
    strange = sum(map(len, foreign.findall(text)))
    return 1 - strange / (len(text) - text.count(" ")) if strange else 1.0


def language(text: str, expected: str) -> float:
    """1 where a text looks most like the expected language, else its probability beside that of the likelier one.

    Identified by py3langid (byte n-grams, naive Bayes) among the languages with two letters, by the text's end, where
    engines lose their thread: a glance, and longer looks where that finds another language. A language that the model
    does not know is not judged.

    >>> language("Ella vivía en una casa pequeña cerca del río con sus padres.", "es")
    1.0
    >>> language("She lived in a small house by the river with her parents.", "es") < 0.01
    True
    """
    expected = _LABELS.get(short(expected), short(expected))
    identifier, known = _identifier()
    if expected not in known:
        return 1.0
    for chars in LOOKS_CHARS:
        if identifier.classify(text[-chars:])[0] == expected:
            return 1.0
    found = dict(identifier.rank(text[-LOOKS_CHARS[-1] :]))
    return float(found[expected] / max(found.values()))


_LABELS = {"nb": "no"}


@cache
def _identifier() -> tuple[LanguageIdentifier, frozenset[str]]:
    """The model, loaded at its first use (0.7 s), and the languages that it tells apart."""
    loaded = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = frozenset(THREE_LETTERS) & frozenset(loaded.labels)
    loaded.set_languages(known)
    # Its table comes in half precision, column by column; whole floats in rows halve the time and change no answer.
    table = np.ascontiguousarray(loaded.nb_ptc, dtype=np.float32)
    rest = loaded.nb_pc, loaded.nb_classes, loaded.tk_nextmove, loaded.tk_output
    return LanguageIdentifier(table, *rest, norm_probs=True, tk_row=loaded.tk_row), known


@cache
def _foreign(language: str) -> regex.Pattern[str] | None:
    """What finds letters of scripts that a language is not written in."""
    scripts = [name for name, languages in SCRIPTS.items() if language in languages.split()]
    own = "".join(rf"\p{{Script={name}}}" for name in [*scripts, "Common", "Inherited"])
    return regex.compile(rf"[[\p{{L}}\p{{M}}]--[{own}]]+", regex.VERSION1) if scripts else None
