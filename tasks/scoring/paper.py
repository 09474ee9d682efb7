"""The figures of the paper's Tables 1 to 5 as printed, to stand beside ours.

The paper: Bornea, Pan, Rosenthal, Florian and Sil, "Multilingual Transfer Learning for QA Using Translation
as Data Augmentation", AAAI 2021.

All scores are F1 in percent. Known slips of the printed tables are kept: the LAF* row of Table 5 averages
62.0, the ZS row of Table 4 61.6. TyDiQA's Indonesian, `in` in the paper, is `id` here (ISO 639-1).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.scoring.statistics import QUESTION_TYPES, Statistics

MLQA_LANGUAGES = ("ar", "de", "en", "es", "hi", "vi", "zh")
TYDIQA_LANGUAGES = ("en", "bn", "ko", "id", "te", "sw", "ar", "ru", "fi")

LABELS = {
    "zs": "ZS",
    "tq": "T(Q)",
    "tc": "T(C)",
    "tqc": "T(Q+C)",
    "tall": "T(ALL)",
    "at-en-zh": "AT (en-zh)",
    "at-en-all": "AT (en-all)",
    "laf-psa-en-zh": "LAF PSA (en-zh)",
    "laf-psa-qs-en-zh": "LAF PSA+QS (en-zh)",
    "laf-psa-en-all": "LAF PSA (en-all)",
    "laf-psa-qs-en-all": "LAF PSA+QS (en-all)",
    "tq-tydiqa": "T(Q) for TyDiQA",
    "at-tydiqa": "AT for TyDiQA",
    "laf-psa-qs-tydiqa": "LAF PSA+QS for TyDiQA",
}
"""How the paper writes each system."""

_HIDES = "while a second network guesses their language and the reader learns to hide it"
_PAIRED = (
    "pairs of an English question and its translation, which is to get the answer that the English one gets"
)
_ALIKE = f"{_PAIRED}; the two are to look alike inside the reader, too"

PLAIN = {
    "zs": "English questions on English texts and nothing else (zero-shot)",
    "tq": "English questions and their machine translations, all on the English texts",
    "tc": "English questions on the texts and on their machine translations, the answers found again in these",
    "tqc": "English and, beside it, questions and texts both translated by machine",
    "tall": "translated questions, translated texts, and both, together",
    "at-en-zh": f"questions translated into one language, {_HIDES}",
    "at-en-all": f"translated questions, {_HIDES}",
    "laf-psa-en-zh": f"{_PAIRED}; one language",
    "laf-psa-qs-en-zh": f"{_ALIKE}; one language",
    "laf-psa-en-all": _PAIRED,
    "laf-psa-qs-en-all": _ALIKE,
    "tq-tydiqa": "questions translated into TyDiQA's languages, on the English texts",
    "at-tydiqa": f"questions translated into TyDiQA's languages, {_HIDES}",
    "laf-psa-qs-tydiqa": f"in TyDiQA's languages: {_ALIKE}",
}
"""What each system trains on and how, in plain words for one who has not read the paper."""


@dataclass(frozen=True, slots=True)
class MlqaRow:
    """A row of Table 2: the mean of three runs, with standard deviations where they are printed."""

    by_context: Mapping[str, float]
    g_xlt: float
    g_xlt_deviation: float
    xlt: float
    xlt_deviation: float


@dataclass(frozen=True, slots=True)
class TydiqaRow:
    """A row of Table 5; a label with a star is of a system trained for MLQA's languages, not TyDiQA's."""

    system: str
    label: str
    by_language: Mapping[str, float]
    mean: float
    deviation: float


def _statistics(question_words: float, answer_words: float, *counts: int) -> Statistics:
    *types, pairs = counts
    return Statistics(question_words, answer_words, dict(zip(QUESTION_TYPES, types, strict=True)), pairs)


_T_C_COUNTS = (5_742, 39_668, 190_309, 26_975, 16_225, 42_951, 21_522, 98_298, 441_690)

TABLE_1 = {
    "en": _statistics(10.1, 3.2, 1_194, 8_082, 37_506, 5_414, 3_261, 8_366, 4_146, 19_630, 87_599),
    "tq": _statistics(11.9, 3.2, 7_164, 48_492, 225_036, 32_484, 19_566, 50_196, 24_876, 117_780, 525_594),
    "tc": _statistics(10.1, 4.4, *_T_C_COUNTS),
    "tqc": _statistics(12.1, 4.4, *_T_C_COUNTS),
    "tall": _statistics(
        11.6, 4.1, 16_260, 111_664, 530_642, 75_606, 45_494, 119_366, 59_628, 275_116, 1_233_776
    ),
}
"""Training sets by name (`en`: SQuAD v1.1)."""


def _mlqa(*figures: float) -> MlqaRow:
    *contexts, g_xlt, g_xlt_deviation, xlt, xlt_deviation = figures
    by_context = dict(zip(MLQA_LANGUAGES, contexts, strict=True))
    return MlqaRow(by_context, g_xlt, g_xlt_deviation, xlt, xlt_deviation)


TABLE_2 = {
    "zs": _mlqa(46.9, 51.4, 60.2, 55.0, 47.0, 52.0, 49.7, 51.7, 0.4, 61.7, 0.3),
    "tq": _mlqa(53.8, 60.8, 73.5, 65.4, 53.2, 63.2, 56.7, 60.9, 0.2, 64.9, 0.2),
    "tc": _mlqa(44.8, 51.7, 62.0, 57.6, 42.7, 55.8, 50.8, 52.2, 1.0, 58.5, 0.9),
    "tqc": _mlqa(48.9, 58.4, 70.4, 63.6, 46.8, 61.4, 54.4, 57.7, 0.1, 64.3, 0.0),
    "tall": _mlqa(52.6, 61.1, 73.8, 66.3, 50.6, 64.8, 58.2, 61.1, 0.1, 64.2, 0.2),
    "at-en-zh": _mlqa(50.5, 56.7, 68.0, 60.8, 50.7, 57.4, 51.5, 56.5, 0.1, 62.8, 0.1),
    "at-en-all": _mlqa(54.1, 61.1, 73.6, 65.5, 54.2, 63.4, 56.8, 61.2, 0.1, 65.2, 0.1),
    "laf-psa-en-zh": _mlqa(50.8, 56.9, 68.6, 61.3, 51.0, 57.8, 51.6, 56.9, 0.1, 62.8, 0.1),
    "laf-psa-qs-en-zh": _mlqa(50.7, 56.6, 68.5, 61.2, 51.0, 57.7, 51.8, 56.8, 0.4, 62.7, 0.1),
    "laf-psa-en-all": _mlqa(54.5, 61.4, 74.2, 66.0, 54.6, 64.2, 57.5, 61.8, 0.1, 65.6, 0.0),
    "laf-psa-qs-en-all": _mlqa(54.8, 61.5, 74.3, 66.1, 54.9, 64.3, 57.6, 61.9, 0.1, 65.7, 0.0),
}
"""MLQA test by system: G-XLT of each context language, overall G-XLT, XLT."""

_TABLE_3_ROWS = {
    "ar": (58.0, 59.7, 70.3, 62.7, 51.1, 61.6, 54.0),
    "de": (58.6, 65.5, 78.0, 71.0, 59.0, 66.2, 59.9),
    "en": (56.8, 64.9, 80.2, 69.6, 56.6, 66.6, 59.6),
    "es": (55.8, 66.0, 77.7, 70.2, 55.3, 64.5, 58.2),
    "hi": (50.5, 57.1, 70.3, 61.5, 58.9, 60.7, 54.0),
    "vi": (49.3, 56.7, 69.0, 61.4, 50.8, 64.0, 54.7),
    "zh": (54.3, 60.9, 74.3, 66.0, 52.4, 66.3, 63.1),
}

TABLE_3_SYSTEM = "laf-psa-qs-en-all"
TABLE_3 = {
    (context, question): figure
    for question, figures in _TABLE_3_ROWS.items()
    for context, figure in zip(MLQA_LANGUAGES, figures, strict=True)
}
"""MLQA test of `TABLE_3_SYSTEM` by (context language, question language)."""

TABLE_3_BY_QUESTION = dict(zip(MLQA_LANGUAGES, (59.6, 65.5, 64.9, 64.0, 59.0, 58.0, 62.5), strict=True))
"""The last column of Table 3: the mean of each question language over the context languages."""

TABLE_4 = {
    "zs": dict(zip((*MLQA_LANGUAGES, "xlt"), (51.7, 60.6, 80.4, 66.8, 50.5, 61.4, 60.1, 61.7), strict=True)),
    TABLE_3_SYSTEM: dict(
        zip((*MLQA_LANGUAGES, "xlt"), (58.0, 65.5, 80.2, 70.2, 58.9, 64.0, 63.1, 65.7), strict=True)
    ),
}
"""MLQA test, question and context in one language; `xlt` is their mean."""


def _tydiqa(system: str, label: str, *figures: float) -> TydiqaRow:
    *languages, mean, deviation = figures
    by_language = dict(zip(TYDIQA_LANGUAGES, languages, strict=True))
    return TydiqaRow(system, label, by_language, mean, deviation)


TABLE_5 = (
    _tydiqa("zs", "ZS", 75.0, 62.8, 55.3, 61.6, 49.9, 57.8, 61.6, 65.0, 58.5, 60.8, 1.0),
    _tydiqa("tq", "T(Q)*", 73.2, 59.4, 56.7, 61.4, 47.8, 62.4, 67.5, 63.8, 54.6, 60.8, 0.3),
    _tydiqa("at-en-all", "AT*", 74.1, 59.9, 56.5, 63.0, 49.0, 63.8, 67.0, 64.6, 56.7, 61.6, 0.9),
    _tydiqa("laf-psa-qs-en-all", "LAF*", 74.1, 59.9, 55.3, 64.1, 49.1, 63.8, 68.4, 65.9, 57.3, 61.9, 0.4),
    _tydiqa("tq-tydiqa", "T(Q)", 73.7, 63.8, 59.7, 70.8, 49.5, 60.6, 65.5, 65.7, 69.3, 64.3, 0.3),
    _tydiqa("at-tydiqa", "AT", 73.7, 64.2, 62.1, 71.9, 49.1, 62.2, 66.6, 66.2, 70.8, 65.2, 0.5),
    _tydiqa("laf-psa-qs-tydiqa", "LAF", 74.3, 67.6, 61.9, 72.0, 50.6, 62.4, 68.0, 67.0, 71.2, 66.1, 0.5),
)
"""TyDiQA dev, by system: ZS, those trained for MLQA's languages (*), then those trained for TyDiQA's."""
