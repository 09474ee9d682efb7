"""Questions brought back from translation: the same care for markup as contexts get, without any marks in them."""

from collections.abc import Iterable, Mapping

from storage.silver import Reason, Refusal
from tasks.mt.markup import Markup
from tasks.projection.cleaning import leftover, settled
from tasks.projection.marking import plain, recover

NEVER_CAME_BACK = Refusal(Reason.NOT_TRANSLATED, "the question has no usable translation")


def questions_back(
    questions: Iterable[str], translations: Mapping[str, str], markup: Markup
) -> dict[str, str]:
    """The clean translation of each question that has a usable one.

    Args:
        questions: as the source has them.
        translations: what came back, by the text that was sent.
        markup: the dialect in which it was sent.
    """
    found = (
        (question, _back(question, translations.get(plain(question, markup)), markup))
        for question in questions
    )
    return {question: text for question, text in found if isinstance(text, str)}


def questions_lost(
    questions: Iterable[str],
    translations: Mapping[str, str],
    refusals: Mapping[str, Refusal],
    markup: Markup,
) -> dict[str, Refusal]:
    """Why each of the other questions has none.

    Args:
        questions: as the source has them.
        translations: what came back, by the text that was sent.
        refusals: why nothing usable came back, by the text that was sent.
        markup: the dialect in which it was sent.
    """
    lost: dict[str, Refusal] = {}
    for question in questions:
        sent = plain(question, markup)
        found = _back(question, translations.get(sent), markup)
        if isinstance(found, Refusal):
            lost[question] = found if sent in translations else refusals.get(sent, found)
    return lost


def _back(question: str, translation: str | None, markup: Markup) -> str | Refusal:
    """The translation, or why it is of no use: there is none, or the wreck of a tag is left in it."""
    text = recover(settled(translation or "", question, markup), markup).text.strip()
    if not text:
        return NEVER_CAME_BACK
    wreck = leftover(text, question, markup)
    return Refusal(Reason.QUESTION_GARBLED, f"{wreck!r} was left in the question") if wreck else text
