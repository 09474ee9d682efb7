"""Tags that came back in other forms, read for what they must have been."""

import pytest

from storage.examples import Span
from tasks.mt.markup import Markup
from tasks.projection.cases import Known
from tasks.projection.marking import mark
from tasks.projection.outcomes import Projection, Rejection
from tasks.projection.rules import Rule, project

MARKED = mark("the red car ran", [Span(4, 7), Span(8, 11)])[0]
GOOD = [("rojo", 9), ("coche", 3)]


@pytest.mark.parametrize(
    "translation",
    [
        "el <b2>coche</b2> <b1>rojo</b1> corrió",
        "el <B2>coche</B2> < b1 >rojo< / b1 > corrió",
        "el 【b2】coche【/b2】 【b1】rojo【/b1】 corrió",
        "el ＜b2＞coche＜/b2＞ 〈b1〉rojo〈/b1〉 corrió",
        "el &lt;b2&gt;coche&lt;/b2&gt; <b1>rojo</b1> corrió",
        "el &lt;b2>coche&lt;/b2> <b1>rojo</b1> corrió",
        "el <fuerte2>coche</fuerte2> <negrita 1>rojo</negrita 1> corrió",
        "el <fuerte>coche</fuerte> <b1>rojo</b1> corrió",
        "el <b2><b2>coche</b2></b2> <b1>rojo</b1> corrió",
        "el <b2>coche<b2> <b1>rojo</b1> corrió",
        "el </b2>coche</b2> <b1>rojo</b1> corrió",
        "el <b2>coche</b2></b2> <b1>rojo</b1> corrió",
        "el <b2>coche</b2> <b2></b2><b1>rojo</b1> corrió",
        "el <b2> coche </b2><b1>rojo</b1> corrió",
    ],
)
def test_every_fault_is_put_right(translation: str) -> None:
    projected = project(MARKED, translation, known=Known("en", "es"))
    assert "<" not in projected.context
    assert "&" not in projected.context
    for found, (text, _) in zip(projected.outcomes, GOOD, strict=True):
        assert isinstance(found, Projection), translation
        assert found.text == text
        assert projected.context[found.span.start : found.span.end] == text


def test_two_missing_marks_and_a_nameless_pair_are_not_guessed() -> None:
    outcomes = project(MARKED, "el <fuerte>coche</fuerte> rojo corrió").outcomes
    assert all(isinstance(found, Rejection) for found in outcomes)


def test_nameless_pairs_are_told_apart_by_what_the_answers_are_alone() -> None:
    alone = {"red": "rojo", "car": "coche"}
    back = "el <fuerte>coche</fuerte> <fuerte>rojo</fuerte> corrió"
    outcomes = project(MARKED, back, known=Known(alone=alone)).outcomes
    assert [isinstance(found, Projection) and (found.text, found.span.start) for found in outcomes] == GOOD
    assert isinstance(project(MARKED, back, known=Known(alone={"red": "azul"})).outcomes[0], Rejection)


@pytest.mark.parametrize("back", ["el <b1>gato rojo", "el gato rojo</b1>", "el <b1></b1>gato rojo"])
def test_a_tag_alone_shows_where_the_answer_begins_or_ends(back: str) -> None:
    (marked,) = mark("the red cat", [Span(4, 11)])
    (found,) = project(
        marked, f"un gato rojo y {back} y un gato rojo", known=Known(alone={"red cat": "rojo gato"})
    ).outcomes
    assert isinstance(found, Projection)
    assert (found.text, found.span.start, found.method) == ("gato rojo", 18, "mended")


def test_a_stray_pair_gives_way_to_the_piece_that_is_the_answer() -> None:
    far = "de la casa que se ve desde aquí"
    (marked,) = mark("the red car of the house that one sees from here", [Span(4, 7)])
    (found,) = project(
        marked, f"el coche <b1>rojo</b1> {far} <b1>entera</b1>", known=Known(alone={"red": "rojo"})
    ).outcomes
    assert isinstance(found, Projection)
    assert found.text == "rojo"


def test_lenticular_brackets_in_the_source_are_its_own() -> None:
    (marked,) = mark("see 【b1】 and 【/b1】 here", [Span(4, 8)])
    projected = project(marked, marked.text)
    assert projected.context == marked.context
    assert isinstance(projected.outcomes[0], Projection)
    assert projected.outcomes[0].span == Span(4, 8)


def test_a_source_with_angles_keeps_its_own() -> None:
    marked = mark("a <i1> b", [Span(0, 1)])[0]
    projected = project(marked, "a &lt;i1&gt; b")
    assert projected.context == "a <i1> b"
    assert isinstance(projected.outcomes[0], Rejection) or projected.outcomes[0].span == Span(0, 1)


def test_the_papers_rule_mends_nothing() -> None:
    outcomes = project(MARKED, "el <b2>coche<b2> <fuerte1>rojo</fuerte1> corrió", Rule.PAPER).outcomes
    assert all(isinstance(found, Rejection) for found in outcomes)


def test_an_answer_that_the_engine_wrote_twice_is_taken_once() -> None:
    projected = project(MARKED, "el <b2>coche</b2>, <b2>coche</b2>, <b1>rojo</b1>")
    found = projected.outcomes[1]
    assert isinstance(found, Projection)
    assert found.text == "coche"


def test_other_styles_are_left_as_they_are() -> None:
    marked = mark("red car", [Span(0, 3)], Markup.BRACKETS)[0]
    found = project(marked, "[1]rojo[1] coche").outcomes[0]
    assert isinstance(found, Projection)
    assert found.text == "rojo"
