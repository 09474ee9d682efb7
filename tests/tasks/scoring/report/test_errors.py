from collections.abc import Callable

from tasks.scoring.benchmarks import Pair
from tasks.scoring.error_analysis import contrasts
from tasks.scoring.metrics import Metric
from tasks.scoring.report import ReportData, Run
from tasks.scoring.report.errors import from_every_pair, partings
from tasks.scoring.report.views import matched_gold

MakeRun = Callable[..., Run]


def test_each_further_system_parts_from_the_first_both_ways(pairs: list[Pair], make_run: MakeRun) -> None:
    runs = [make_run("zs", "a"), make_run("tq", "ab"), make_run("tall", "b"), make_run("tq", "")]
    data = ReportData(benchmark="mlqa", metric=Metric.MLQA, pairs=pairs, runs=runs)
    found = partings(data)
    assert [(one.better, one.poorer) for one in found] == [
        ("T(Q)", "ZS"),
        ("ZS", "T(Q)"),
        ("T(ALL)", "ZS"),
        ("ZS", "T(ALL)"),
    ]
    assert [one.total for one in found] == [4, 0, 4, 4]
    assert found[0].counts == {(c, q): 1 for c in ("ar", "en") for q in ("ar", "en")}
    assert {one.example.id for one in found[0].shown} == {"b"}


def test_pairs_of_languages_take_turns_and_the_rank_stays(pairs: list[Pair], make_run: MakeRun) -> None:
    ranked = contrasts(pairs, make_run("tq", "ab").answers, make_run("zs", "").answers)
    assert len(ranked) == 8
    shown = from_every_pair(ranked, 5)
    assert len({(one.context_language, one.question_language) for one in shown}) == 4
    places = [ranked.index(one) for one in shown]
    assert places == sorted(places)
    assert from_every_pair(ranked, 99) == ranked


def test_the_gold_answer_shown_is_the_one_that_was_given(pairs: list[Pair], make_run: MakeRun) -> None:
    for one in contrasts(pairs, make_run("tq", "ab").answers, make_run("zs", "").answers):
        gold = matched_gold(one)
        assert one.example.context[gold.start : gold.end] == one.better.text
