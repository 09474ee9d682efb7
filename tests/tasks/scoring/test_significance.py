from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scoring import significance
from tasks.scoring.significance import FamilyMember, compare_all, holm, randomisation_test

F1_VALUES = sorted(
    {0.0, 1.0} | {2 * s / (g + p) for g in range(1, 8) for p in range(1, 8) for s in range(1, min(g, p))}
)
SCORES = st.sampled_from(F1_VALUES)
PAIRED = st.lists(st.tuples(SCORES, SCORES), min_size=1, max_size=9)


def f1_like(questions: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores of two readers that agree on most questions; the first is a little better."""
    random = np.random.default_rng(seed)
    b = random.choice(F1_VALUES, questions)
    a = np.where(random.random(questions) < 0.6, b, random.choice(F1_VALUES, questions))
    better = random.random(questions) < 0.03
    return np.where(better, 1.0, a), b


def enumerated(a: list[float], b: list[float]) -> float:
    """The definition: every deal in turn, in rational numbers so that ties are ties."""
    differences = [fraction(x) - fraction(y) for x, y in zip(a, b, strict=True)]
    observed = abs(sum(differences))
    deals = list(product((1, -1), repeat=len(differences)))
    hits = sum(abs(sum(s * d for s, d in zip(deal, differences, strict=True))) >= observed for deal in deals)
    return hits / len(deals)


def fraction(score: float) -> object:
    from fractions import Fraction

    return Fraction(score).limit_denominator(100)


@given(PAIRED)
def test_few_examples_are_enumerated_exactly(scores: list[tuple[float, float]]) -> None:
    """Law: where all deals can be counted, p is their share with an |difference| of at least the observed one."""
    a, b = map(list, zip(*scores, strict=True))
    found = randomisation_test(a, b)
    assert found.exact
    assert found.p_value == pytest.approx(enumerated(a, b), abs=1e-12)


@given(PAIRED)
def test_drawn_deals_agree_with_all_deals(scores: list[tuple[float, float]]) -> None:
    """Law: forced to draw, the test is within five standard errors of the exact one: ties are hits there too."""
    a, b = map(np.array, zip(*scores, strict=True))
    sizes, counts = np.unique(np.abs(a - b)[a != b], return_counts=True)
    if not len(sizes):
        return
    threshold = abs((a - b).sum()) - significance.TOLERANCE * (sizes @ counts)
    sums = np.concatenate(list(significance._drawn_sums(sizes, counts, 4000, 0)))
    exact = randomisation_test(a, b).p_value
    error = 5 * (exact * (1 - exact) / 4000) ** 0.5
    assert np.mean(np.abs(sums) >= threshold) == pytest.approx(exact, abs=error + 1e-9)


@given(PAIRED, st.randoms())
def test_neither_the_order_nor_the_sides_matter(scores: list[tuple[float, float]], random: object) -> None:
    """Law: p is symmetric in the two systems and does not depend on the order of the examples."""
    shuffled = list(scores)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    (a, b), (c, d) = zip(*scores, strict=True), zip(*shuffled, strict=True)
    p_value = randomisation_test(a, b).p_value
    assert randomisation_test(d, c).p_value == pytest.approx(p_value, abs=1e-12)
    assert randomisation_test([*a, 0.5], [*b, 0.5]).p_value == pytest.approx(p_value, abs=1e-12)


def test_ties_that_rounding_sets_apart_are_ties() -> None:
    """In doubles 0.1 + 0.2 > 0.3: counted without a tolerance, p would be 2/8 too small."""
    assert randomisation_test([0.3, 0.0, 0.0], [0.0, 0.1, 0.2]).p_value == 1.0
    assert randomisation_test([0.1, 0.2, 0.3], [0.0, 0.0, 0.6]).p_value == 1.0
    a, b = [0.1, 0.2, 0.0], [0.0, 0.0, 0.3]
    assert abs(0.1 + 0.2 - 0.3) > 0
    assert randomisation_test(a, b).p_value == enumerated(a, b) == 1.0


def test_equal_systems_are_never_different() -> None:
    found = randomisation_test([0.5, 1.0], [0.5, 1.0])
    assert (found.p_value, found.difference, found.changed, found.exact) == (1.0, 0.0, 0, True)


def test_exact_match_is_the_sign_test() -> None:
    """8 of 10 changed answers for the better: 2 x (45 + 10 + 1) / 1024, however many did not change."""
    a = [1.0] * 8 + [0.0] * 2 + [1.0] * 3000
    b = [0.0] * 8 + [1.0] * 2 + [1.0] * 3000
    found = randomisation_test(a, b)
    assert (found.p_value, found.exact, found.changed, found.units) == (112 / 1024, True, 10, 3010)


def test_exact_match_of_thousands_is_exact() -> None:
    """4,400 of 9,000 changes: by the normal approximation with continuity correction, z = 99.5 / sqrt(2250)."""
    a = np.repeat([1.0, 0.0], [4600, 4400])
    found = randomisation_test(a, 1.0 - a)
    assert found.exact
    assert found.p_value == pytest.approx(0.0359, abs=0.0003)


def test_a_drawn_p_value_is_never_zero() -> None:
    _, b = f1_like(2000)
    found = randomisation_test(b + 1.0, b, permutations=99)
    assert (found.p_value, found.exact) == (1 / 100, False)
    assert found.difference == pytest.approx(1.0)


def test_the_seed_decides_and_the_size_of_a_chunk_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = f1_like(800)
    first, again, other = (randomisation_test(a, b, seed=seed).p_value for seed in (0, 0, 1))
    assert first == again != other
    monkeypatch.setattr(significance, "_CHUNK_BYTES", 5000)
    assert randomisation_test(a, b).p_value == first


@pytest.mark.parametrize("questions", [100, 300, 2000])
def test_p_values_are_those_of_scipy(questions: int) -> None:
    """Two independent draws of 10,000: within five standard errors of their difference."""
    stats = pytest.importorskip("scipy.stats", reason="scipy, an independent oracle, is not installed")
    a, b = f1_like(questions, seed=questions)
    ours = randomisation_test(a, b)
    theirs = stats.permutation_test(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", n_resamples=10_000,
        vectorized=True, batch=500, rng=1,
    ).pvalue  # fmt: skip
    assert not ours.exact
    assert ours.p_value == pytest.approx(theirs, abs=5 * (2 * theirs * (1 - theirs) / 10_000) ** 0.5 + 2e-4)


@pytest.mark.parametrize("seed", range(5))
def test_exact_p_values_are_those_of_scipy(seed: int) -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy, an independent oracle, is not installed")
    a, b = f1_like(12, seed)
    theirs = stats.permutation_test(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", n_resamples=np.inf,
        vectorized=True,
    ).pvalue  # fmt: skip
    assert randomisation_test(a, b).p_value == pytest.approx(theirs, abs=1e-12)


def test_a_group_is_dealt_as_a_whole() -> None:
    """Four witnesses that are one: of two deals both reach the observed difference."""
    a, b = [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]
    alone, together = randomisation_test(a, b), randomisation_test(a, b, groups=[0, 0, 0, 0])
    assert (alone.p_value, together.p_value, together.units) == (2 / 16, 1.0, 1)
    assert together.difference == 1.0


def test_under_no_difference_small_p_values_are_rare() -> None:
    """The level is kept: of 400 comparisons of equal systems about one in twenty has p <= 0.05."""
    random = np.random.default_rng(0)
    low = 0
    for seed in range(400):
        scores = random.choice(F1_VALUES, (2, 60))
        low += randomisation_test(*scores, permutations=400, seed=seed).p_value <= 0.05
    assert 6 <= low <= 34


@pytest.mark.parametrize(
    ("a", "b", "fault"),
    [
        ([], [], "N > 0"),
        ([1.0], [1.0, 0.0], "one shape"),
        ([[1.0]], [[1.0]], "one shape"),
        ([float("nan")], [1.0], "not finite"),
        ([1.0], [float("inf")], "not finite"),
    ],
)
def test_what_cannot_be_paired_is_refused(a: list[float], b: list[float], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        randomisation_test(a, b)


def test_holm_by_hand() -> None:
    """Holm (1979): 4 x .005, 3 x .01, 2 x .03, then .04 not below the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1))
