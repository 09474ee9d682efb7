"""Error analysis as in Bornea et al., AAAI 2021, Sec. 4.5: where one system is right and another wrong.

The paper takes a random sample and shows contexts with the right answer of the better system and the wrong one of the
poorer. Here the clearest cases come first, and chance decides among equals, by a seed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storage.examples import Example, Span
from tasks.scoring.benchmarks import Pair
from tasks.scoring.picking import lot
from tasks.scoring.samples import Key, find_start
from tasks.scoring.score import PairScore, Statistic


@dataclass(frozen=True, slots=True)
class Answers:
    """What one system answered to all pairs of a benchmark, and what that was worth.

    `texts` are by (`Pair.name`, example id); `starts`, where known, tell in code points where each stands.
    """

    scores: Sequence[PairScore]
    texts: Mapping[Key, str]
    starts: Mapping[Key, int] | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """One system's answer: its span is None where its text does not stand in the context."""

    text: str
    span: Span | None
    statistic: Statistic


@dataclass(frozen=True, slots=True)
class Contrast:
    """A question that the better system got right and the poorer one wrong."""

    context_language: str
    question_language: str
    example: Example
    better: Answered
    poorer: Answered

    @property
    def difference(self) -> float:
        """By how much the better F1 is higher, from 0 to 1."""
        return self.better.statistic.f1 - self.poorer.statistic.f1

    def to_json(self) -> dict[str, object]:
        """The texts and the half-open spans, in code points of the context, of gold answers and predictions."""
        return {
            "id": self.example.id,
            "context_language": self.context_language,
            "question_language": self.question_language,
            "question": self.example.question,
            "context": self.example.context,
            "gold": [_span_json(gold.text, gold.span) for gold in self.example.answers],
            "better": _answered_json(self.better),
            "poorer": _answered_json(self.poorer),
            "difference": self.difference,
        }


def contrasts(
    pairs: Sequence[Pair],
    better: Answers,
    poorer: Answers,
    *,
    languages: tuple[str, str] | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> list[Contrast]:
    """The questions that `better` got right and `poorer` wrong, the largest difference of F1 first.

    Right is an exact match, wrong is none with a lower F1. Equal differences stand in an order that depends on the
    seed and the question alone: a filter takes questions away without stirring the others. `languages` (context,
    question) keeps one pair.
    """
    found: list[Contrast] = []
    for pair, good, bad in zip(pairs, better.scores, poorer.scores, strict=True):
        if languages in (None, (pair.context_language, pair.question_language)):
            found += _contrasts_of_pair(pair, better, good, poorer, bad)
    found.sort(key=lambda one: (-one.difference, _lot(one, seed)))
    return found[:limit]


def _contrasts_of_pair(
    pair: Pair, better: Answers, good: PairScore, poorer: Answers, bad: PairScore
) -> list[Contrast]:
    return [
        Contrast(
            pair.context_language,
            pair.question_language,
            example,
            _answered(pair, example, better, first),
            _answered(pair, example, poorer, second),
        )
        for example, first, second in zip(pair.examples, good.statistics, bad.statistics, strict=True)
        if first.exact_match == 1.0 and second.exact_match == 0.0 and first.f1 > second.f1
    ]


def _answered(pair: Pair, example: Example, answers: Answers, statistic: Statistic) -> Answered:
    key = (pair.name, example.id)
    text = answers.texts.get(key, "")
    start = find_start(example.context, text, (answers.starts or {}).get(key)) if text else None
    return Answered(text, None if start is None else Span(start, start + len(text)), statistic)


def _lot(one: Contrast, seed: int) -> bytes:
    return lot(f"{one.context_language}/{one.question_language}/{one.example.id}", seed)


def _answered_json(answered: Answered) -> dict[str, object]:
    figures = {"exact_match": answered.statistic.exact_match, "f1": answered.statistic.f1}
    return {**_span_json(answered.text, answered.span), **figures}


def _span_json(text: str, span: Span | None) -> dict[str, object]:
    return {"text": text, "start": span.start if span else None, "end": span.end if span else None}
