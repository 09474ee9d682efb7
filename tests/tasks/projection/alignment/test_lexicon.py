import numpy as np

from tasks.projection.alignment.forms import STEMS
from tasks.projection.alignment.lexicon import PRIOR, WEIGHT, Lexicon, Side, View, kept


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


VIEW = View(
    Side(("aa", "bb"), floats(0.75, 0.25), floats(3, 1)),
    Side(("xx", "yy"), floats(0.5, 0.5), floats(2, 2)),
    np.array([0, 1, 2]),
    floats(2, 1, 1),
)
"""(aa, xx) was linked twice, (aa, yy) and (bb, xx) once, in words of two letters, so that all views are this one."""


def ratios(source: str, target: str) -> tuple[float, float]:
    places = np.zeros(1, np.int32)
    forward, backward = Lexicon([VIEW] * len(STEMS)).log_ratios([source], [target], places, places)
    return float(forward[0]), float(backward[0])


def weighted(forward: float, backward: float) -> tuple[float, float]:
    return WEIGHT * len(STEMS) * np.log(forward), WEIGHT * len(STEMS) * np.log(backward)


def test_ratios_are_those_of_the_formula() -> None:
    expected = (2 / 0.5 + PRIOR) / (3 + PRIOR), (2 / 0.75 + PRIOR) / (2 + PRIOR)
    np.testing.assert_allclose(ratios("aa", "xx"), weighted(*expected), rtol=1e-5)


def test_known_words_never_linked_are_less_likely_than_chance() -> None:
    np.testing.assert_allclose(
        ratios("bb", "yy"), weighted(PRIOR / (1 + PRIOR), PRIOR / (2 + PRIOR)), rtol=1e-5
    )


def test_an_unknown_word_says_nothing_and_its_partner_what_it_knows() -> None:
    assert ratios("??", "!!") == (0, 0)
    np.testing.assert_allclose(ratios("aa", "!!"), weighted(PRIOR / (3 + PRIOR), 1), rtol=1e-5)
    np.testing.assert_allclose(ratios("??", "xx"), weighted(1, PRIOR / (2 + PRIOR)), rtol=1e-5)


def test_counts_that_hardly_matter_are_left_out() -> None:
    view = View(VIEW.source, VIEW.target, VIEW.keys, floats(2, 0.001, 1))
    assert kept(view).keys.tolist() == [0, 2]