def test_holm_lies_between_nothing_and_bonferroni(p_values: list[float]) -> None:
    """Law: corrected values keep the order, never fall, and are at most m times the p-value."""
    corrected = holm(p_values)
    for p, c in zip(p_values, corrected, strict=True):
        assert p <= c <= min(1.0, len(p_values) * p) + 1e-12
    by_p = sorted(zip(p_values, corrected, strict=True))
    assert [c for _, c in by_p] == sorted(corrected)


@pytest.mark.parametrize(
    ("p_values", "corrected"),
    [
        ([0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.08, 0.09, 0.09, 0.09]),
        ([0.0004, 0.03, 0.03, 0.2, 0.011, 0.5, 0.77], [0.0028, 0.15, 0.15, 0.6, 0.066, 1.0, 1.0]),
        ([0.6, 0.9, 0.0], [1.0, 1.0, 0.0]),
    ],
)
def test_holm_is_that_of_r(p_values: list[float], corrected: list[float]) -> None:
    """Golden: statsmodels 0.15.0, multipletests(p, method="holm"), which follows R's p.adjust(p, "holm")."""
    assert holm(p_values) == pytest.approx(corrected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms())
def test_holm_does_not_depend_on_the_order(p_values: list[float], random: Random) -> None:
    """Law: correcting and shuffling commute; and it is pmin(1, cummax((m - i + 1) p)), R's own definition."""
    places = list(range(len(p_values)))
    random.shuffle(places)
    corrected = holm(p_values)
    assert holm([p_values[place] for place in places]) == [corrected[place] for place in places]
    rising = np.sort(p_values)
    factors = np.arange(len(rising), 0, -1)
    assert sorted(corrected) == pytest.approx(np.minimum(1, np.maximum.accumulate(factors * rising)).tolist())


def test_a_family_is_corrected_together() -> None:
    a, b = f1_like(500)
    family = compare_all({"zs": b, "tq": a, "tc": b})
    assert [(m.a, m.b) for m in family] == [("zs", "tq"), ("zs", "tc"), ("tq", "tc")]
    assert [m.corrected for m in family] == holm([m.test.p_value for m in family])
    (only,) = compare_all({"zs": b, "tq": a}, [("tq", "zs")])
    assert only == FamilyMember("tq", "zs", randomisation_test(a, b), only.test.p_value)
