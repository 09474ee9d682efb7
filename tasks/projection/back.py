"""Answers that were found, translated back into the source language: how much of the meaning came through."""

from collections.abc import Iterable, Mapping, Sequence

from storage.examples import Example
from tasks.mt.markup import Markup
from tasks.projection.contexts import AnsweredContext
from tasks.projection.filters.rows import filtered
from tasks.projection.filters.settings import OFF, Filter, Filters
from tasks.projection.questions import questions_back


def answers_found(projections: Iterable[AnsweredContext]) -> list[str]:
    """The distinct texts of all answers that were kept."""
    return list(dict.fromkeys(answer.text for found in projections for answer in found.answers))


def weighed_back(
    examples: Sequence[Example],
    projections: Mapping[str, AnsweredContext],
    translations: Mapping[str, str],
    markup: Markup,
    filters: Filters,
    *,
    source: str,
    target: str,
) -> dict[str, AnsweredContext]:
    """Projected rows after the filter of back-translations, and no other; an answer that has none is left as it is.

    Args:
        examples: before translation.
        projections: what projection made of them, by example id.
        translations: what came back for the answers, by the text that was sent.
        markup: the dialect in which it was sent.
        filters: how the filter is set.
        source: language of the examples.
        target: language of the projections.
    """
    only = Filters({Filter.BACK: filters.settings.get(Filter.BACK, OFF)})
    backs = questions_back(answers_found(projections.values()), translations, markup)
    return filtered(examples, projections, only, source=source, target=target, backs=backs)
