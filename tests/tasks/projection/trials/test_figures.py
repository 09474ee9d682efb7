"""The figures of a trial: on rows made by hand, whose figures can be counted on fingers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Answer, Span
from tasks.projection.outcomes import Method
from tasks.projection.rungs.case import Case
from tasks.projection.trials.figures import Judge, figures
from tasks.projection.trials.methods import Sighting, cover, paper
from tasks.projection.trials.report import curves, tabled, worst
from tasks.projection.trials.rows import Row
from tasks.scoring.metrics import Metric, f1

TEXT = "el coche rojo corre por la calle vieja"


def row(name: str, gold: str, *pieces: Span, odd: bool = False, sound: bool = True) -> Row:
    case = Case("the red car", Span(4, 11), TEXT, pieces=pieces, sound=sound, source="en", target="es")
    return Row(name, "Which?", case, Answer(gold, max(0, TEXT.find(gold))), odd)


def seen(text: str, score: float = 1.0) -> Sighting:
    start = TEXT.index(text)
    return Sighting(Span(start, start + len(text)), score, Method.EXACT)


JUDGE = Judge("es", same_context=True)


def test_what_is_kept_lost_and_missed() -> None:
    rows = [row("a", "coche rojo"), row("b", "coche rojo"), row("c", "calle vieja")]
    found = figures(rows, [seen("coche rojo", 0.9), seen("coche", 0.5), None], JUDGE)
    assert (found.total, found.kept) == (3, 2)
    assert found.f1 == pytest.approx((1 + 2 / 3) / 2)
    assert (found.exact_match, found.exact_offsets) == (0.5, 0.5)
    assert found.char_f1 == pytest.approx((1 + 2 * 5 / 15) / 2)
    assert found.regret == pytest.approx((0 + 1 / 3 + 1) / 3)
    assert found.to_json()["yield"] == pytest.approx(2 / 3)


def test_rows_in_several_pieces_are_counted_apart_and_lost_ones_as_nothing() -> None:
    split = [row(name, "coche rojo", Span(3, 8), Span(9, 13)) for name in "ab"]
    found = figures([*split, row("c", "coche rojo", Span(3, 13))], [seen("coche rojo"), None, None], JUDGE)
    assert found.split_f1 == 0.5


def test_offsets_are_not_compared_between_different_texts() -> None:
    found = figures([row("a", "coche rojo")], [seen("coche rojo")], Judge("es", same_context=False))
    assert (found.char_f1, found.exact_offsets) == (None, None)


@given(st.lists(st.sampled_from(["rojo", "coche", "azul", "calle", "la"]), min_size=1, max_size=4))
def test_no_span_exceeds_the_best_one(words: list[str]) -> None:
    gold = " ".join(words)
    starts = [i for i, char in enumerate(f" {TEXT}") if char == " "]
    ends = [i for i, char in enumerate(f"{TEXT} ") if char == " "]
    spans = [TEXT[start:end] for start in starts for end in ends if start < end]
    every = max(f1(span, [gold], Metric.MLQA, "es") for span in spans)
    assert JUDGE.best(row("a", gold)) == pytest.approx(every)


def test_the_papers_rule_keeps_only_one_sound_pair() -> None:
    rows = [
        row("a", "x", Span(3, 8)),
        row("b", "x", Span(3, 8), Span(9, 13)),
        row("c", "x", Span(3, 8), sound=False),
    ]
    assert [bool(one) for one in paper(rows)] == [True, False, False]
    assert [one.span for one in cover(rows) if one] == [Span(3, 8), Span(3, 13), Span(3, 8)]


def test_the_odd_articles_alone() -> None:
    rows = [row("a", "coche rojo"), row("b", "coche rojo", odd=True)]
    found = {"method": [seen("coche rojo"), seen("coche")]}
    assert tabled(rows, found, JUDGE, odd=True)["method"].exact_match == 0.0
    assert tabled(rows, found, JUDGE, odd=False)["method"].exact_match == 0.5


def test_a_method_that_does_not_sort_is_a_dot() -> None:
    rows = [row(str(n), "coche rojo") for n in range(10)]
    flat, sorting = [seen("coche rojo")] * 9 + [None], [seen("coche", n / 10) for n in range(5)]
    table = tabled(
        rows, {"paper": flat, "rung sorting": [*sorting, *[seen("coche rojo", 0.9)] * 5]}, JUDGE, odd=False
    )
    assert curves(table)["paper"] == [(0.9, 1.0)]
    assert len(curves(table)["rung sorting"]) > 5


def test_the_worst_rows_come_first_and_are_no_formulas() -> None:
    rows = [row("fine", "coche rojo"), row("=lost", "calle vieja")]
    table = worst(rows, [seen("coche rojo"), None], JUDGE)
    lines = table.splitlines()
    assert lines[1].startswith("'=lost")
    assert lines[2].startswith("fine")
    assert "el 【coche rojo】 corre" in table
