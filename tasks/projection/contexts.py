"""The answers of whole examples projected: each distinct context is marked and read once for all of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from storage.examples import Answer, Example, Span
from storage.silver import Reason, Refusal
from tasks.mt.markup import Markup
from tasks.projection.marking import Marked, mark, plain
from tasks.projection.rules import Outcome, Projection, Rejection, Rule, project, verbatim
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
    """
    found: dict[tuple[str, Span], tuple[str, Outcome]] = {}
    for marked in mark_contexts(examples, markup):
        if marked.text in translations or marked.text not in refusals:
            projected = project(marked, translations.get(marked.text), rule, source=source, target=target)
            outcomes = [(projected.context, outcome) for outcome in projected.outcomes]
        else:
            refusal = refusals[marked.text]
            outcomes = _otherwise(marked, translations, rule, refusal, source=source, target=target)
        for span, outcome in zip(marked.spans, outcomes, strict=True):
            found[marked.context, span] = outcome
    return {e.id: _answered([found[e.context, answer.span] for answer in e.answers]) for e in examples}


def _otherwise(
    marked: Marked,
    translations: Mapping[str, str],
    rule: Rule,
    refusal: Refusal,
    *,
    source: str,
    target: str,
) -> list[tuple[str, Outcome]]:
    """Each answer where its context was sent with its tags alone, else without any tags, else why not at all."""
    untagged = translations.get(plain(marked.context, marked.markup))
    found: list[tuple[str, Outcome]] = []
    for copy in single_copies(marked):
        if (translation := translations.get(copy.text)) is not None:
            projected = project(copy, translation, rule, source=source, target=target)
        else:
            projected = verbatim(copy, untagged, rule)
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


def _answered(found: Sequence[tuple[str, Outcome]]) -> AnsweredContext:
    """One context with all answers that were found in it: the first one found decides which copy that is."""
    first = next(((context, o) for context, o in found if isinstance(o, Projection)), None)
    if first is None:
        return _unanswered(*found[0])
    copy, projection = first
    answers = dict.fromkeys(
        Answer(o.text, o.span.start) for context, o in found if context == copy and isinstance(o, Projection)
    )
    return AnsweredContext(copy, tuple(answers), projection.method, projection.confidence)


def _unanswered(context: str, outcome: Outcome) -> AnsweredContext:
    if not isinstance(outcome, Rejection):
        raise TypeError("only a rejection leaves a context without an answer")
    return AnsweredContext(context, (), "", 0.0, outcome.reason, outcome.detail)
