"""The weights of the confidence fitted on the rows of a trial."""

from collections.abc import Sequence

import numpy as np

from tasks.projection.confidence import Weights, calibrate
from tasks.projection.ladder import climb
from tasks.projection.signals import signals
from tasks.projection.trials.figures import Judge
from tasks.projection.trials.methods import LADDERS
from tasks.projection.trials.rows import Row, less_known


def fitted(rows: Sequence[Row], judge: Judge) -> Weights:
    """Weights from what all rungs find on these rows, under every state of knowledge.

    Each row and state counts the same, however many candidates it has.

    Args:
        rows: to fit on.
        judge: what a span of a row scores against the human answer.
    """
    samples: list[Sequence[float]] = []
    scores: list[float] = []
    counts: list[float] = []
    for row in rows:
        if row.case is None:
            continue
        for state in LADDERS.values():
            case = less_known(row.case, **state)
            found = climb(case)
            spans = dict(zip((one.span for one in found), signals(case, found), strict=True))
            samples += spans.values()
            scores += [judge.f1(row, span) for span in spans]
            counts += [1 / len(spans) / len(LADDERS)] * len(spans)
    return calibrate(np.array(samples), np.array(scores), importance=np.array(counts))
