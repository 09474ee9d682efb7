import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from tasks.mt.markup import escape, read
from tasks.projection.marking import mark, plain, recover

LOOK_ALIKES = [
    "<b1>",
    "</b1>",
    "< B 2 >",
    "＜b1＞",
    "‹/b3›",
    "《b1》",
    "&lt;b1&gt;",
    "&amp;",
    "&#60;",
    "&",
    "<",
    ">",
    "b1",
]
TEXT = st.lists(st.one_of(st.sampled_from(LOOK_ALIKES), st.text(max_size=6)), max_size=8).map("".join)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXT.filter(bool))
    starts = st.integers(0, len(text) - 1)
    spans = st.tuples(starts, starts).map(lambda ends: Span(min(ends), max(ends) + 1))
    return text, draw(st.lists(spans, max_size=8))


@given(marked_texts())
def test_law_recover_undoes_mark(case: tuple[str, list[Span]]) -> None:
    """recover(mark(p, s)) == (p, s): every copy gives the context back, all copies together every span once."""
    text, spans = case
    found: list[Span] = []
    for copy in mark(text, spans):
        recovered = recover(copy.text)
        assert recovered.text == text
        assert not recovered.unbalanced
        assert recovered.pieces == {number: (span,) for number, span in enumerate(copy.spans, 1)}
        found += copy.spans
    assert sorted(found) == sorted(set(spans))


@given(marked_texts())
def test_tags_of_a_copy_nest(case: tuple[str, list[Span]]) -> None:
    for copy in mark(*case):
        stack: list[int] = []
        for token in read(copy.text):
            if not isinstance(token, str):
                if token.closing:
                    assert stack.pop() == token.number
                else:
                    stack.append(token.number)
        assert not stack


@given(TEXT)
def test_law_plain_text_reads_as_itself(text: str) -> None:
    """ "".join(read(escape(p))) == p"""
    assert "".join(map(str, read(escape(text)))) == text
    assert recover(plain(text)).text == text


def test_one_copy_holds_all_answers_but_those_that_cross() -> None:
    copies = mark("abcdef", [Span(0, 3), Span(3, 6), Span(0, 3), Span(1, 2), Span(2, 4)])
    assert [copy.text for copy in copies] == ["<b1>a<b2>b</b2>c</b1><b3>def</b3>", "ab<b1>cd</b1>ef"]


def test_no_spans_is_one_plain_copy() -> None:
    assert [copy.text for copy in mark("a < b", [])] == ["a &lt; b"]


@pytest.mark.parametrize("span", [Span(1, 1), Span(2, 1), Span(-1, 2), Span(0, 4)])
def test_spans_outside_the_context_are_refused(span: Span) -> None:
    with pytest.raises(ValueError, match="empty or outside a context of 3 characters"):
        mark("abc", [span])


@pytest.mark.parametrize(
    "tagged",
    ["<b1>x</b1>", "<B1>x</B1>", "< b1 >x</ b1 >", "＜b1＞x＜／b1＞", "<b１>x</b１>", "《b1》x《/b1》"],
)
def test_careless_spellings_of_a_tag_are_read(tagged: str) -> None:
    assert recover(f"a {tagged} b").pieces == {1: (Span(2, 3),)}


def test_titles_in_foreign_brackets_are_text() -> None:
    assert recover("《B12》").text == "《B12》"


def test_tags_without_partner_are_told() -> None:
    recovered = recover("<b1>a</b2> <b3>b <b4>c</b4>")
    assert recovered.unbalanced == {1, 2, 3}
    assert recovered.text == "a b c"
