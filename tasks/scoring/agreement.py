"""Whether a reader answers a question alike in every language: what LAF's first loss (PSA) is after.

Right or wrong does not count here. Bornea et al., AAAI 2021, Sec. 3.3, train for it and give no figure.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

from tasks.scoring.benchmarks import Pair
from tasks.scoring.error_analysis import Answers

ENGLISH = "en"


def agreement(pairs: Sequence[Pair], answers: Answers) -> float | None:
    """The share, from 0 to 1, of questions that get the answer which their English version gets on the same context.

    The mean over the pairs of languages whose question is not English, each pair weighing the same; None where no
    question is asked in English and in another language. An answer is the same where it reads the same and, as far as
    that is known, stands in the same place; one that is missing agrees with none.
    """
    english = {pair.context_language: pair for pair in pairs if pair.question_language == ENGLISH}
    shares = [
        _share(pair, english[pair.context_language], answers)
        for pair in pairs
        if pair.question_language != ENGLISH and pair.context_language in english
    ]
    known = [share for share in shares if share is not None]
    return fmean(known) if known else None


def _share(pair: Pair, english: Pair, answers: Answers) -> float | None:
    starts: Mapping[tuple[str, str], int] = answers.starts or {}
    asked = {example.id for example in english.examples}
    alike = []
    for key in (example.id for example in pair.examples if example.id in asked):
        ours, theirs = ((one.name, key) for one in (pair, english))
        text = answers.texts.get(ours)
        same = text is not None and text == answers.texts.get(theirs)
        alike.append(same and starts.get(ours) == starts.get(theirs))
    return fmean(alike) if alike else None
