import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring.invariance import (
    Cosines,
    _folds,
    _ridge_outputs,
    probe_accuracy,
    project,
    retrieval_accuracy,
    translation_cosines,
)

LANGUAGES = ("ar", "en", "zh")
QUESTIONS = 60


def parallel(
    language_weight: float, meaning_weight: float, seed: int = 0
) -> tuple[np.ndarray, list[str], list[str]]:
    """Vectors (180, 16) that are a sum of a language's own, a question's own and noise."""
    random = np.random.default_rng(seed)
    of_language = {language: random.normal(size=16) for language in LANGUAGES}
    of_question = random.normal(size=(QUESTIONS, 16))
    rows, languages, ids = [], [], []
    for language in LANGUAGES:
        for question in range(QUESTIONS):
            vector = language_weight * of_language[language] + meaning_weight * of_question[question]
            rows.append(vector + 0.1 * random.normal(size=16))
            languages.append(language)
            ids.append(f"q{question}")
    return np.array(rows), languages, ids


def test_a_language_that_shows_is_found() -> None:
    found = probe_accuracy(*parallel(language_weight=3.0, meaning_weight=1.0))
    assert found.accuracy > 0.95
    assert found.chance == pytest.approx(1 / 3)
    assert len(found.by_fold) == 5


def test_a_language_that_does_not_show_is_not_found() -> None:
    """At chance, within three standard errors of 180 guesses."""
    found = probe_accuracy(*parallel(language_weight=0.0, meaning_weight=1.0))
    assert found.accuracy == pytest.approx(1 / 3, abs=3 * (2 / 9 / 180) ** 0.5)


@given(st.lists(st.integers(0, 30), min_size=1).filter(lambda keys: len(set(keys)) > 4), st.integers(0, 9))
def test_translations_never_straddle_folds(keys: list[int], seed: int) -> None:
    """Law: rows of one id are in one fold, and folds hold as many ids as each other, give or take one."""
    ids = [f"q{key}" for key in keys]
    fold_of = dict(zip(ids, _folds(ids, 5, seed).tolist(), strict=True))
    assert [fold_of[key] for key in ids] == _folds(ids, 5, seed).tolist()
    sizes = np.bincount(list(fold_of.values()), minlength=5)
    assert sizes.max() - sizes.min() <= 1


def test_the_probe_is_ridge_regression() -> None:
    """The closed form against the normal equations with an explicit column of ones that bears no penalty."""
    rows, languages, _ = parallel(0.3, 1.0)
    targets = np.eye(3)[np.unique(languages, return_inverse=True)[1]]
    train, held = rows[:120], rows[120:]
    scaled = [(part - train.mean(axis=0)) / train.std(axis=0) for part in (train, held)]
    known, asked = (np.hstack([part, np.ones((len(part), 1))]) for part in scaled)
    ridge = 1.0 * 120 * np.diag([*np.ones(16), 0.0])
    weights = np.linalg.solve(known.T @ known + ridge, known.T @ targets[:120])
    assert _ridge_outputs(train, targets[:120], held, 1.0) == pytest.approx(asked @ weights)


def test_cosines_by_brute_force() -> None:
    rows, languages, ids = parallel(0.5, 1.0)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    same, other = [], []
    for i in range(len(rows)):
        for j in range(i):
            if languages[i] != languages[j]:
                (same if ids[i] == ids[j] else other).append(units[i] @ units[j])
    found = translation_cosines(rows, languages, ids)
    assert (found.translations, found.others) == (pytest.approx(np.mean(same)), pytest.approx(np.mean(other)))
    assert found.gap == pytest.approx(np.mean(same) - np.mean(other))


def test_a_common_language_vector_hides_the_meaning() -> None:
    plain, shifted = (translation_cosines(*parallel(weight, 1.0)) for weight in (0.0, 3.0))
    assert plain.gap > 0.9 > shifted.gap
    assert isinstance(plain, Cosines)


def test_retrieval_finds_translations_by_meaning_only() -> None:
    good = retrieval_accuracy(*parallel(0.0, 1.0))
    bad = retrieval_accuracy(*parallel(0.0, 0.0))
    assert good.accuracy == 1.0
    assert set(good.by_pair) == {(a, b) for a in LANGUAGES for b in LANGUAGES if a != b}
    assert bad.accuracy == pytest.approx(bad.chance, abs=0.03)
    assert bad.chance == 1 / QUESTIONS


def test_vectors_that_are_all_the_same_retrieve_nothing() -> None:
    _, languages, ids = parallel(0.0, 1.0)
    found = retrieval_accuracy(np.ones((len(ids), 4)), languages, ids)
    assert found.accuracy == pytest.approx(found.chance)
    assert translation_cosines(np.ones((len(ids), 4)), languages, ids).gap == pytest.approx(0.0)


