"""Cross-lingual transfer (Bornea et al., AAAI 2021, Sec. 4): G-XLT and XLT over pairs of languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from tasks.scoring.score import PairScore

PairFigures = Mapping[tuple[str, str], float]
"""A figure in percent for each (context language, question language)."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Means over pairs, each pair weighing the same whatever its number of questions.

    G-XLT asks in any language on a context of any language, XLT asks in the context's own. Of a benchmark
    that is there in part, the means are over the pairs that are there; `complete` says whether all of them
    are.
    """

    by_context: Mapping[str, float]
    """G-XLT of each context language: the mean over the question languages."""
    overall: float
    """G-XLT: the mean over all pairs (49 of MLQA)."""
    xlt: float | None
    """XLT: the mean over the pairs of one language with itself; None where there is no such pair."""
    complete: bool
    """Whether every context language is asked in every language."""


def transfer(figures: PairFigures) -> Transfer:
    """The means of a figure (F1, say) over at least one pair.

    >>> means = transfer({("en", "en"): 80.0, ("en", "de"): 60.0, ("de", "en"): 50.0, ("de", "de"): 70.0})
    >>> means.by_context, means.overall, means.xlt
    ({'de': 60.0, 'en': 70.0}, 65.0, 75.0)
    """
    by_context: dict[str, list[float]] = {}
    for (context, _), figure in sorted(figures.items()):
        by_context.setdefault(context, []).append(figure)
    own = [figure for (context, question), figure in figures.items() if context == question]
    languages = {code for pair in figures for code in pair}
    return Transfer(
        by_context={context: fmean(values) for context, values in by_context.items()},
        overall=fmean(figures.values()),
        xlt=fmean(own) if own else None,
        complete=len(figures) == len(languages) ** 2,
    )


def f1_by_pair(scores: Sequence[PairScore]) -> dict[tuple[str, str], float]:
    """The F1 of each (context language, question language)."""
    return {(s.context_language, s.question_language): s.score.f1 for s in scores}


def exact_match_by_pair(scores: Sequence[PairScore]) -> dict[tuple[str, str], float]:
    """The exact match of each (context language, question language)."""
    return {(s.context_language, s.question_language): s.score.exact_match for s in scores}
