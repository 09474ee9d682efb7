"""All rungs tried on a row, and the choice between what they find."""

from dataclasses import replace

import numpy as np

from storage.examples import Span
from tasks.projection.alignment.aligner import Alignment
from tasks.projection.alignment.words import words
from tasks.projection.choosing import choose, in_doubt
from tasks.projection.ladder import LADDER, climb
from tasks.projection.outcomes import Method
from tasks.projection.rungs.case import Case
from tasks.projection.signals import SIGNALS, signals

SOURCE = "In 1066 the Duke of Normandy crossed the sea with many ships and men."
TARGET = "En 1066 el duque de Normandía cruzó el mar con muchas naves y hombres."
DUKE = Span(8, 28)


def test_the_ladder_has_every_method_but_the_papers_once() -> None:
    assert [method for method, _ in LADDER] == [method for method in Method if method is not Method.PAPER]


def test_every_rung_that_finds_something_is_heard() -> None:
    found = climb(Case(SOURCE, Span(3, 7), TARGET, pieces=(Span(3, 7),), alone="1066"))
    assert [(one.method, one.span) for one in found] == [
        (method, Span(3, 7)) for method in (Method.EXACT, Method.VERBATIM, Method.ALONE)
    ]


def test_edges_are_repaired_on_every_rung() -> None:
    pieces = (Span(8, 16), Span(17, 30))
    found = climb(Case(SOURCE, DUKE, TARGET, pieces=pieces, alone="El duque de Normandía,"))
    assert {TARGET[one.span.start : one.span.end] for one in found} == {"el duque de Normandía"}


def test_tags_are_trusted_before_likeness() -> None:
    case = Case("red or red", Span(7, 10), "rojo o roja", pieces=(Span(7, 11),), alone="rojo")
    (choice,) = choose([case])
    assert choice
    assert (choice[0].method, choice[0].span) == (Method.EXACT, Span(7, 11))


def test_a_stray_tag_is_left_out() -> None:
    pieces = (Span(8, 29), Span(62, 69))
    (choice,) = choose([Case(SOURCE, DUKE, TARGET, pieces=pieces)])
    assert choice
    assert (choice[0].method, choice[0].span) == (Method.CORE, Span(8, 29))


def test_agreement_raises_confidence() -> None:
    piece = (Span(8, 29),)
    plain, agreed, other = choose(
        [
            Case(SOURCE, DUKE, TARGET, pieces=piece),
            Case(SOURCE, DUKE, TARGET, pieces=piece, alone="El duque de Normandía"),
            Case(SOURCE, DUKE, TARGET, pieces=(Span(36, 46),), alone="El duque de Normandía"),
        ]
    )
    assert plain
    assert agreed
    assert other
    assert agreed[1] >= plain[1] - 0.02
    assert agreed[1] > other[1]


def test_nothing_found_is_no_choice() -> None:
    assert choose([Case("a b", Span(0, 1), "x y")]) == [None]


def test_signals_have_their_columns_and_their_range() -> None:
    for case in (
        Case(SOURCE, DUKE, TARGET, pieces=(Span(8, 16), Span(60, 70)), alone="duque"),
        Case(SOURCE, Span(3, 7), TARGET),
    ):
        found = climb(case)
        rows = signals(case, found)
        assert len(rows) == len(found)
        for row in rows:
            assert len(row) == len(SIGNALS)
            assert all(0.0 <= value <= 6.0 for value in row)
            assert row[0] == float(bool(case.pieces))


def test_equal_spans_have_equal_signals() -> None:
    case = Case(SOURCE, Span(3, 7), TARGET, pieces=(Span(3, 7),), alone="1066")
    rows = signals(case, climb(case))
    assert rows[0] == rows[1] == rows[2]


def test_an_alignment_is_looked_at_only_where_the_tags_leave_doubt() -> None:
    """Of the same links, what is tagged takes no notice, and what lost its tags or has a stray one does."""
    source, target = words(SOURCE), words(TARGET)
    links = np.full((len(source), len(target)), 0.05, np.float32)
    alignment = Alignment(source, target, links, links)
    for pieces in ((Span(8, 29),), (Span(8, 16), Span(17, 29))):
        plain = Case(SOURCE, DUKE, TARGET, pieces=pieces)
        assert not in_doubt(plain)
        assert choose([replace(plain, alignment=alignment)]) == choose([plain])
    for doubtful in (
        Case(SOURCE, DUKE, TARGET),
        Case(SOURCE, DUKE, TARGET, pieces=(Span(8, 29), Span(62, 69))),
    ):
        assert in_doubt(doubtful)
        assert choose([replace(doubtful, alignment=alignment)]) != choose([doubtful])