def test_retrieval_by_hand() -> None:
    """German a lies nearest to English b: of two questions one is found, and back both."""
    rows = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [0.1, 1.0]]
    found = retrieval_accuracy(rows, ["en", "en", "de", "de"], ["a", "b", "a", "b"])
    assert found.by_pair == {("de", "en"): 0.5, ("en", "de"): 1.0}


def test_only_shared_questions_are_compared() -> None:
    rows, languages, ids = parallel(0.2, 1.0)
    kept = [
        n
        for n, (language, key) in enumerate(zip(languages, ids, strict=True))
        if not (language == "zh" and key > "q3")
    ]
    found = retrieval_accuracy(rows[kept], [languages[n] for n in kept], [ids[n] for n in kept])
    shared = len({key for key in ids if key <= "q3"})
    assert found.chance == pytest.approx((4 / shared + 2 / QUESTIONS) / 6)
    alone = ["x", "y"]
    with pytest.raises(ValueError, match="question in common"):
        retrieval_accuracy(rows[:2], alone, alone)
    with pytest.raises(ValueError, match="questions in common"):
        translation_cosines(rows[:2], alone, alone)


@given(st.integers(0, 50), st.floats(0.1, 10))
def test_cosines_do_not_depend_on_length(seed: int, factor: float) -> None:
    """Law: vectors of another length are neither nearer nor farther."""
    rows, languages, ids = parallel(0.5, 1.0, seed)
    lengths = np.random.default_rng(seed).uniform(0.5, 2, (len(rows), 1)) * factor
    assert retrieval_accuracy(rows * lengths, languages, ids) == retrieval_accuracy(rows, languages, ids)
    first, second = (translation_cosines(r, languages, ids) for r in (rows, rows * lengths))
    assert first.gap == pytest.approx(second.gap)


def test_the_plane_of_the_greatest_variance() -> None:
    """Points along two known axes of unequal spread are seen along them, the wider one first."""
    random = np.random.default_rng(0)
    spread = random.normal(size=(200, 2)) * [5.0, 2.0]
    axes = np.linalg.qr(random.normal(size=(6, 2)))[0].T
    found = project(spread @ axes + 7.0)
    assert found.points.shape == (200, 2)
    assert sum(found.explained) == pytest.approx(1.0)
    assert found.points.std(axis=0) == pytest.approx(sorted(spread.std(axis=0), reverse=True), rel=0.02)
    assert found.points.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)


@given(st.permutations(range(12)))
def test_a_projection_does_not_depend_on_the_order(order: list[int]) -> None:
    """Law: rows in another order are the same points in that order, not mirrored ones."""
    rows = np.random.default_rng(3).normal(size=(12, 5)) * [9, 5, 2, 1, 1]
    assert project(rows[order]).points == pytest.approx(project(rows).points[order])


def test_one_point_has_no_variance() -> None:
    assert project(np.ones((3, 3))).explained == (0.0, 0.0)


def test_the_seed_deals_the_folds() -> None:
    case = parallel(0.05, 1.0)
    assert probe_accuracy(*case) == probe_accuracy(*case)
    assert probe_accuracy(*case).by_fold != probe_accuracy(*case, seed=1).by_fold


@pytest.mark.parametrize(
    ("vectors", "languages", "ids", "fault"),
    [
        (np.ones((2, 2)), ["a"], ["x", "y"], "do not fit"),
        (np.ones(2), ["a", "b"], ["x", "x"], "do not fit"),
        (np.empty((0, 2)), [], [], "do not fit"),
        (np.full((2, 2), np.nan), ["a", "b"], ["x", "x"], "not finite"),
        (np.ones((2, 2)), ["a", "a"], ["x", "x"], "same id twice"),
        (np.ones((2, 2)), ["a", "a"], ["x", "y"], "two languages"),
        (np.ones((2, 2)), ["a", "b"], ["x", "x"], "5 folds of 1 questions"),
    ],
)
def test_what_cannot_be_probed_is_refused(
    vectors: np.ndarray, languages: list[str], ids: list[str], fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        probe_accuracy(vectors, languages, ids)


@pytest.mark.parametrize("vectors", [np.ones((1, 2)), np.ones((2, 1)), np.ones(3), np.full((2, 2), np.inf)])
def test_what_cannot_be_projected_is_refused(vectors: np.ndarray) -> None:
    with pytest.raises(ValueError, match="both at least 2"):
        project(vectors)
