"""How little a reader's question vectors tell of their language: the claim of Bornea et al., AAAI 2021, measured.

The abstract calls the embeddings "less language-variant" and gives no figure. Four views of the same vectors: how well
a linear probe tells the languages apart; how much nearer a question lies to its translation than to other questions;
how often its translation is its nearest neighbour; and a projection to look at.

Everywhere `vectors` is (N, D), finite; `languages` (N,) and `ids` (N,) say what each row is: the questions of one id
are translations of each other, and a language has an id at most once.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from statistics import fmean

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FOLDS = 5
PENALTY = 0.1
"""Ridge penalty per training row: so much of the identity is added to the vectors' correlation matrix."""

_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Probe:
    """How well a linear classifier tells languages by vectors of questions that it was not fitted on, from 0 to 1."""

    accuracy: float
    by_fold: tuple[float, ...]
    chance: float
    """The share of the most frequent language: what is reached without looking at the vectors."""


@dataclass(frozen=True, slots=True)
class Cosines:
    """Mean cosine similarity of questions of two languages, over all pairs of languages."""

    translations: float
    """Of a question and its translation."""
    others: float
    """Of a question and every question of the other language that is not its translation."""

    @property
    def gap(self) -> float:
        """By how much translations are nearer: near 0 the vectors say nothing of the meaning."""
        return self.translations - self.others

    @property
    def angle(self) -> float:
        """Of translations, in degrees: cosines near 1 differ in digits that nobody looks at.

        >>> round(Cosines(0.5, 0.0).angle)
        60
        """
        return math.degrees(math.acos(min(1.0, self.translations)))


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How often a question's nearest neighbour (by cosine) in another language is its translation, from 0 to 1."""

    accuracy: float
    by_pair: Mapping[tuple[str, str], float]
    """By (language of the question, language searched); `accuracy` is the mean of these."""
    chance: float


@dataclass(frozen=True, slots=True)
class Projection:
    """Vectors seen in the plane of their greatest variance."""

    points: Floats
    """(N, 2)."""
    explained: tuple[float, float]
    """The share of the variance along each axis."""


def probe_accuracy(
    vectors: npt.ArrayLike,
    languages: Sequence[str],
    ids: Sequence[str],
    *,
    folds: int = FOLDS,
    penalty: float = PENALTY,
    seed: int = 0,
) -> Probe:
    """Fit a linear probe on some questions and ask it for the language of the others, each once.

    The probe is ridge regression onto one column per language, in closed form; the largest output wins. Columns are
    standardised by the training rows. Translations of one question are in one fold: the probe cannot know a language
    by the question.

    Raises:
        ValueError: shapes that do not fit, fewer than two languages, or fewer questions than folds.
    """
    rows = _checked(vectors, languages, ids)
    names, classes = np.unique(np.asarray(languages), return_inverse=True)
    if len(names) < 2:
        raise ValueError(f"a probe needs two languages or more, not {len(names)}")
    targets = np.eye(len(names))[classes]
    hits = np.zeros(len(rows), dtype=bool)
    fold_of = _folds(ids, folds, seed)
    for fold in range(folds):
        held = fold_of == fold
        outputs = _ridge_outputs(rows[~held], targets[~held], rows[held], penalty)
        hits[held] = outputs.argmax(axis=1) == classes[held]
    by_fold = tuple(float(hits[fold_of == fold].mean()) for fold in range(folds))
    return Probe(float(hits.mean()), by_fold, float(targets.mean(axis=0).max()))


def translation_cosines(vectors: npt.ArrayLike, languages: Sequence[str], ids: Sequence[str]) -> Cosines:
    """Mean cosines of translations and of all other pairs of questions across languages.

    Nothing is drawn: the mean over all pairs of two sets of unit vectors is that of the product of their sums. Pairs
    of languages weigh the same; each counts the questions that both have (at least two).

    Raises:
        ValueError: shapes that do not fit, or no two languages with two questions in common.
    """
    units = _by_language(_unit(_checked(vectors, languages, ids)), languages, ids)
    translations, others = [], []
    for one, other in combinations(units, 2):
        first, second = _parallel(units[one], units[other])
        if len(first) > 1:
            own = float(np.sum(first * second))
            every = float(first.sum(axis=0) @ second.sum(axis=0))
            translations.append(own / len(first))
            others.append((every - own) / (len(first) * (len(first) - 1)))
    if not translations:
        raise ValueError("no two languages have two questions in common")
    return Cosines(fmean(translations), fmean(others))


