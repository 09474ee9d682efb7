"""What a page must know of a language to show its text."""

from typing import Literal

from tasks.scoring.metrics import primary_language

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})


def direction(language: str) -> Literal["ltr", "rtl"]:
    """The value of HTML's `dir` for text of a language.

    >>> direction("ar-EG"), direction("es")
    ('rtl', 'ltr')
    """
    return "rtl" if primary_language(language) in _RIGHT_TO_LEFT else "ltr"
