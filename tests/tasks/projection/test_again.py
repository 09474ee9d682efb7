"""What is sent a second time: the answers whose tags were lost or split, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Answer, Example, Span
from tasks.mt.markup import Markup
from tasks.projection.again import SecondTry, second_copies, unsure
from tasks.projection.contexts import Further, mark_contexts, project_examples
from tasks.projection.marking import mark, recover
from tasks.projection.rules import Rule

CONTEXT = "red old car"
RED, OLD, CAR = Span(0, 3), Span(4, 7), Span(8, 11)
MARKED = mark(CONTEXT, [RED, OLD, CAR])[0]
FORMS = [form for form in SecondTry if form is not SecondTry.NONE]


def sent(translation: str | None, form: SecondTry) -> list[str]:
    translations = {} if translation is None else {MARKED.text: translation}
    return [copy.text for copy in second_copies([MARKED], translations, form)]


@pytest.mark.parametrize(
    ("translation", "spans"),
    [
        ("<b3>coche</b3> <b2>viejo</b2> <b1>rojo</b1>", []),
        ("<b3>coche</b3> <b2>viejo</b2> rojo", [RED]),
        ("<b3>coche</b3> <b2>muy</b2> <b1>rojo</b1> y <b2>viejo</b2>", [OLD]),
        ("<b3>coche</b3> viejo rojo", [RED, OLD]),
        ("<B3>coche</B3> <b2>viejo</b2> <b1>rojo</b1>", []),
        (None, [RED, OLD, CAR]),
    ],
    ids=["whole", "lost", "split", "two lost", "misspelt", "never came back"],
)
def test_lost_and_split_tags_leave_an_answer_unsure(translation: str | None, spans: list[Span]) -> None:
    assert unsure(MARKED, translation) == spans


def test_each_alone_in_a_copy() -> None:
    assert sent("<b3>coche</b3> viejo rojo", SecondTry.SINGLE) == [
        "<b1>red</b1> old car",
        "red <b1>old</b1> car",
    ]


def test_all_of_a_context_in_another_style() -> None:
    assert sent("<b3>coche</b3> viejo rojo", SecondTry.BRACKETS) == ["[1]red[/1] [2]old[/2] car"]


def test_an_answer_that_stood_alone_is_not_sent_as_it_was() -> None:
    (alone,) = mark(CONTEXT, [OLD])
    assert not list(second_copies([alone], {}, SecondTry.SINGLE))
    assert [copy.text for copy in second_copies([alone], {}, SecondTry.LETTERS)] == ["red <a>old</a> car"]


def test_nothing_is_sent_again_unless_it_is_asked_for() -> None:
    assert sent(None, SecondTry.NONE) == []


def test_every_style_of_marks_can_be_asked_for() -> None:
    assert {form.style for form in FORMS} == {*Markup, None}


@given(
    st.text(alphabet="ab <>&[]1/", min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 29), st.integers(1, 9)), max_size=5),
    st.sampled_from(FORMS),
    st.data(),
)
def test_law_each_unsure_answer_is_sent_once_more_and_can_be_read_again(
    context: str, places: list[tuple[int, int]], form: SecondTry, data: st.DataObject
) -> None:
    """Whatever the text and the spans."""
    spans = [Span(start, start + size) for start, size in places if start + size <= len(context)]
    marked = mark(context, spans)
    back = {m.text: m.text for m in marked if data.draw(st.booleans())}
    copies = list(second_copies(marked, back, form))
    asked = [m for m in marked if form is not SecondTry.SINGLE or len(m.spans) > 1]
    expected = [span for m in asked for span in unsure(m, back.get(m.text))]
    assert sorted(span for copy in copies for span in copy.spans) == sorted(expected)
    for copy in copies:
        assert copy.context == context
        assert [recover(copy.text, copy.markup).pieces[n] for n in range(1, len(copy.spans) + 1)] == [
            (span,) for span in copy.spans
        ]


def test_what_comes_back_of_a_second_try_is_found_by_whoever_reads_it() -> None:
    examples = [
        Example(str(n), "", "?", CONTEXT, (Answer(CONTEXT[s.start : s.end], s.start),))
        for n, s in enumerate((RED, OLD, CAR))
    ]
    first = {MARKED.text: "<b3>coche</b3> viejo rojo"}
    for form in (SecondTry.SINGLE, SecondTry.TAGS, SecondTry.LETTERS):
        copies = list(second_copies(mark_contexts(examples, Markup.HTML), first, form))
        back = {c.text: c.text.replace("red", "rojo").replace("old", "viejo") for c in copies}
        found = project_examples(
            examples,
            first,
            Rule.BEST,
            Markup.HTML,
            source="en",
            target="es",
            further=[Further(copies, back)],
        )
        assert [found[n].answers[0].text for n in "012"] == ["rojo", "viejo", "coche"]
        assert {found[n].method for n in "012"} == {"exact"}