def retrieval_accuracy(vectors: npt.ArrayLike, languages: Sequence[str], ids: Sequence[str]) -> Retrieval:
    """Look for each question's translation among the questions of each other language, both ways.

    Searched are the questions that both languages have. Where k questions are nearest alike, the translation among
    them counts 1/k, so that vectors that are all the same score no better than chance.

    Raises:
        ValueError: shapes that do not fit, or no two languages with a question in common.
    """
    units = _by_language(_unit(_checked(vectors, languages, ids)), languages, ids)
    by_pair, chances = {}, []
    for one, other in permutations(units, 2):
        first, second = _parallel(units[one], units[other])
        if len(first):
            by_pair[one, other] = float(_share_of_ties(first @ second.T).mean())
            chances.append(1 / len(first))
    if not by_pair:
        raise ValueError("no two languages have a question in common")
    return Retrieval(fmean(by_pair.values()), by_pair, fmean(chances))


def project(vectors: npt.ArrayLike) -> Projection:
    """The first two principal components (of the centred, unscaled vectors), at least two rows and columns.

    An axis points where its largest loading is positive, so that a picture does not turn from one machine to another.

    Raises:
        ValueError: fewer rows or columns, or values that are not finite.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    if rows.ndim != 2 or min(rows.shape) < 2 or not np.isfinite(rows).all():
        raise ValueError(
            f"vectors need the shape (N, D), both at least 2, and finite values, not {rows.shape}"
        )
    centred = rows - rows.mean(axis=0)
    _, scales, axes = np.linalg.svd(centred, full_matrices=False)
    largest = axes[[0, 1], np.abs(axes[:2]).argmax(axis=1)]
    points = centred @ (axes[:2] * np.where(largest < 0, -1.0, 1.0)[:, None]).T
    shares = scales[:2] ** 2 / max(float(np.sum(scales**2)), np.finfo(np.float64).tiny)
    return Projection(points, (float(shares[0]), float(shares[1])))


def _checked(vectors: npt.ArrayLike, languages: Sequence[str], ids: Sequence[str]) -> Floats:
    rows = np.asarray(vectors, dtype=np.float64)
    if rows.ndim != 2 or not (0 < len(rows) == len(languages) == len(ids)):
        raise ValueError(
            f"vectors (N, D), languages (N,) and ids (N,) do not fit: {rows.shape}, {len(languages)}, {len(ids)}"
        )
    if not np.isfinite(rows).all():
        raise ValueError("a vector is not finite")
    if len(set(zip(languages, ids, strict=True))) < len(rows):
        raise ValueError("a language has the same id twice")
    return rows


def _folds(ids: Sequence[str], folds: int, seed: int) -> Ints:
    """The fold of each row, dealt out evenly by id."""
    names, places = np.unique(np.asarray(ids), return_inverse=True)
    if not 2 <= folds <= len(names):
        raise ValueError(
            f"{folds} folds of {len(names)} questions; give 2 folds or more, and a question for each"
        )
    dealt: Ints = np.random.default_rng(seed).permutation(len(names)) % folds
    return dealt[places]


def _ridge_outputs(train: Floats, targets: Floats, test: Floats, penalty: float) -> Floats:
    """Outputs (rows of test, classes) of ridge regression fitted on standardised `train`."""
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    known, asked = (train - mean) / scale, (test - mean) / scale
    bias = targets.mean(axis=0)
    gram = known.T @ known + penalty * len(known) * np.eye(known.shape[1])
    outputs: Floats = asked @ np.linalg.solve(gram, known.T @ (targets - bias)) + bias
    return outputs


def _unit(rows: Floats) -> Floats:
    """Rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: Floats = rows / np.where(lengths > 0, lengths, 1.0)
    return units


def _by_language(rows: Floats, languages: Sequence[str], ids: Sequence[str]) -> dict[str, dict[str, Floats]]:
    found: dict[str, dict[str, Floats]] = {name: {} for name in sorted(set(languages))}
    for row, language, key in zip(rows, languages, ids, strict=True):
        found[language][key] = row
    return found


def _parallel(one: Mapping[str, Floats], other: Mapping[str, Floats]) -> Iterator[Floats]:
    """The rows of both languages for the ids that both have, in one order: two matrices (n, D)."""
    shared = sorted(one.keys() & other.keys())
    for side in (one, other):
        yield np.array([side[key] for key in shared])


def _share_of_ties(similarities: Floats) -> Floats:
    """For each row 1/k where its diagonal is one of the k largest values, else 0."""
    own = np.diagonal(similarities)
    nearest = similarities >= similarities.max(axis=1, keepdims=True) - _TIE
    shares: Floats = np.where(np.diagonal(nearest), 1.0 / nearest.sum(axis=1), np.zeros_like(own))
    return shares
