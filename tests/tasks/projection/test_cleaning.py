import pytest

from storage.examples import Span
from storage.silver import Reason
from tasks.mt.markup import Markup, closing, escape, opening
from tasks.projection.cleaning import leftover, settled
from tasks.projection.marking import mark
from tasks.projection.rules import Projection, Rejection, project

CONTEXT = "the red car, seen"


@pytest.mark.parametrize("markup", Markup)
def test_every_style_is_found_again_and_its_wrecks_are_named(markup: Markup) -> None:
    (marked,) = mark(CONTEXT, [Span(4, 11)], markup)
    good, begin, end = f"el {opening(1, markup)}coche rojo", opening(1, markup), closing(1, markup)
    found = project(marked, f"{good}{end}, visto").outcomes[0]
    assert isinstance(found, Projection)
    assert found.text == "coche rojo"
    for wreck in (f"{good}{end} visto {begin[:-1]} x", f"{good}{end} visto {begin[1:]} x"):
        lost = project(marked, wreck).outcomes[0]
        assert isinstance(lost, Rejection), wreck
        assert lost.reason is Reason.TAGS_UNBALANCED


@pytest.mark.parametrize(
    ("markup", "translation", "expected"),
    [
        (Markup.HTML, "&lt;b1&gt;x&lt;/b1&gt;", "<b1>x</b1>"),
        (Markup.TAGS, "&lt;b1&gt;x", "<b1>x"),
        (Markup.LETTERS, "&lt;a&gt;x&lt;/a&gt;", "<a>x</a>"),
        (Markup.LETTERS, "<a>x</a> <strong>y</strong>", "<a>x</a> y"),
        (Markup.HTML, "<b1>x</b1> <a>y</a>", "<b1>x</b1> y"),
        (Markup.BRACKETS, "[1]x[/1] <a>y</a>", "[1]x[/1] y"),
        (Markup.BRACKETS, "a &amp;lt; b", "a &lt; b"),
    ],
)
def test_habits_are_undone_in_the_style_that_was_asked(
    markup: Markup, translation: str, expected: str
) -> None:
    assert settled(translation, "x", markup) == expected


def test_what_the_source_has_itself_is_no_wreck() -> None:
    for markup, text in (
        (Markup.LETTERS, "if a > b"),
        (Markup.BRACKETS, "as said in [12"),
        (Markup.TAGS, "<b1 is"),
    ):
        assert leftover(text, text, markup) is None
        assert leftover(text, "nothing of the kind", markup) is not None
    assert escape("as said in 12", Markup.BRACKETS) == "as said in 12"
