"""The official metrics of MLQA and of SQuAD v1.1, for one prediction against its gold answers.

Written anew from the behaviour of the two official scorers (`mlqa_evaluation_v1.py` of
facebookresearch/MLQA and `evaluate-v1.1.py` of SQuAD), down to their oddities: the figures are equal to
theirs to the last digit. Both compare bags of normalised tokens: lower-cased, without punctuation and
articles, cut at white space.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum

Tokens = tuple[str, ...]
"""A normalised text; two texts are an exact match when their tokens are equal."""


class Metric(StrEnum):
    """Which official scorer is followed."""

    MLQA = "mlqa"
    """Normalised in the language of the CONTEXT: its articles, Unicode punctuation, Chinese by character."""
    SQUAD = "squad"
    """English articles and ASCII punctuation whatever the language."""


VERSIONS = {Metric.MLQA: "1.0", Metric.SQUAD: "1.1"}
"""Versions of the official scorers that are followed."""

MLQA_LANGUAGES = ("ar", "de", "en", "es", "hi", "vi", "zh")
"""The languages that the official MLQA scorer knows; Hindi and Chinese have no articles."""

_ENGLISH_ARTICLES = re.compile(r"\b(a|an|the)\b")
_ARTICLES = {
    "en": _ENGLISH_ARTICLES,
    "es": re.compile(r"\b(un|una|unos|unas|el|la|los|las)\b"),
    "vi": re.compile(r"\b(của|là|cái|chiếc|những)\b"),
    "de": re.compile(r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b"),
    # The official pattern means the article at the start of a word, but takes its two letters out anywhere.
    "ar": re.compile("ال"),
}
# The official range of Chinese characters ends at U+9FA5, the last one of Unicode 1.1.
_CHINESE = re.compile(r"[\u4e00-\u9fa5]|[^\s\u4e00-\u9fa5]+").findall
_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_BY_CHARACTER = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+").findall
_UNSPACED_LANGUAGES = frozenset({"ja", "km", "lo", "my", "th", "yue"})


def exact_match(prediction: str, golds: Sequence[str], metric: Metric, language: str) -> float:
    """1.0 if the prediction equals one of the gold answers once both are normalised, else 0.0.

    >>> exact_match("the Amazon River.", ["Amazon river", "Nile"], Metric.MLQA, "en")
    1.0
    """
    tokens = tokenizer(metric, language)
    return max(float(tokens(prediction) == tokens(gold)) for gold in golds)


def f1(prediction: str, golds: Sequence[str], metric: Metric, language: str) -> float:
    """The best token F1 (0 to 1) of the prediction against any of the gold answers.

    >>> f1("la selva del Amazonas", ["selva"], Metric.MLQA, "es")
    0.5
    """
    tokens = tokenizer(metric, language)
    return max(token_f1(tokens(prediction), tokens(gold)) for gold in golds)


def token_f1(prediction: Tokens, gold: Tokens) -> float:
    """The harmonic mean of precision and recall over the bags of tokens; 0.0 where they share none.

    The order of operations is the official one, so that no digit differs. Two empty texts score 0.0, as
    there.
    """
    if prediction == gold:
        return 1.0 if gold else 0.0
    shared = _shared(prediction, gold)
    if not shared:
        return 0.0
    precision = 1.0 * shared / len(prediction)
    recall = 1.0 * shared / len(gold)
    return (2 * precision * recall) / (precision + recall)


def _shared(prediction: Tokens, gold: Tokens) -> int:
    """The size of the intersection of two bags; where one of them repeats nothing, that of two sets, much faster."""
    ours, theirs = set(prediction), set(gold)
    if len(ours) == len(prediction) or len(theirs) == len(gold):
        return len(ours & theirs)
    return (Counter(prediction) & Counter(gold)).total()


def tokenizer(metric: Metric, language: str) -> Callable[[str], Tokens]:
    """The function that normalises a text of `language` (a code such as `es` or `zh-Hans`) for `metric`.

    Beyond `MLQA_LANGUAGES` the official MLQA scorer refuses a language. Here Unicode punctuation is
    removed, no articles are, and languages written without spaces (Japanese, Thai, Khmer, Lao, Burmese,
    Cantonese) are cut into characters of their scripts, as Chinese is.

    >>> tokenizer(Metric.MLQA, "zh")("公式 (NASA)")
    ('公', '式', 'nasa')
    """
    if metric is Metric.SQUAD:
        return _tokenizer(ASCII_PUNCTUATION, _ENGLISH_ARTICLES, str.split)
    code = primary_language(language)
    return _tokenizer(UNICODE_PUNCTUATION, _ARTICLES.get(code), _cutter(code))


def primary_language(language: str) -> str:
    """The language of a tag without script or region.

    >>> primary_language("zh-Hans")
    'zh'
    """
    return language.lower().replace("_", "-").split("-")[0]


def _cutter(code: str) -> Callable[[str], list[str]]:
    if code == "zh":
        return _CHINESE
    return _BY_CHARACTER if code in _UNSPACED_LANGUAGES else str.split


class Punctuation(dict[int, int | None]):
    """A table for `str.translate` that deletes punctuation, filled in with each character that is met."""

    def __init__(self, is_punctuation: Callable[[str], bool]) -> None:
        super().__init__()
        self._is_punctuation = is_punctuation

    def __missing__(self, code: int) -> int | None:
        self[code] = None if self._is_punctuation(chr(code)) else code
        return self[code]


ASCII_PUNCTUATION = Punctuation(lambda char: char in string.punctuation)
"""SQuAD's: ASCII punctuation and symbols."""
UNICODE_PUNCTUATION = Punctuation(
    lambda char: char in string.punctuation or unicodedata.category(char).startswith("P")
)
"""MLQA's: Unicode categories P*, by the tables of the running Python as in the official scorer, and ASCII's symbols."""


def _tokenizer(
    punctuation: Punctuation, articles: re.Pattern[str] | None, cut: Callable[[str], list[str]]
) -> Callable[[str], Tokens]:
    def tokens(text: str) -> Tokens:
        bare = text.lower()
        # Letters and digits are no punctuation: to see that there is nothing else is quicker than to translate.
        if not bare.replace(" ", "").isalnum():
            bare = bare.translate(punctuation)
        return tuple(cut(articles.sub(" ", bare) if articles else bare))

    return tokens
