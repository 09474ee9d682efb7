"""Questions brought back from translation: the same care for markup as contexts get, without any marks in them."""

from collections.abc import Iterable, Mapping

from tasks.mt.markup import Markup
from tasks.projection.cleaning import leftover, settled
from tasks.projection.marking import plain, recover


def questions_back(
    questions: Iterable[str], translations: Mapping[str, str], markup: Markup
) -> dict[str, str]:
    """The clean translation of each question that has a usable one.

    Args:
        questions: as the source has them.
        translations: what came back, by the text that was sent.
        markup: the dialect in which it was sent.
    """
    return {
        question: text
        for question in questions
        if (text := _back(question, translations.get(plain(question, markup)), markup))
    }


def _back(question: str, translation: str | None, markup: Markup) -> str:
    """The translation, or nothing where there is none or the wreck of a tag is left in it."""
    text = recover(settled(translation or "", question), markup).text.strip()
    return "" if leftover(text, question) else text
