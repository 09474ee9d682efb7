"""From the marks that came back to the answer in the translated context, or to the reason why there is none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from storage.silver import Reason
from tasks.projection.cases import NOTHING, Known, WordAligner, aligned, read_cases
from tasks.projection.choosing import choose, in_doubt
from tasks.projection.cleaning import leftover, settled
from tasks.projection.ladder import Found
from tasks.projection.marking import Marked, Recovered, recover
from tasks.projection.mending import read_again
from tasks.projection.outcomes import Method, Outcome, Projected, Projection, Rejection
from tasks.projection.rungs.case import Case
from tasks.projection.rungs.exact import exact


class Rule(StrEnum):
    """Which marks are good enough."""

    BEST = "best"
    """Keep all that can be kept: the best-scored of what all rungs of the ladder find, its edges repaired."""
    PAPER = "paper"
    """Bornea et al. (2021), Sec. 3.1: keep an answer only where exactly one pair of its tags came back."""


_ALIGNED_AT_A_TIME = 64
"""Translations: enough for an aligner to share the work, few enough for the memory (some 200 kilobytes each)."""


class Returned(NamedTuple):
    """A marked context, and what came back for it: None where the engine had nothing.

    `plainly`: it was sent without its marks.
    """

    marked: Marked
    translation: str | None
    plainly: bool = False


def project(
    marked: Marked,
    translation: str | None,
    rule: Rule = Rule.BEST,
    known: Known = NOTHING,
) -> Projected:
    """Find every marked answer again in the translation of its context; `project_all` takes less time for many."""
    return project_all([Returned(marked, translation)], rule, known)[0]


def project_all(
    returned: Iterable[Returned], rule: Rule = Rule.BEST, known: Known = NOTHING
) -> list[Projected]:
    """Find every marked answer again in the translations of their contexts.

    The clean contexts hold no tag and no entity that the source lacked: doubled entities and escaped tags are put
    right first, foreign tags dropped, and where the wreck of a tag remains every answer is rejected.

    In a translation that was made without marks the rungs are left that need none: with neither aligner nor answers
    translated alone, what is found are numbers and names that stayed what they were. The paper's rule has no such case.

    Args:
        returned: what was sent and what came back.
        rule: which marks are good enough.
        known: what else there is to go by (`best` only); the aligner is asked about answers in doubt, many at a time.
    """
    read = [_read(one, rule, known) for one in returned]
    climbed = iter(_climbed([one for one in read if isinstance(one, _Reading)], known.aligner))
    return [one if isinstance(one, Projected) else next(climbed) for one in read]


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


@dataclass(frozen=True, slots=True)
class _Reading:
    """A translation free of marks, with a case for each; `detail` is said of those that are not found."""

    found: Recovered
    cases: Sequence[Case]
    detail: str = ""


def _read(returned: Returned, rule: Rule, known: Known) -> Projected | _Reading:
    """A translation read as far as it can be without an aligner: whatever is in doubt waits for one."""
    marked, translation, plainly = returned
    if translation is None:
        return _all_rejected(marked, "", Reason.NOT_TRANSLATED, "")
    if rule is Rule.BEST and not plainly:
        found, places = read_translation(marked, translation, known.alone)
    else:
        found, places = recover(settled(translation, marked.context, marked.markup), marked.markup), {}
    if wreck := leftover(found.text, marked.context, marked.markup):
        return _all_rejected(marked, found.text, Reason.TAGS_UNBALANCED, f"{wreck!r} was left in the text")
    if plainly and rule is Rule.PAPER:
        return _all_rejected(marked, found.text, Reason.TAGS_LOST, "translated without tags")
    found = Recovered(found.text) if plainly else found
    cases = read_cases(marked, found, places, known)
    if rule is Rule.PAPER:
        return Projected(found.text, tuple(_paper(found, n, case) for n, case in enumerate(cases, 1)))
    return _Reading(found, cases, "translated without tags, and no other way found it" if plainly else "")


def _paper(found: Recovered, number: int, case: Case) -> Outcome:
    if one := exact(case):
        text = case.text[one.span.start : one.span.end]
        return Projection(case.span, text, one.span, Method.PAPER, one.score)
    if number in found.unbalanced:
        return Rejection(case.span, Reason.TAGS_UNBALANCED)
    if (pieces := len(found.pieces.get(number, ()))) > 1:
        return Rejection(case.span, Reason.TAGS_SPLIT, f"{pieces} pieces")
    return Rejection(case.span, _reason(found, number))


def _climbed(readings: Sequence[_Reading], aligner: WordAligner | None) -> list[Projected]:
    """What the ladder makes of each; only those with answers in doubt are aligned, a batch of them at a time."""
    found: dict[int, Projected] = {}
    if aligner is not None:
        doubtful = [place for place, one in enumerate(readings) if any(map(in_doubt, one.cases))]
        for start in range(0, len(doubtful), _ALIGNED_AT_A_TIME):
            batch = doubtful[start : start + _ALIGNED_AT_A_TIME]
            cases = iter(aligned((case for place in batch for case in readings[place].cases), aligner))
            for place in batch:
                found[place] = _outcomes(readings[place], [next(cases) for _ in readings[place].cases])
    return [found.get(place) or _outcomes(one, one.cases) for place, one in enumerate(readings)]


def _outcomes(read: _Reading, cases: Sequence[Case]) -> Projected:
    outcomes = tuple(
        _projection(case, choice)
        if choice
        else Rejection(case.span, _reason(read.found, number), read.detail)
        for number, (case, choice) in enumerate(zip(cases, choose(cases), strict=True), 1)
    )
    return Projected(read.found.text, outcomes)


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
