"""From the marks that came back to the answer in the translated context, or to the reason why there is none."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from storage.examples import Span
from storage.silver import Reason
from tasks.projection.cleaning import leftover, settled
from tasks.projection.edges import repaired
from tasks.projection.marking import Marked, Recovered, recover


class Rule(StrEnum):
    """Which marks are good enough."""

    BEST = "best"
    """Keep all that can be kept: a split answer is the cover of its pieces, edges are repaired."""
    PAPER = "paper"
    """Bornea et al. (2021), Sec. 3.1: keep an answer only where exactly one pair of its tags came back."""


class Method(StrEnum):
    """How an answer was found; stored with the row."""

    PAPER = "paper"
    EXACT = "exact"
    COVER = "cover"
    VERBATIM = "verbatim"


@dataclass(frozen=True, slots=True)
class Projection:
    """An answer found again: `context[span.start:span.end] == text` in the translated context.

    `source` is its span before translation; `confidence` (0 to 1) the share of `text` that stood between tags.
    """

    source: Span
    text: str
    span: Span
    method: Method
    confidence: float


@dataclass(frozen=True, slots=True)
class Rejection:
    """An answer that was not found again, and why; `source` is its span before translation."""

    source: Span
    reason: Reason
    detail: str = ""


Outcome = Projection | Rejection


@dataclass(frozen=True, slots=True)
class Projected:
    """A translated context free of marks, with one outcome per marked span, in the order of `Marked.spans`."""

    context: str
    outcomes: tuple[Outcome, ...]


def project(
    marked: Marked, translation: str | None, rule: Rule = Rule.BEST, *, source: str = "", target: str = ""
) -> Projected:
    """Find every marked answer again in the translation of its context.

    The clean context holds no tag and no entity that the source lacked: doubled entities and escaped tags are put
    right first, foreign tags dropped, and where the wreck of a tag remains every answer is rejected.

    Args:
        marked: what was sent.
        translation: what came back; None where the engine had nothing.
        rule: which marks are good enough.
        source: language of the marked context; with `target`, lets `best` mend contractions.
        target: language of the translation.
    """
    if translation is None:
        return _all_rejected(marked, "", Reason.NOT_TRANSLATED, "")
    found = recover(settled(translation, marked.context, marked.markup), marked.markup)
    if wreck := leftover(found.text, marked.context, marked.markup):
        return _all_rejected(marked, found.text, Reason.TAGS_UNBALANCED, f"{wreck!r} was left in the text")
    outcomes: list[Outcome] = []
    for number, span in enumerate(marked.spans, 1):
        asked = _Asked(number, span, marked.context[span.start : span.end])
        outcome = _RULES[rule](found, asked)
        if isinstance(outcome, Projection) and rule is Rule.BEST:
            outcome = _moved(
                outcome, found.text, repaired(found.text, outcome.span, asked.text, source, target)
            )
        outcomes.append(outcome)
    return Projected(found.text, tuple(outcomes))


def verbatim(marked: Marked, translation: str | None, rule: Rule = Rule.BEST) -> Projected:
    """Find the answers that stayed what they were (numbers, names) in a translation that was made without marks.

    An answer counts as found where it stands exactly once, as whole words, both in the source and in the translation.
    The paper's rule has no such case.

    Args:
        marked: a context with its spans; its marks were not sent.
        translation: what came back for the plain context; None where the engine had nothing.
        rule: which answers are good enough.
    """
    if translation is None:
        return _all_rejected(marked, "", Reason.NOT_TRANSLATED, "")
    text = recover(settled(translation, marked.context, marked.markup), marked.markup).text
    if wreck := leftover(text, marked.context, marked.markup):
        return _all_rejected(marked, text, Reason.TAGS_UNBALANCED, f"{wreck!r} was left in the text")
    if rule is Rule.PAPER:
        return _all_rejected(marked, text, Reason.TAGS_LOST, "translated without tags")
    return Projected(text, tuple(_unchanged(marked.context, span, text) for span in marked.spans))


class _Asked(NamedTuple):
    """The mark that is looked for: its number, and the answer in the source that it stands for."""

    number: int
    span: Span
    text: str


def _paper(found: Recovered, asked: _Asked) -> Outcome:
    pieces = found.pieces.get(asked.number, ())
    if asked.number in found.unbalanced:
        return Rejection(asked.span, Reason.TAGS_UNBALANCED)
    if len(pieces) > 1:
        return Rejection(asked.span, Reason.TAGS_SPLIT, f"{len(pieces)} pieces")
    return _projection(found, pieces, asked, Method.PAPER)


def _best(found: Recovered, asked: _Asked) -> Outcome:
    pieces = found.pieces.get(asked.number, ())
    if not pieces and asked.number in found.unbalanced:
        return Rejection(asked.span, Reason.TAGS_UNBALANCED)
    filled = tuple(
        piece for piece in pieces if not _is_empty(found.text[piece.start : piece.end], asked.text)
    )
    return _projection(found, filled or pieces, asked, Method.EXACT if len(filled) == 1 else Method.COVER)


_RULES: dict[Rule, Callable[[Recovered, _Asked], Outcome]] = {Rule.BEST: _best, Rule.PAPER: _paper}


def _projection(found: Recovered, pieces: tuple[Span, ...], asked: _Asked, method: Method) -> Outcome:
    if not pieces:
        return Rejection(asked.span, Reason.TAGS_LOST)
    start, end = min(piece.start for piece in pieces), max(piece.end for piece in pieces)
    text = found.text[start:end]
    if _is_empty(text, asked.text):
        return Rejection(asked.span, Reason.EMPTY_ANSWER)
    end -= len(text) - len(text.rstrip())
    start += len(text) - len(text.lstrip())
    inside = {place for piece in pieces for place in range(max(piece.start, start), min(piece.end, end))}
    return Projection(asked.span, text.strip(), Span(start, end), method, len(inside) / (end - start))


def _unchanged(context: str, span: Span, translation: str) -> Outcome:
    answer = context[span.start : span.end]
    whole = re.compile(rf"(?<!\w){re.escape(answer)}(?!\w)")
    places = [match.start() for match in whole.finditer(translation)]
    if len(places) != 1 or len(whole.findall(context)) != 1 or _is_punctuation(answer):
        return Rejection(span, Reason.TAGS_LOST, "translated without tags, and it did not stay what it was")
    return Projection(span, answer, Span(places[0], places[0] + len(answer)), Method.VERBATIM, 0.0)


def _moved(projection: Projection, context: str, span: Span) -> Projection:
    text = context[span.start : span.end]
    return Projection(projection.source, text, span, projection.method, projection.confidence)


def _is_empty(text: str, answer: str) -> bool:
    """Whether nothing of an answer is left: not a letter, unless it had none to begin with (`&`, say)."""
    return not text.strip() or (_is_punctuation(text) and not _is_punctuation(answer))


def _is_punctuation(text: str) -> bool:
    return all(char.isspace() or unicodedata.category(char).startswith("P") for char in text)


def _all_rejected(marked: Marked, context: str, reason: Reason, detail: str) -> Projected:
    return Projected(context, tuple(Rejection(span, reason, detail) for span in marked.spans))
