"""From the marks that came back to the answer in the translated context, or to the reason why there is none."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from storage.examples import Span
from storage.silver import Reason
from tasks.projection.cases import NOTHING, Known, is_empty, read_cases, trimmed
from tasks.projection.choosing import choose
from tasks.projection.cleaning import leftover, settled
from tasks.projection.ladder import Found
from tasks.projection.marking import Marked, Recovered, recover
from tasks.projection.mending import read_again
from tasks.projection.outcomes import Method, Outcome, Projected, Projection, Rejection
from tasks.projection.rungs.case import Case


class Rule(StrEnum):
    """Which marks are good enough."""

    BEST = "best"
    """Keep all that can be kept: the best-scored of what all rungs of the ladder find, its edges repaired."""
    PAPER = "paper"
    """Bornea et al. (2021), Sec. 3.1: keep an answer only where exactly one pair of its tags came back."""


def project(
    marked: Marked,
    translation: str | None,
    rule: Rule = Rule.BEST,
    known: Known = NOTHING,
) -> Projected:
    """Find every marked answer again in the translation of its context.

    The clean context holds no tag and no entity that the source lacked: doubled entities and escaped tags are put
    right first, foreign tags dropped, and where the wreck of a tag remains every answer is rejected.

    Args:
        marked: what was sent.
        translation: what came back; None where the engine had nothing.
        rule: which marks are good enough.
        known: what else there is to go by (`best` only).
    """
    if translation is None:
        return _all_rejected(marked, "", Reason.NOT_TRANSLATED, "")
    if rule is Rule.BEST:
        found, places = read_translation(marked, translation, known.alone)
    else:
        found, places = recover(settled(translation, marked.context, marked.markup), marked.markup), {}
    if wreck := leftover(found.text, marked.context, marked.markup):
        return _all_rejected(marked, found.text, Reason.TAGS_UNBALANCED, f"{wreck!r} was left in the text")
    if rule is Rule.PAPER:
        return Projected(
            found.text,
            tuple(
                _paper(found, number, span, marked.context[span.start : span.end])
                for number, span in enumerate(marked.spans, 1)
            ),
        )
    return _climbed(marked, found, places, known)


def read_translation(
    marked: Marked, translation: str, alone: Mapping[str, str] = NOTHING.alone
) -> tuple[Recovered, Mapping[int, Sequence[int]]]:
    """A translation free of marks, where each mark stands in it, and where tags stand that lack a partner.

    Args:
        marked: what was sent.
        translation: what came back; tags that came back in another form are read for what they must have been.
        alone: what came back for answers that were translated by themselves, by the text that was sent.
    """
    found = recover(settled(translation, marked.context, marked.markup), marked.markup)
    whole = not found.unbalanced and len(found.pieces) == len(marked.spans)
    return (found, {}) if whole else read_again(translation, marked, found, alone)


def verbatim(
    marked: Marked,
    translation: str | None,
    rule: Rule = Rule.BEST,
    known: Known = NOTHING,
) -> Projected:
    """Find the answers in a translation that was made without marks, by the rungs that need none.

    With neither aligner nor answers translated alone, what is found are numbers and names that stayed what they were.
    The paper's rule has no such case.

    Args:
        marked: a context with its spans; its marks were not sent.
        translation: what came back for the plain context; None where the engine had nothing.
        rule: which answers are good enough.
        known: what else there is to go by.
    """
    if translation is None:
        return _all_rejected(marked, "", Reason.NOT_TRANSLATED, "")
    text = recover(settled(translation, marked.context, marked.markup), marked.markup).text
    if wreck := leftover(text, marked.context, marked.markup):
        return _all_rejected(marked, text, Reason.TAGS_UNBALANCED, f"{wreck!r} was left in the text")
    if rule is Rule.PAPER:
        return _all_rejected(marked, text, Reason.TAGS_LOST, "translated without tags")
    return _climbed(marked, Recovered(text), {}, known, "translated without tags, and no other way found it")


def _paper(found: Recovered, number: int, span: Span, answer: str) -> Outcome:
    pieces = found.pieces.get(number, ())
    if number in found.unbalanced:
        return Rejection(span, Reason.TAGS_UNBALANCED)
    if len(pieces) > 1:
        return Rejection(span, Reason.TAGS_SPLIT, f"{len(pieces)} pieces")
    if not pieces:
        return Rejection(span, Reason.TAGS_LOST)
    if is_empty(found.text[pieces[0].start : pieces[0].end], answer):
        return Rejection(span, Reason.EMPTY_ANSWER)
    inside = trimmed(found.text, pieces[0])
    text = found.text[inside.start : inside.end]
    return Projection(span, text, inside, Method.PAPER, 1.0)


def _climbed(
    marked: Marked,
    found: Recovered,
    places: Mapping[int, Sequence[int]],
    known: Known,
    detail: str = "",
) -> Projected:
    """What the ladder makes of each mark."""
    cases = read_cases(marked, found, places, known)
    outcomes = tuple(
        _projection(case, choice) if choice else Rejection(case.span, _reason(found, number), detail)
        for number, (case, choice) in enumerate(zip(cases, choose(cases), strict=True), 1)
    )
    return Projected(found.text, outcomes)


def _projection(case: Case, choice: tuple[Found, float]) -> Outcome:
    found, confidence = choice
    text = case.text[found.span.start : found.span.end]
    return Projection(case.span, text, found.span, found.method, confidence)


def _reason(found: Recovered, number: int) -> Reason:
    if found.pieces.get(number):
        return Reason.EMPTY_ANSWER
    return Reason.TAGS_UNBALANCED if number in found.unbalanced else Reason.TAGS_LOST


def _all_rejected(marked: Marked, context: str, reason: Reason, detail: str) -> Projected:
    return Projected(context, tuple(Rejection(span, reason, detail) for span in marked.spans))
