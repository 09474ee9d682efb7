"""Each rung by itself: what it sees, where it looks, and what it leaves alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from tasks.projection.alignment.aligner import Alignment
from tasks.projection.alignment.words import words
from tasks.projection.rungs.aligned import aligned
from tasks.projection.rungs.alone import alone, folded
from tasks.projection.rungs.case import Case, covered, expected_place, window
from tasks.projection.rungs.cover import core, cover
from tasks.projection.rungs.exact import exact
from tasks.projection.rungs.mended import mended
from tasks.projection.rungs.verbatim import verbatim

SOURCE = "the red car ran, and the red dog slept"
TARGET = "el coche rojo corrió, y el can rojo durmió"
RED_CAR, RED_DOG = Span(4, 11), Span(25, 32)


def case(span: Span = RED_CAR, text: str = TARGET, **more: object) -> Case:
    return Case(SOURCE, span, text, **more)  # type: ignore[arg-type]


def said(found: object, text: str = TARGET) -> str | None:
    return text[found.span.start : found.span.end] if found else None  # type: ignore[attr-defined]


def test_exact_wants_one_sound_pair() -> None:
    assert said(exact(case(pieces=(Span(3, 13),)))) == "coche rojo"
    assert exact(case(pieces=(Span(3, 8), Span(9, 13)))) is None
    assert exact(case(pieces=(Span(3, 13),), sound=False)) is None
    assert said(mended(case(pieces=(Span(3, 13),), sound=False))) == "coche rojo"


def test_cover_says_how_much_of_it_stood_between_tags() -> None:
    found = cover(case(pieces=(Span(3, 8), Span(9, 13))))
    assert found
    assert (found.span, found.score) == (Span(3, 13), 0.9)
    assert cover(case(pieces=(Span(3, 13),))) is None


def test_core_leaves_out_a_stray_piece_but_not_a_near_one() -> None:
    assert said(core(case(pieces=(Span(3, 8), Span(9, 13), Span(36, 38))))) == "coche rojo"
    assert core(case(pieces=(Span(3, 8), Span(9, 13)))) is None
    assert core(Case(SOURCE, Span(0, 11), TARGET, pieces=(Span(0, 2), Span(12, 13)))) is None


def test_verbatim_goes_by_position() -> None:
    source, target = "5 of 15, then 5 more", "5 de 15, luego otros 5"
    first, second = Case(source, Span(0, 1), target), Case(source, Span(14, 15), target)
    assert [found and found.span for found in map(verbatim, (first, second))] == [Span(0, 1), Span(21, 22)]
    other = Case(source, Span(14, 15), "5 de 15, luego más")
    assert verbatim(other) is None
    assert verbatim(Case("a , b", Span(2, 3), "x , y")) is None


def test_verbatim_keeps_to_the_tags_where_there_are_any() -> None:
    found = verbatim(Case("7 or 7", Span(0, 1), "7 o 7", pieces=(Span(4, 5),)))
    assert found
    assert found.span == Span(4, 5)


def test_alone_is_lenient_and_keeps_whole_words() -> None:
    assert said(alone(case(alone="Coches rojos"))) == "coche rojo"
    assert said(alone(case(RED_DOG, alone="can rojo."))) == "can rojo"
    assert alone(case(alone="zzzz")) is None
    assert alone(case()) is None


def test_a_repeated_answer_is_told_apart_by_its_place() -> None:
    text = "rojo, azul, rojo, verde, rojo"
    source = "red, blue, red, green, red"
    for start, place in ((0, 0), (11, 12), (23, 25)):
        found = alone(Case(source, Span(start, start + 3), text, alone="Rojo"))
        assert found
        assert found.span == Span(place, place + 4)


def test_neighbours_bound_the_window() -> None:
    source = "red " * 100
    text = "rojo " * 100
    neighbours = [(Span(40, 43), Span(50, 54)), (Span(80, 83), Span(100, 104))]
    asked = Case(source, Span(60, 63), text, neighbours=neighbours, alone="rojo")
    within, found = window(asked), alone(asked)
    assert 0 <= within.start < 50
    assert 104 < within.end < 200
    assert found
    assert 50 < found.span.start < 100
    assert abs(expected_place(asked) - 77) < 5


def test_neighbours_bound_the_window_from_below() -> None:
    asked = Case("a " * 200, Span(300, 301), "b " * 200, neighbours=[(Span(280, 281), Span(280, 281))])
    assert window(asked).start > 200
    assert window(asked).end == 400


def test_a_tag_without_a_partner_still_says_where() -> None:
    text = "rojo, " * 50
    found = alone(Case("red, " * 50, Span(200, 203), text, loose=(120,), sound=False, alone="rojo"))
    assert found
    assert found.span.start == 120


def test_alone_in_a_script_without_spaces() -> None:
    found = alone(Case("He lives in Kyoto", Span(12, 17), "他住在京都市", alone="京都", target="zh"))
    assert found
    assert "他住在京都市"[found.span.start : found.span.end] == "京都"


def test_aligned_asks_the_aligner_for_the_answer() -> None:
    source, target = words(SOURCE, "en"), words(TARGET, "es")
    links = np.zeros((len(source), len(target)), dtype=np.float32)
    for one, other in ((0, 0), (1, 2), (2, 1), (3, 3), (6, 6), (7, 8), (8, 7), (9, 9)):
        links[one, other] = 1.0
    assert said(aligned(case(alignment=Alignment(source, target, links, links)))) == "coche rojo"
    assert aligned(case()) is None


@pytest.mark.parametrize("text", ["ABC", "İstanbul", "ǅ", "ß"])
def test_folding_moves_nothing(text: str) -> None:
    assert len(folded(text)) == len(text)


SPANS = st.builds(lambda a, n: Span(a, a + n), st.integers(0, 20), st.integers(1, 9))


@given(st.lists(SPANS, min_size=1, max_size=4), SPANS)
def test_law_covered_counts_each_character_once(pieces: list[Span], within: Span) -> None:
    inside = {i for piece in pieces for i in range(piece.start, piece.end)}
    assert covered(pieces, within) == len(inside & set(range(within.start, within.end)))


@given(
    st.text("ab ,.中é", min_size=1, max_size=30), st.text("abé中 .", max_size=8), st.lists(SPANS, max_size=3)
)
def test_law_every_rung_stays_inside_the_text(text: str, by_itself: str, pieces: list[Span]) -> None:
    inside = tuple(Span(p.start, min(p.end, len(text))) for p in pieces if p.start < len(text))
    asked = Case("a bé 中", Span(2, 4), text, pieces=inside, alone=by_itself)
    for rung in (exact, mended, cover, core, verbatim, alone, aligned):
        if found := rung(asked):
            assert 0 <= found.span.start < found.span.end <= len(text)
            assert 0.0 <= found.score <= 1.0
