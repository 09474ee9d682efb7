"""The filters applied: every projected row is kept, with its confidence, or gets the reason why it is not."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from storage.examples import Example
from storage.silver import Reason
from tasks.projection.contexts import AnsweredContext
from tasks.projection.filters import identity, measures
from tasks.projection.filters.settings import REASONS, Filter, Filters, Setting


class Texts(NamedTuple):
    """What is compared: a context and its translation, and for the filters of answers one answer and its own.

    `back` is the answer translated back into the source language; None where nobody did.
    """

    context: str
    translation: str
    source: str
    target: str
    answer: str = ""
    found: str = ""
    back: str | None = None


class Verdict(NamedTuple):
    """By what a row's confidence is multiplied, or which filter rejects it and why."""

    factor: float
    reason: Reason | None = None
    detail: str = ""


Score = Callable[[Texts], float]

CONTEXT_SCORES: Mapping[Filter, Score] = MappingProxyType(
    {
        Filter.SCRIPT: lambda t: identity.script(t.translation, t.target),
        Filter.LANGUAGE: lambda t: identity.language(t.translation, t.target),
        Filter.CONTEXT_LENGTH: lambda t: measures.context_length(
            t.context, t.translation, t.source, t.target
        ),
        Filter.REPETITION: lambda t: measures.repetition(t.context, t.translation),
        Filter.UNTRANSLATED: lambda t: measures.untranslated(t.context, t.translation),
    }
)
"""What is looked at once for each translated context."""

ANSWER_SCORES: Mapping[Filter, Score] = MappingProxyType(
    {
        Filter.ANSWER_LENGTH: lambda t: measures.answer_length(
            t.answer, t.found, len(t.translation) / (len(t.context) or 1)
        ),
        Filter.DIGITS: lambda t: measures.digits(t.answer, t.found),
        Filter.COPIED: lambda t: measures.untranslated(t.answer, t.found),
        Filter.BACK: lambda t: 1.0 if t.back is None else measures.back_translation(t.answer, t.back),
    }
)
"""What is looked at for each answer."""

Checks = Sequence[tuple[Filter, Setting, Score]]


def judged(texts: Texts, checks: Checks) -> Verdict:
    """What the checks say of one context or answer; the first that rejects it is named."""
    factor = 1.0
    for name, setting, score in checks:
        value = score(texts)
        if value < setting.least:
            return Verdict(0.0, REASONS[name], f"{name} {value:.2f} is below {setting.least:g}")
        if value < 1:
            factor *= setting.factor(value)
    return Verdict(factor)


def filtered(
    examples: Sequence[Example],
    projections: Mapping[str, AnsweredContext],
    filters: Filters,
    *,
    source: str,
    target: str,
    backs: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, AnsweredContext]:
    """Projected rows after the filters: of each the answers that all filters pass, or the reason why none did.

    Args:
        examples: before translation.
        projections: what projection made of them, by example id; those without answers stay as they are.
        filters: which are in force.
        source: language of the examples.
        target: language of the projections.
        backs: translations back into the source language, by answer in the target language.
    """
    of_contexts, of_answers = _checks(filters, CONTEXT_SCORES), _checks(filters, ANSWER_SCORES)
    contexts: dict[tuple[str, str], Verdict] = {}
    found: dict[str, AnsweredContext] = {}
    for example in examples:
        answered = found[example.id] = projections[example.id]
        if not answered.answers or not filters.settings:
            continue
        key = example.context, answered.context
        if key not in contexts:
            contexts[key] = judged(Texts(*key, source, target), of_contexts)
        verdicts = [
            _best(example, answered.context, answer.text, source, target, backs.get(answer.text), of_answers)
            for answer in answered.answers
        ]
        found[example.id] = _kept(answered, contexts[key], verdicts)
    return found


def _checks(filters: Filters, scores: Mapping[Filter, Score]) -> Checks:
    return [(name, setting, scores[name]) for name, setting in filters if name in scores]


def _best(
    example: Example,
    context: str,
    found: str,
    source: str,
    target: str,
    back: str | None,
    checks: Checks,
) -> Verdict:
    """What is said of an answer beside the source answer that suits it best."""
    wanted = dict.fromkeys(answer.text for answer in example.answers)
    verdicts = [
        judged(Texts(example.context, context, source, target, text, found, back), checks) for text in wanted
    ]
    return max(verdicts, key=_rank) if len(verdicts) > 1 else verdicts[0]


def _rank(verdict: Verdict) -> tuple[bool, float]:
    return verdict.reason is None, verdict.factor


def _kept(answered: AnsweredContext, context: Verdict, verdicts: Sequence[Verdict]) -> AnsweredContext:
    why = context if context.reason is not None else max(verdicts, key=_rank)
    if why.reason is not None:
        return AnsweredContext(answered.context, (), "", 0.0, why.reason, why.detail)
    kept = [a for a, v in zip(answered.answers, verdicts, strict=True) if v.reason is None]
    confidence = answered.confidence * context.factor * why.factor
    return AnsweredContext(answered.context, tuple(kept), answered.method, confidence)
