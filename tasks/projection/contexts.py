"""The answers of whole examples projected: each distinct context is marked and read once for all of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from storage.examples import Answer, Example, Span
from storage.silver import Reason, Refusal
from tasks.mt.markup import Markup
from tasks.projection.cases import Known, WordAligner
from tasks.projection.marking import Marked, mark, plain
from tasks.projection.outcomes import Outcome, Projected, Projection, Rejection
from tasks.projection.rules import Rule, project, verbatim
from tasks.projection.ways import single_copies


@dataclass(frozen=True, slots=True)
class AnsweredContext:
    """A context with the answers of one example in it, or the reason why they were not found there."""

    context: str
    answers: tuple[Answer, ...]
    method: str
    confidence: float
    reason: Reason | None = None
    detail: str = ""


class Further(NamedTuple):
    """The same contexts translated once more: in another style of marks, or every answer tagged alone in a copy."""

    markup: Markup
    translations: Mapping[str, str]


def mark_contexts(examples: Iterable[Example], markup: Markup) -> Iterator[Marked]:
    """Each distinct context once, with tags round the answers of all its questions; crossing ones in further copies."""
    for context, spans in _spans_by_context(examples).items():
        yield from mark(context, spans, markup)


def project_examples(
    examples: Sequence[Example],
    translations: Mapping[str, str],
    rule: Rule,
    markup: Markup,
    *,
    source: str,
    target: str,
    refusals: Mapping[str, Refusal] = MappingProxyType({}),
    aligner: WordAligner | None = None,
    alone: Mapping[str, str] = MappingProxyType({}),
    further: Sequence[Further] = (),
) -> dict[str, AnsweredContext]:
    """The translated context of each example with its answers found again, or the reason why not, by example id.

    Args:
        examples: the very examples whose contexts were marked.
        translations: what came back, by marked text.
        rule: which marks are good enough.
        markup: the dialect of the marks.
        source: language of the examples.
        target: language of the translations.
        refusals: why nothing usable came back, by marked text; such a context is looked for as it was sent in other
            ways (`tasks.projection.ways`).
        aligner: aligns the words of a context with those of its translation (`Rule.BEST` only).
        alone: what came back for answers translated by themselves, by `plain(answer, markup)` (`Rule.BEST` only).
        further: other translations of the same contexts; an answer is taken from the first in which its confidence is
            highest, so they matter only where an earlier one lost or split a mark.
    """
    here = _Trial(translations, rule, Known(source, target, aligner, alone))
    found = _found(examples, here, markup, refusals)
    for other in further:
        there = here._replace(translations=other.translations)
        for place, outcome in _elsewhere(examples, there, other.markup).items():
            if _is_better(outcome[1], found[place][1]):
                found[place] = outcome
    return {e.id: _answered([found[e.context, answer.span] for answer in e.answers]) for e in examples}


class _Trial(NamedTuple):
    """Translations, and how answers are looked for in them."""

    translations: Mapping[str, str]
    rule: Rule
    known: Known

    def project(self, marked: Marked) -> Projected:
        """The answers in the translation of what was marked, if there is one."""
        return project(marked, self.translations.get(marked.text), self.rule, self.known)

    def verbatim(self, marked: Marked) -> Projected:
        """The answers in the translation of the same text without marks."""
        sent = plain(marked.context, marked.markup)
        return verbatim(marked, self.translations.get(sent), self.rule, self.known)


Sighting = tuple[str, Outcome]
"""A translated context, and what became of one answer in it."""


def _found(
    examples: Iterable[Example], trial: _Trial, markup: Markup, refusals: Mapping[str, Refusal]
) -> dict[tuple[str, Span], Sighting]:
    found: dict[tuple[str, Span], Sighting] = {}
    for marked in mark_contexts(examples, markup):
        if marked.text in trial.translations or marked.text not in refusals:
            projected = trial.project(marked)
            sightings = [(projected.context, outcome) for outcome in projected.outcomes]
        else:
            sightings = _otherwise(marked, trial, refusals[marked.text])
        for span, sighting in zip(marked.spans, sightings, strict=True):
            found[marked.context, span] = sighting
    return found


def _elsewhere(
    examples: Iterable[Example], trial: _Trial, markup: Markup
) -> dict[tuple[str, Span], Sighting]:
    """What is found in a further translation, its marked contexts first, then its copies with a single tag."""
    found: dict[tuple[str, Span], Sighting] = {}
    for marked in mark_contexts(examples, markup):
        for copy in (marked, *single_copies(marked)):
            if copy.text in trial.translations:
                projected = trial.project(copy)
                for span, outcome in zip(copy.spans, projected.outcomes, strict=True):
                    best = found.get((copy.context, span))
                    if best is None or _is_better(outcome, best[1]):
                        found[copy.context, span] = projected.context, outcome
    return found


def _is_better(one: Outcome, other: Outcome) -> bool:
    if isinstance(one, Rejection):
        return False
    return isinstance(other, Rejection) or one.confidence > other.confidence


def _otherwise(marked: Marked, trial: _Trial, refusal: Refusal) -> list[Sighting]:
    """Each answer where its context was sent with its tags alone, else without any tags, else why not at all."""
    found: list[Sighting] = []
    for copy in single_copies(marked):
        projected = trial.project(copy) if copy.text in trial.translations else trial.verbatim(copy)
        outcome = projected.outcomes[0]
        if isinstance(outcome, Rejection) and outcome.reason is Reason.NOT_TRANSLATED:
            outcome = replace(outcome, reason=refusal.reason, detail=refusal.detail)
        found.append((projected.context, outcome))
    return found


def _spans_by_context(examples: Iterable[Example]) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {}
    for example in examples:
        spans.setdefault(example.context, []).extend(answer.span for answer in example.answers)
    return spans


def _answered(found: Sequence[Sighting]) -> AnsweredContext:
    """One context with all answers that were found in it: the first one found decides which copy that is."""
    if len(found) == 1 and isinstance(only := found[0][1], Projection):
        answers = (Answer(only.text, only.span.start),)
        return AnsweredContext(found[0][0], answers, only.method, only.confidence)
    first = next(((context, o) for context, o in found if isinstance(o, Projection)), None)
    if first is None:
        return _unanswered(*found[0])
    copy, projection = first
    distinct = dict.fromkeys(
        Answer(o.text, o.span.start) for context, o in found if context == copy and isinstance(o, Projection)
    )
    return AnsweredContext(copy, tuple(distinct), projection.method, projection.confidence)


def _unanswered(context: str, outcome: Outcome) -> AnsweredContext:
    if not isinstance(outcome, Rejection):
        raise TypeError("only a rejection leaves a context without an answer")
    return AnsweredContext(context, (), "", 0.0, outcome.reason, outcome.detail)
