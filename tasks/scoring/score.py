"""Scores of whole files and benchmarks: statistics of each example first, their sums second.

The statistics of examples stay at hand, so a significance test needs no second scoring.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from storage.errors import InputError
from storage.examples import Example
from tasks.scoring.benchmarks import Pair
from tasks.scoring.metrics import (
    MLQA_LANGUAGES,
    VERSIONS,
    Metric,
    Tokens,
    primary_language,
    token_f1,
    tokenizer,
)


class Statistic(NamedTuple):
    """What one example contributes, each from 0 to 1; `answered` is false where no prediction was given."""

    exact_match: float
    f1: float
    answered: bool = True


UNANSWERED = Statistic(0.0, 0.0, answered=False)


@dataclass(frozen=True, slots=True)
class Score:
    """Exact match and F1 in percent over `total` examples; `missing` had no prediction and count as 0."""

    exact_match: float
    f1: float
    total: int
    missing: int = 0
    signature: str = ""

    def to_json(self) -> dict[str, object]:
        """The figures under the official scorers' names, then what is needed to trust them."""
        return {
            "exact_match": self.exact_match,
            "f1": self.f1,
            "total": self.total,
            "missing": self.missing,
            "signature": self.signature,
        }


@dataclass(frozen=True, slots=True)
class PairScore:
    """The score of one pair of languages, with the statistic of each of its examples in their order."""

    context_language: str
    question_language: str
    score: Score
    statistics: list[Statistic]


class Scorer:
    """Scores examples of one context language and remembers each text it normalised.

    A benchmark asks the same gold answers once per question language, and readers repeat themselves: each
    distinct text is normalised once, and each distinct (prediction, gold answers) compared once.
    """

    def __init__(self, metric: Metric, language: str) -> None:
        self._tokenize = tokenizer(metric, language)
        self._tokens: dict[str, Tokens] = {}
        self._statistics: dict[tuple[str, tuple[str, ...]], Statistic] = {}

    def statistic(self, prediction: str, golds: tuple[str, ...]) -> Statistic:
        """The best exact match and the best F1 of the prediction over its gold answers (at least one)."""
        known = self._statistics.get((prediction, golds))
        if known is None:
            known = self._statistics[prediction, golds] = self._compare(prediction, golds)
        return known

    def _compare(self, prediction: str, golds: tuple[str, ...]) -> Statistic:
        return best_of(self._normalised(prediction), [self._normalised(gold) for gold in golds])

    def _normalised(self, text: str) -> Tokens:
        tokens = self._tokens.get(text)
        if tokens is None:
            tokens = self._tokens[text] = self._tokenize(text)
        return tokens


def best_of(prediction: Tokens, golds: Sequence[Tokens]) -> Statistic:
    """The best exact match and the best F1 of a normalised prediction over its normalised gold answers."""
    return Statistic(float(prediction in golds), max([token_f1(prediction, gold) for gold in golds]))


def score_examples(
    examples: Sequence[Example], predictions: Mapping[str, str], *, metric: Metric, language: str
) -> Score:
    """The score of predictions by example id, as the official scorers give it.

    `language` is that of the contexts. Raises `InputError` where there is nothing to score.
    """
    statistics = example_statistics(examples, predictions, metric=metric, language=language)
    return aggregate(statistics, metric=metric, language=language)


def example_statistics(
    examples: Sequence[Example], predictions: Mapping[str, str], *, metric: Metric, language: str
) -> list[Statistic]:
    """What each example contributes to `score_examples`, in the order of the examples."""
    scorer = Scorer(metric, language)
    return [_statistic(scorer, example, predictions.get(example.id)) for example in examples]


def score_pairs(
    pairs: Sequence[Pair], predictions: Mapping[tuple[str, str], str], *, metric: Metric
) -> list[PairScore]:
    """The scores of all pairs of a benchmark, in their order.

    `predictions` maps (`Pair.name`, example id) to the predicted text; one that is missing counts as 0 and
    is counted.
    """
    scorers: dict[str, Scorer] = {}
    return [_score_pair(pair, predictions, metric, scorers) for pair in pairs]


def aggregate(statistics: Sequence[Statistic], *, metric: Metric, language: str) -> Score:
    """Sums in file order, like the official scorers, so that the last digit is theirs too."""
    if not statistics:
        raise InputError("There is no question to score; give a gold file that has questions with answers.")
    exact_match = f1 = 0.0
    for (
        statistic
    ) in statistics:  # not sum(): from Python 3.12 on it compensates for rounding, which they do not
        exact_match += statistic.exact_match
        f1 += statistic.f1
    total = len(statistics)
    missing = sum(not statistic.answered for statistic in statistics)
    text = signature(metric, [language], total)
    return Score(100.0 * exact_match / total, 100.0 * f1 / total, total, missing, text)


def signature(metric: Metric, languages: Sequence[str], total: int) -> str:
    """What must be equal for two scores to be comparable.

    `-beyond` marks a language that the official MLQA scorer does not know (see `metrics.tokenizer`).

    >>> signature(Metric.MLQA, ["es"], 11590)
    'metric:mlqa|version:1.0|language:es|total:11590'
    >>> signature(Metric.MLQA, ["en", "ru"], 10)
    'metric:mlqa|version:1.0-beyond|language:en+ru|total:10'
    """
    beyond = metric is Metric.MLQA and any(primary_language(code) not in MLQA_LANGUAGES for code in languages)
    version = VERSIONS[metric] + ("-beyond" if beyond else "")
    return f"metric:{metric}|version:{version}|language:{'+'.join(languages)}|total:{total}"


def overall_signature(scores: Sequence[PairScore], metric: Metric) -> str:
    """The signature of a whole benchmark: the languages of its contexts, its pairs and its questions."""
    languages = sorted({score.context_language for score in scores})
    total = sum(score.score.total for score in scores)
    return f"{signature(metric, languages, total)}|pairs:{len(scores)}"


def _score_pair(
    pair: Pair, predictions: Mapping[tuple[str, str], str], metric: Metric, scorers: dict[str, Scorer]
) -> PairScore:
    language, name = pair.context_language, pair.name
    scorer = scorers.setdefault(language, Scorer(metric, language))
    statistics = [
        _statistic(scorer, example, predictions.get((name, example.id))) for example in pair.examples
    ]
    score = aggregate(statistics, metric=metric, language=language)
    return PairScore(language, pair.question_language, score, statistics)


def _statistic(scorer: Scorer, example: Example, prediction: str | None) -> Statistic:
    if prediction is None:
        return UNANSWERED
    return scorer.statistic(prediction, tuple([answer.text for answer in example.answers]))
