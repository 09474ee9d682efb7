"""Verdicts of people: precisions against published intervals, weights, and mistakes named with their line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import InputError
from tasks.projection.review import REJECTED, Stratum
from tasks.projection.verdicts import Marked, Verdict, counted, precision, precisions, wilson


def stratum(rung: str = "exact", band: str = "0.95-1.00", language: str = "es") -> Stratum:
    return Stratum(language, rung, band)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(right: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, "Two-sided confidence intervals for the single proportion", Table I, method 3."""
    found = precision([Marked(stratum(), n, right, n - right)])
    assert found
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_strata_count_by_their_size() -> None:
    found = precision(
        [Marked(stratum("a"), 900, 10, 0), Marked(stratum("b"), 100, 0, 10), Marked(stratum("c"), 5, 0, 0)]
    )
    assert found
    assert (found.precision, found.marked, found.rows) == (0.9, 20, 1000)
    assert (found.low, found.high) == wilson(0.9, 1000**2 / (900**2 / 10 + 100**2 / 10))


def test_nobody_looked() -> None:
    assert precision([Marked(stratum(), 5, 0, 0)]) is None


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_laws_of_precision(numbers: list[tuple[int, int, int]]) -> None:
    """The interval holds the estimate, lies in [0, 1], and is no narrower than one of as many equal trials."""
    marked = [Marked(stratum(str(i)), *number) for i, number in enumerate(numbers)]
    found = precision(marked)
    assert (found is None) == (not any(right + wrong for _, right, wrong in numbers))
    if found:
        assert 0 <= found.low <= found.precision + 1e-9 <= found.high + 2e-9 <= 1 + 1e-8
        low, high = wilson(found.precision, found.marked)
        assert found.low <= low + 1e-9
        assert found.high >= high - 1e-9


def row(verdict: str, rung: str = "exact", band: str = "0.95-1.00", rows: str = "7") -> dict[str, str]:
    return {"verdict": verdict, "language": "es", "rung": rung, "band": band, "rows_in_stratum": rows}


def test_verdicts_are_counted_by_stratum() -> None:
    rows = [row("y"), row(" Y "), row("n"), row("?"), row(""), row("y", REJECTED, "empty", "2")]
    legend = {**row(""), "rung": "", "rows_in_stratum": ""}
    marked, said = counted(enumerate([*rows, legend], 2), "x.csv")
    assert marked == [Marked(stratum(), 7, 2, 1), Marked(stratum(REJECTED, "empty"), 2, 1, 0)]
    assert said == {Verdict.RIGHT: 3, Verdict.WRONG: 1, Verdict.UNSURE: 1, None: 1}
    found = precisions(marked)
    assert list(found.rungs) == ["exact"]
    assert found.overall == found.rungs["exact"]
    assert found.rejected["empty"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([row("yes")], "x.csv, line 2: the verdict 'yes' is none; write y, n, ? or leave it empty."),
        ([row("y", rows="")], "x.csv, line 2: '' is not how many rows the stratum has"),
        ([row("y"), row("y", rows="8")], "x.csv, line 3: '8' is not how many rows the stratum has"),
    ],
)
def test_mistakes_are_named_with_their_line(rows: list[dict[str, str]], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        counted(enumerate(rows, 2), "x.csv")
    assert sentence in str(caught.value)
