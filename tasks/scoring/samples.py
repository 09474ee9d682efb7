"""Examples chosen for a report, right and wrong ones, and their contexts cut into highlighted pieces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, pairwise

from storage.examples import Example, Span
from tasks.scoring.benchmarks import Pair
from tasks.scoring.score import PairScore, Statistic

Key = tuple[str, str]
"""(`Pair.name`, example id)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A question, what the reader answered, and where: None if the text is not in the context."""

    context_language: str
    question_language: str
    example: Example
    prediction: str
    prediction_start: int | None
    statistic: Statistic

    @property
    def right(self) -> bool:
        """Whether the prediction is an exact match."""
        return self.statistic.exact_match == 1.0

    @property
    def predicted_span(self) -> Span | None:
        """Where the prediction stands in the context."""
        if self.prediction_start is None or not self.prediction:
            return None
        return Span(self.prediction_start, self.prediction_start + len(self.prediction))


class Mark(StrEnum):
    """What a piece of a context belongs to."""

    NONE = "none"
    GOLD = "gold"
    PREDICTION = "prediction"
    BOTH = "both"
    CUT = "cut"
    """Stands for text that was left out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a context under one mark; its text is empty where it was cut."""

    text: str
    mark: Mark


def choose_samples(
    pairs: Sequence[Pair],
    predictions: Mapping[Key, str],
    scores: Sequence[PairScore],
    *,
    starts: Mapping[Key, int] | None = None,
    each: int = 8,
) -> list[Sample]:
    """Up to `each` right and `each` wrong examples, the right ones first; the same ones on every run.

    Wrong is an F1 below one half. The languages take turns (each context language in its own language
    first, then across), each with the first example of its kind that no other shows: benchmarks are
    parallel. `starts` tells where predictions begin in their contexts, in code points; without it the text
    is looked for.
    """
    turns = _in_turns(pairs, scores)
    shown: set[str] = set()
    chosen: list[Sample] = []
    for right in (True, False):
        kind = (_first(pair, score, predictions, starts or {}, right, shown) for pair, score in turns)
        chosen += islice((sample for sample in kind if sample), each)
    return chosen


def highlight(context: str, gold: Span, prediction: Span | None, *, margin: int = 240) -> list[Piece]:
    """The context around both answers, cut into pieces of one mark each.

    `margin` code points are kept on either side of each answer; what is left out further away becomes one
    piece marked CUT. Law: with a margin as long as the context, the texts joined are the context.

    >>> [(p.text, p.mark.value) for p in highlight("the big river runs", Span(4, 13), Span(8, 18))]
    [('the ', 'none'), ('big ', 'gold'), ('river', 'both'), (' runs', 'prediction')]
    """
    answers = [span for span in (gold, prediction) if span is not None]
    shown = [
        Span(_word_edge(context, s.start - margin, -1), _word_edge(context, s.end + margin, 1))
        for s in answers
    ]
    edges = {0, len(context), *(edge for span in (*answers, *shown) for edge in (span.start, span.end))}
    pieces: list[Piece] = []
    for start, end in pairwise(sorted(edges)):
        if not any(span.start <= start and end <= span.end for span in shown):
            pieces.append(Piece("", Mark.CUT))
        else:
            pieces.append(Piece(context[start:end], _mark(Span(start, end), gold, prediction)))
    return pieces


def find_start(context: str, prediction: str, told: int | None = None) -> int | None:
    """Where a prediction stands: at the place it was told to, else where it first occurs, else nowhere (None)."""
    if told is not None and context.startswith(prediction, told):
        return told
    found = context.find(prediction)
    return found if found >= 0 else None


def _word_edge(context: str, position: int, step: int) -> int:
    """The nearest end of a word outwards, at most 20 code points away: some scripts have no spaces."""
    position = min(max(position, 0), len(context))
    for edge in range(position, position + 21 * step, step):
        if not 0 < edge < len(context):
            return min(max(edge, 0), len(context))
        if context[edge - 1].isspace() != context[edge].isspace():
            return edge
    return position


def _mark(piece: Span, gold: Span, prediction: Span | None) -> Mark:
    in_gold = gold.start <= piece.start and piece.end <= gold.end
    predicted = prediction is not None and prediction.start <= piece.start and piece.end <= prediction.end
    if in_gold:
        return Mark.BOTH if predicted else Mark.GOLD
    return Mark.PREDICTION if predicted else Mark.NONE


def _in_turns(pairs: Sequence[Pair], scores: Sequence[PairScore]) -> list[tuple[Pair, PairScore]]:
    languages = sorted({code for pair in pairs for code in (pair.context_language, pair.question_language)})

    def turn(item: tuple[Pair, PairScore]) -> tuple[int, int]:
        context, question = (
            languages.index(c) for c in (item[0].context_language, item[0].question_language)
        )
        return (question - context) % len(languages), context

    return sorted(zip(pairs, scores, strict=True), key=turn)


def _first(
    pair: Pair,
    score: PairScore,
    predictions: Mapping[Key, str],
    starts: Mapping[Key, int],
    right: bool,
    shown: set[str],
) -> Sample | None:
    for example, statistic in zip(pair.examples, score.statistics, strict=True):
        if _is(statistic, right) and example.id not in shown:
            shown.add(example.id)
            key = (pair.name, example.id)
            prediction = predictions[key]
            start = find_start(example.context, prediction, starts.get(key))
            return Sample(
                pair.context_language, pair.question_language, example, prediction, start, statistic
            )
    return None


def _is(statistic: Statistic, right: bool) -> bool:
    return statistic.exact_match == 1.0 if right else statistic.answered and statistic.f1 < 0.5
