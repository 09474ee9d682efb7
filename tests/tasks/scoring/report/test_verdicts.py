"""What is tested is the figure that is shown, and the p-value is that of its definition."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Example
from tasks.scoring.benchmarks import Pair
from tasks.scoring.inquiry import Inquiry, Twin
from tasks.scoring.metrics import Metric
from tasks.scoring.report import ReportData, Run
from tasks.scoring.report.figures import system_figures
from tasks.scoring.report.verdicts import question_shares, verdicts, verdicts_by_context
from tasks.scoring.significance import holm

MakeRun = Callable[..., Run]


def report_of(pairs: list[Pair], *runs: Run) -> ReportData:
    return ReportData(benchmark="mlqa", metric=Metric.MLQA, pairs=pairs, runs=runs)


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_the_mean_of_the_shares_is_the_mean_over_pairs(questions: int, pairs: int, seed: int) -> None:
    """Law: mean(question_shares(t)) == mean over columns of the columns' means, whatever is absent."""
    random = np.random.default_rng(seed)
    table = random.random((questions, pairs))
    absent = random.random((questions, pairs)) < 0.3
    absent[random.integers(questions, size=pairs), np.arange(pairs)] = False
    table[absent] = np.nan
    assert question_shares(table).mean() == pytest.approx(np.nanmean(table, axis=0).mean())


def test_the_difference_is_that_of_the_figures_shown(pairs: list[Pair], make_run: MakeRun) -> None:
    data = report_of(pairs, make_run("zs", "a"), make_run("tq", "ab"), make_run("tall", ""))
    systems = system_figures(data)
    found = {(one.figure, one.a, one.b): one for one in verdicts(data, systems)}
    assert {figure for figure, _, _ in found} == {"G-XLT F1", "XLT F1", "G-XLT exact match"}
    assert len(found) == 9
    one = found["G-XLT F1", "ZS", "T(Q)"]
    assert (one.a_score, one.b_score) == (systems[0].f1.overall, systems[1].f1.overall)
    assert one.difference == pytest.approx(one.test.difference)
    family = [v for (figure, _, _), v in found.items() if figure == "G-XLT F1"]
    assert [v.corrected for v in family] == holm([v.test.p_value for v in family])


def test_translations_of_a_question_are_dealt_together(pairs: list[Pair], make_run: MakeRun) -> None:
    """Two questions in four pairs are two witnesses: no p-value below 2 of 4 deals is to be had."""
    data = report_of(pairs, make_run("zs", ""), make_run("tq", "ab"))
    one = verdicts(data, system_figures(data))[0]
    assert one.test.units == 2
    assert one.test.p_value == 0.5
    assert one.test.exact
    assert not one.significant


def test_a_pair_with_few_questions_counts_as_much_as_any_other(
    pairs: list[Pair], make_example: Callable[..., Example], make_run: MakeRun
) -> None:
    """The p-value by enumeration of all deals of the difference of means over pairs."""
    more = [make_example(str(n), "Lyon lies on the Rhône.", "Lyon") for n in range(5)]
    uneven = [pairs[0], replace(pairs[3], examples=[*pairs[3].examples, *more])]
    table = np.full((7, 2), np.nan)
    table[:2, 0] = [1, -1]
    table[:, 1] = [1, 1, 1, 0, 1, 1, -1]
    observed = abs(np.nanmean(table, axis=0).mean())
    deals = [
        np.nanmean(table * np.array(signs)[:, None], axis=0).mean() for signs in product((1, -1), repeat=7)
    ]
    expected = np.mean([abs(deal) >= observed - 1e-12 for deal in deals])
    from tasks.scoring.significance import randomisation_test

    found = randomisation_test(question_shares(table), np.zeros(7))
    assert found.exact
    assert found.p_value == pytest.approx(expected)
    assert len(uneven[1].examples) == 7


def test_seeds_are_compared_within_their_system(pairs: list[Pair], make_run: MakeRun) -> None:
    data = report_of(pairs, make_run("tq", "a", seed=1), make_run("tq", "ab", seed=2))
    found = verdicts(data, system_figures(data))
    assert {one.family for one in found} == {"seeds of T(Q)"}
    assert {(one.a, one.b) for one in found} == {("seed 1", "seed 2")}


def test_what_is_broken_on_purpose_is_no_member(pairs: list[Pair], make_run: MakeRun) -> None:
    data = report_of(pairs, make_run("zs", "a"), make_run("tq", "ab"), make_run("off", "b"))
    inquiry = Inquiry(twins=(Twin(of="tq", twin="off", says="s"),))
    found = verdicts(replace(data, inquiry=inquiry), system_figures(data))
    assert {(one.a, one.b) for one in found} == {("ZS", "T(Q)")}


def test_context_languages_are_one_family(pairs: list[Pair], make_run: MakeRun) -> None:
    data = report_of(pairs, make_run("zs", "a"), make_run("tq", "ab"), make_run("tall", "b"))
    found = verdicts_by_context(data, system_figures(data))
    assert [(one.a, one.b, one.figure) for one in found] == [
        ("T(Q)", "ZS", "ar"),
        ("T(Q)", "ZS", "en"),
        ("T(ALL)", "ZS", "ar"),
        ("T(ALL)", "ZS", "en"),
    ]
    assert [one.corrected for one in found] == holm([one.test.p_value for one in found])


def test_one_reader_is_compared_with_none(pairs: list[Pair], make_run: MakeRun) -> None:
    data = report_of(pairs, make_run("zs", "a"))
    assert verdicts(data, system_figures(data)) == verdicts_by_context(data, system_figures(data)) == []
