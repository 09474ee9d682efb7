"""The families of neural translation models that run on this machine, and in what they differ.

A *language token* tells such a model where to translate to: Marian and MADLAD-400 read it at the head of the source,
NLLB-200 and M2M100 are made to begin their answer with it. Limits are in tokens of the model, language token and end
of sentence included.

Sources: https://huggingface.co/docs/transformers/model_doc/marian (512 positions, `>>cmn_Hans<<`), .../nllb
(FLORES-200 codes), .../m2m_100, .../madlad-400 (`<2de>`). That NLLB drops later sentences of a long source is its
users' experience: it was trained on single sentences, as M2M100 was.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from storage.errors import UsageError
from tasks.mt.languages import short


@dataclass(frozen=True, slots=True)
class Family:
    """What one family asks of those who use it.

    Args:
        name: as it stands in an engine's identity.
        model_type: `model_type` of the model's configuration.
        tokenizer: name of its tokenizer's class; what follows it (`Fast`) does not matter.
        token: how a language token looks in the vocabulary; group 1 is the code.
        written: the same, to write one.
        forced: the language token begins the answer; else it heads the source.
        max_source: the most tokens of a source that the model still translates well.
        max_target: the most tokens of an answer; a model's own positions may lower it.
        alone: each sentence is translated by itself, also where several would fit.
    """

    name: str
    model_type: str
    tokenizer: str
    token: str
    written: str
    forced: bool
    max_source: int
    max_target: int
    alone: bool

    def codes(self, vocabulary: Iterable[str]) -> dict[str, str]:
        """The model's language codes by the project's, of all language tokens in a vocabulary.

        >>> FAMILIES["nllb"].codes(["zho_Hant", "zho_Hans", "arb_Arab", "the", "ast_Latn"])
        {'ar': 'arb_Arab', 'ast': 'ast_Latn', 'zh': 'zho_Hans', 'zh-Hant': 'zho_Hant'}
        """
        pattern = re.compile(self.token)
        found = sorted((match[1] for word in vocabulary if (match := pattern.fullmatch(word))), key=_rank)
        codes: dict[str, str] = {}
        for code in found:
            language, script = _parts(code)
            name = short_code(language)
            if name not in codes or script:
                codes.setdefault(f"{name}-{script}" if name in codes else name, code)
        for name, other in ALIASES.items():
            if name not in codes and other in codes:
                codes[name] = codes[other]
        return dict(sorted(codes.items()))


_CODE = r"[a-z]{2,3}(?:[_-][A-Za-z]{2,4})?"
FAMILIES = {
    family.name: family
    for family in (
        Family("marian", "marian", "MarianTokenizer", rf">>({_CODE})<<", ">>{}<<", False, 512, 511, False),
        Family("nllb", "m2m_100", "NllbTokenizer", r"([a-z]{3}_[A-Z][a-z]{3})", "{}", True, 200, 1000, True),
        Family("m2m100", "m2m_100", "M2M100Tokenizer", r"__([a-z]{2,3})__", "__{}__", True, 200, 1000, True),
        Family("madlad", "t5", "T5Tokenizer", rf"<2({_CODE})>", "<2{}>", False, 256, 1000, False),
    )
}
"""The families by name: the one table of their differences."""

MACROLANGUAGES = {
    "als": "sqi", "arb": "ara", "ayr": "aym", "azj": "aze", "cmn": "zho", "ekk": "est", "fuv": "ful", "gaz": "orm",
    "khk": "mon", "kmr": "kur", "lvs": "lav", "npi": "nep", "ory": "ori", "pbt": "pus", "pes": "fas", "plt": "mlg",
    "quy": "que", "swh": "swa", "uzn": "uzb", "ydd": "yid", "zlm": "msa", "zsm": "msa",
}  # fmt: skip
"""ISO 639-3 codes of the one language that stands for its macrolanguage in these models."""

MORE_LETTERS = {
    "aka": "ak", "amh": "am", "asm": "as", "aym": "ay", "aze": "az", "bak": "ba", "bam": "bm", "bod": "bo", "bos": "bs",
    "dzo": "dz", "ewe": "ee", "fij": "fj", "ful": "ff", "grn": "gn", "guj": "gu", "hat": "ht", "hau": "ha", "ibo": "ig",
    "jav": "jv", "kan": "kn", "kas": "ks", "khm": "km", "kik": "ki", "kin": "rw", "kon": "kg", "kur": "ku", "lao": "lo",
    "lim": "li", "lin": "ln", "ltz": "lb", "lug": "lg", "mal": "ml", "mlg": "mg", "mon": "mn", "mri": "mi", "mya": "my",
    "nya": "ny", "ori": "or", "orm": "om", "pus": "ps", "que": "qu", "run": "rn", "sag": "sg", "san": "sa", "sin": "si",
    "smo": "sm", "sna": "sn", "snd": "sd", "som": "so", "sot": "st", "ssw": "ss", "sun": "su", "tir": "ti", "tgl": "tl",
    "tsn": "tn", "tso": "ts", "tuk": "tk", "twi": "tw", "uig": "ug", "wol": "wo", "xho": "xh", "yid": "yi", "yor": "yo",
    "zul": "zu",
}  # fmt: skip
"""ISO 639-3 to ISO 639-1 for languages that only these models know."""

ALIASES = {"no": "nb", "nb": "no", "he": "iw", "tl": "fil", "fil": "tl", "jv": "jw", "nso": "ns"}
"""Other names under which a model may know a language."""

PREFERRED = {"zh": "Hans", "sr": "Cyrl"}
"""The script that is meant where a language is named without one; elsewhere Latin, then by the alphabet."""


def family_of(model_type: str, tokenizer: str) -> Family:
    """The family of a model, by its configuration where that says something and by its tokenizer's class.

    Args:
        model_type: `model_type` of the configuration; empty where there is none (CTranslate2).
        tokenizer: name of the tokenizer's class.

    Raises:
        UsageError: it is none of those that are known here.
    """
    for family in FAMILIES.values():
        if tokenizer.startswith(family.tokenizer) and model_type in ("", family.model_type):
            return family
    known = "Marian, NLLB-200, M2M100, MADLAD-400"
    raise UsageError(
        f"A model of type {model_type or 'unknown'!r} with a {tokenizer} is none that translates here; "
        f"choose one of the families {known}."
    )


def short_code(language: str) -> str:
    """The project's code of a language: ISO 639-1 where there is one.

    >>> short_code("arb"), short_code("spa"), short_code("zul"), short_code("ast"), short_code("zh-Hant")
    ('ar', 'es', 'zu', 'ast', 'zh-Hant')
    """
    language = MACROLANGUAGES.get(language, language)
    return MORE_LETTERS.get(language, short(language))


def _parts(code: str) -> tuple[str, str]:
    language, _, script = code.replace("-", "_").partition("_")
    return language, script


def _rank(code: str) -> tuple[int, str]:
    """The variant of a language that is meant by its bare name comes first."""
    language, script = _parts(code)
    wanted = PREFERRED.get(short_code(language), "")
    order = ["", "Latn"] if not wanted else [wanted, ""]
    return (order.index(script) if script in order else len(order)), code
