import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from tasks.mt.markup import Markup, Tag, closing, escape, opening, read, tags_as_html
from tasks.projection.marking import mark, recover

STYLES = pytest.mark.parametrize("markup", Markup)
LOOK_ALIKES = [
    "<b1>", "</b1>", "< B 2 >", "＜b1＞", "‹/b3›", "《b1》", "<a>", "</ab>", "< Q >", "‹c›", "[1]", "[/12]", "［3］",
    "【 4 】", "&lt;b1&gt;", "&amp;lt;", "&amp;", "&#60;", "&#91;1]", "&#x5b;1]", "&", "&lt", "&copy", "<", ">", "[",
    "]", "b1", "a>", "1]", ";", "\x00", "\x0b", "\ufffe", "\r\n", "\u241b", "\u2400", "\u2420", "\u241b\u2420",
]  # fmt: skip
TEXT = st.lists(st.one_of(st.sampled_from(LOOK_ALIKES), st.text(max_size=6)), max_size=8).map("".join)


@STYLES
@given(text=TEXT)
def test_law_plain_text_reads_as_itself(markup: Markup, text: str) -> None:
    """ "".join(read(escape(p))) == p, and what is written holds no tag."""
    assert "".join(str(token) for token in read(escape(text, markup), markup)) == text


@STYLES
@given(text=TEXT.filter(bool), data=st.data())
def test_law_recover_undoes_mark(markup: Markup, text: str, data: st.DataObject) -> None:
    """recover(mark(p, s)) == (p, s), in every style."""
    starts = st.integers(0, len(text) - 1)
    spans = st.tuples(starts, starts).map(lambda ends: Span(min(ends), max(ends) + 1))
    asked = data.draw(st.lists(spans, max_size=6))
    found: list[Span] = []
    for copy in mark(text, asked, markup):
        recovered = recover(copy.text, markup)
        assert recovered.text == text
        assert not recovered.unbalanced
        assert recovered.pieces == {number: (span,) for number, span in enumerate(copy.spans, 1)}
        found += copy.spans
    assert sorted(found) == sorted(set(asked))


@STYLES
@given(number=st.integers(1, 9999))
def test_law_tags_read_as_themselves(markup: Markup, number: int) -> None:
    """read(opening(n) + closing(n)) is that tag, opened and closed."""
    written = opening(number, markup) + closing(number, markup)
    assert list(read(written, markup)) == [Tag(number, False), Tag(number, True)]


@pytest.mark.parametrize(
    ("markup", "tagged"),
    [
        (Markup.XML, "< b1 >x</ B1 >"),
        (Markup.TAGS, "＜b1＞x＜／b1＞"),
        (Markup.LETTERS, "<a>x</a>"),
        (Markup.LETTERS, "< A >x</A>"),
        (Markup.LETTERS, "＜a＞x＜／a＞"),
        (Markup.BRACKETS, "[1]x[/1]"),
        (Markup.BRACKETS, "［１］x［／１］"),
        (Markup.BRACKETS, "【 1 】x【/ 1】"),
    ],
)
def test_careless_spellings_of_a_tag_are_read(markup: Markup, tagged: str) -> None:
    assert recover(f"a {tagged} b", markup).pieces == {1: (Span(2, 3),)}


def test_plain_text_styles_escape_nothing_that_needs_no_escape() -> None:
    text = "R&D: 5 < 6 > 4 'x' \"y\" <i"
    for markup in (Markup.TAGS, Markup.LETTERS, Markup.BRACKETS):
        assert escape(text, markup) == text


@given(TEXT)
def test_law_a_reader_of_html_sees_the_same_tags(text: str) -> None:
    """Read as HTML, `tags_as_html(t)` has the tags of t, and between them t as it was written."""
    marked = f"{escape(text, Markup.TAGS)}<b1>{escape(text, Markup.TAGS)}</b1>"
    tokens = list(read(tags_as_html(marked)))
    assert [token for token in tokens if isinstance(token, Tag)] == [Tag(1, False), Tag(1, True)]
    assert "".join(token for token in tokens if isinstance(token, str)) == 2 * escape(text, Markup.TAGS)
