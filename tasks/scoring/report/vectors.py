"""A reader's question vectors before and after its training, and what they tell of the language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tasks.scoring.benchmarks import Pair
from tasks.scoring.invariance import (
    FOLDS,
    Cosines,
    Floats,
    Probe,
    Projection,
    Retrieval,
    probe_accuracy,
    project,
    retrieval_accuracy,
    translation_cosines,
)
from tasks.scoring.picking import picked

BEFORE, AFTER = "before", "after"

STAGES = (BEFORE, AFTER)
"""Of a training."""

QUESTIONS = 1_000
"""So many questions are looked at, each in all of its languages."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Question vectors `rows` (N, D); `languages` (N,) and `ids` (N,) say what each row is."""

    languages: Sequence[str]
    ids: Sequence[str]
    rows: Floats


@dataclass(frozen=True, slots=True)
class Invariance:
    """The measures of `invariance` on one set of vectors, and a projection of them to look at."""

    probe: Probe
    cosines: Cosines
    retrieval: Retrieval
    projection: Projection
    languages: Sequence[str]
    questions: int

    def to_json(self) -> dict[str, object]:
        """The figures without the points of the projection."""
        return {
            "languages": sorted(set(self.languages)),
            "questions": self.questions,
            "probe_accuracy": self.probe.accuracy,
            "probe_chance": self.probe.chance,
            "probe_folds": len(self.probe.by_fold),
            "cosine_translations": self.cosines.translations,
            "cosine_others": self.cosines.others,
            "cosine_gap": self.cosines.gap,
            "retrieval_accuracy": self.retrieval.accuracy,
            "retrieval_chance": self.retrieval.chance,
            "explained_variance": list(self.projection.explained),
        }


def measured(vectors: Vectors, *, seed: int = 0) -> Invariance | None:
    """All measures; None where there are too few questions, or none that two languages share."""
    questions = len(set(vectors.ids))
    if questions < FOLDS or _most_shared(vectors) < 2:
        return None
    given = (vectors.rows, vectors.languages, vectors.ids)
    return Invariance(
        probe=probe_accuracy(*given, seed=seed),
        cosines=translation_cosines(*given),
        retrieval=retrieval_accuracy(*given),
        projection=project(vectors.rows),
        languages=vectors.languages,
        questions=questions,
    )


def questions_to_embed(pairs: Sequence[Pair]) -> dict[str, str]:
    """The questions whose vectors are looked at, by `<language>/<id>`: a thousand ids, the same on every run."""
    asked = {(p.question_language, e.id): e.question for p in pairs for e in p.examples}
    chosen = picked({key for _, key in asked}, QUESTIONS)
    return {f"{language}/{key}": text for (language, key), text in sorted(asked.items()) if key in chosen}


def vectors_of(keys: Iterable[str], rows: Sequence[Sequence[float]]) -> Vectors:
    """Vectors by the keys of `questions_to_embed`."""
    named = [key.partition("/") for key in keys]
    table = np.asarray(rows, dtype=np.float64)
    return Vectors([language for language, _, _ in named], [key for _, _, key in named], table)


def _most_shared(vectors: Vectors) -> int:
    """The largest number of questions that two languages share."""
    ids: dict[str, set[str]] = {}
    for language, key in zip(vectors.languages, vectors.ids, strict=True):
        ids.setdefault(language, set()).add(key)
    return max((len(a & b) for a, b in combinations(ids.values(), 2)), default=0)
