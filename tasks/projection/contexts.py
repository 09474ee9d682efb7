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
from tasks.projection.rules import Returned, Rule, project_all
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
    """Contexts sent once more, marked in another way (`tasks.projection.again`), and what came back, by marked text."""

    marked: Sequence[Marked]
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
            highest.
    """
    here = _Trial(translations, rule, Known(source, target, aligner, alone))
    found = _found(examples, here, markup, refusals)
    for other in further:
        there = here._replace(translations=other.translations)
        for place, sighting in _elsewhere(other.marked, there).items():
            if place in found and _is_better(sighting[1], found[place][1]):
                found[place] = sighting
    return {e.id: _answered([found[e.context, answer.span] for answer in e.answers]) for e in examples}


class _Trial(NamedTuple):
    """Translations, and how answers are looked for in them."""

    translations: Mapping[str, str]
    rule: Rule
    known: Known

    def project(self, marked: Iterable[Marked]) -> list[Projected]:
        """The answers in the translations of what was marked; of its plain text where there is no other."""
        return project_all(map(self._returned, marked), self.rule, self.known)

    def _returned(self, marked: Marked) -> Returned:
        if marked.text in self.translations:
            return Returned(marked, self.translations[marked.text])
        return Returned(marked, self.translations.get(plain(marked.context, marked.markup)), plainly=True)


Sighting = tuple[str, Outcome]
"""A translated context, and what became of one answer in it."""


def _found(
    examples: Iterable[Example], trial: _Trial, markup: Markup, refusals: Mapping[str, Refusal]
) -> dict[tuple[str, Span], Sighting]:
    """Each answer in its marked context; where that was refused, in a copy with its tags alone or with none at all."""
    copies: list[tuple[Marked, Refusal | None]] = []
    for marked in mark_contexts(examples, markup):
        if marked.text in trial.translations or marked.text not in refusals:
            copies.append((marked, None))
        else:
            copies += ((copy, refusals[marked.text]) for copy in single_copies(marked))
    found: dict[tuple[str, Span], Sighting] = {}
    for (copy, refusal), projected in zip(copies, trial.project(c for c, _ in copies), strict=True):
        for span, outcome in zip(copy.spans, projected.outcomes, strict=True):
            found[copy.context, span] = projected.context, _told(outcome, refusal)
    return found


def _told(outcome: Outcome, refusal: Refusal | None) -> Outcome:
    """Of what was sent in no way with success, why the first way had none."""
    if refusal and isinstance(outcome, Rejection) and outcome.reason is Reason.NOT_TRANSLATED:
        return replace(outcome, reason=refusal.reason, detail=refusal.detail)
    return outcome


def _elsewhere(marked: Iterable[Marked], trial: _Trial) -> dict[tuple[str, Span], Sighting]:
    """The best of what is found of each answer in a further translation."""
    copies = [copy for copy in marked if copy.text in trial.translations]
    found: dict[tuple[str, Span], Sighting] = {}
    for copy, projected in zip(copies, trial.project(copies), strict=True):
        for span, outcome in zip(copy.spans, projected.outcomes, strict=True):
            best = found.get((copy.context, span))
            if best is None or _is_better(outcome, best[1]):
                found[copy.context, span] = projected.context, outcome
    return found


def _is_better(one: Outcome, other: Outcome) -> bool:
    if isinstance(one, Rejection):
        return False
    return isinstance(other, Rejection) or one.confidence > other.confidence


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
