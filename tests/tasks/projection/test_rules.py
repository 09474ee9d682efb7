import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Span
from storage.silver import Reason
from tasks.projection.cases import Known
from tasks.projection.edges import repaired
from tasks.projection.marking import Marked, mark
from tasks.projection.rules import Method, Projected, Projection, Rejection, Rule, project

CONTEXT = "the red car, seen"
MARKED = mark(CONTEXT, [Span(4, 11)])[0]


def outcome(
    translation: str | None, rule: Rule = Rule.BEST, marked: Marked = MARKED
) -> Projection | Rejection:
    return project(marked, translation, rule, Known("en", "es")).outcomes[0]


PIECES = st.one_of(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["<", "</", "< "]),
        st.just("b"),
        st.integers(0, 4),
        st.sampled_from([">", " >", ""]),
    ),
    st.sampled_from(["&lt;b1&gt;", "&amp;amp;", "&", "<x>", " ", ", ", "rojo", "coche"]),
    st.text(max_size=4),
)


@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(Rule))
def test_laws_of_every_projection(translation: str, rule: Rule) -> None:
    """context[start:end] == text, one outcome per span in order, nothing of a tag in the text, confidence in (0, 1]."""
    marked = mark("a red car went", [Span(2, 9), Span(2, 5), Span(6, 9)])[0]
    projected = project(marked, translation, rule, Known("en", "es"))
    assert [outcome.source for outcome in projected.outcomes] == list(marked.spans)
    for found in projected.outcomes:
        if isinstance(found, Projection):
            assert projected.context[found.span.start : found.span.end] == found.text
            assert found.text.strip() == found.text != ""
            assert 0 < found.confidence <= 1
            assert "<b" not in projected.context


@pytest.mark.parametrize(
    ("translation", "paper", "best"),
    [
        (None, Reason.NOT_TRANSLATED, Reason.NOT_TRANSLATED),
        ("el coche rojo, visto", Reason.TAGS_LOST, Reason.TAGS_LOST),
        ("", Reason.TAGS_LOST, Reason.TAGS_LOST),
        ("el <b1>coche rojo, visto", Reason.TAGS_UNBALANCED, Reason.TAGS_UNBALANCED),
        ("el coche</b1> rojo, visto", Reason.TAGS_UNBALANCED, Reason.TAGS_UNBALANCED),
        ("el <b1> , </b1>coche rojo", Reason.EMPTY_ANSWER, Reason.EMPTY_ANSWER),
        ("el <b1></b1>coche rojo", Reason.EMPTY_ANSWER, Reason.EMPTY_ANSWER),
        ("el <b1>coche</b1> muy <b1>rojo</b1>", Reason.TAGS_SPLIT, "coche muy rojo"),
        ("el <b1>coche rojo</b1></b1>", Reason.TAGS_UNBALANCED, "coche rojo"),
        ("el <b1> coche rojo </b1>, visto", "coche rojo", "coche rojo"),
        ("el <b1>coche rojo,</b1> visto", "coche rojo,", "coche rojo"),
        ("el <b1>coche</b1> <b1></b1>rojo", Reason.TAGS_SPLIT, "coche"),
        ("el <b1>coche rojo</b1> <b1", Reason.TAGS_UNBALANCED, Reason.TAGS_UNBALANCED),
    ],
)
def test_what_each_rule_makes_of_tags(
    translation: str | None, paper: Reason | str, best: Reason | str
) -> None:
    for rule, expected in ((Rule.PAPER, paper), (Rule.BEST, best)):
        found = outcome(translation, rule)
        assert (found.reason if isinstance(found, Rejection) else found.text) == expected
        if isinstance(found, Projection):
            assert project(MARKED, translation).context[found.span.start : found.span.end] == found.text


def test_the_papers_rule_is_sure_of_what_it_keeps() -> None:
    assert outcome("<b1>coche rojo</b1>", Rule.PAPER) == Projection(
        Span(4, 11), "coche rojo", Span(0, 10), Method.PAPER, 1.0
    )


@pytest.mark.parametrize(
    ("translation", "method", "text"),
    [
        ("<b1>coche rojo</b1>", Method.EXACT, "coche rojo"),
        ("<b1>coche</b1> muy <b1>rojo</b1>", Method.COVER, "coche muy rojo"),
        ("<b1><b1>coche rojo</b1></b1>", Method.MENDED, "coche rojo"),
        ("el <b1>coche rojo<b1>, visto", Method.MENDED, "coche rojo"),
    ],
)
def test_the_row_names_the_rung(translation: str, method: Method, text: str) -> None:
    found = outcome(translation)
    assert isinstance(found, Projection)
    assert (found.method, found.text) == (method, text)
    assert 0 < found.confidence < 1


def test_a_split_answer_is_less_sure_than_a_whole_one() -> None:
    whole, split = outcome("<b1>coche rojo</b1>"), outcome("<b1>coche</b1> muy <b1>rojo</b1>")
    assert isinstance(whole, Projection)
    assert isinstance(split, Projection)
    assert split.confidence < whole.confidence


def test_an_answer_whose_tags_were_lost_is_found_by_what_it_says_alone() -> None:
    marked = mark("Anna met Bob. Bob left.", [Span(9, 12), Span(14, 17)])[0]
    (lost, kept) = project(
        marked, "Ana vio a Roberto. <b2>Roberto</b2> se fue.", known=Known(alone={"Bob": "Roberto."})
    ).outcomes
    assert isinstance(lost, Projection)
    assert isinstance(kept, Projection)
    assert (lost.method, lost.span, kept.span) == (Method.ALONE, Span(10, 17), Span(19, 26))


def test_a_half_mark_bounds_the_search() -> None:
    marked = mark("red or red or red", [Span(14, 17)])[0]
    text = "rojo, " * 60 + "<b1>rojo"
    found = project(marked, text, known=Known(alone={"red": "rojo"})).outcomes[0]
    assert isinstance(found, Projection)
    assert found.span == Span(360, 364)


def test_the_papers_rule_looks_nowhere_else() -> None:
    found = project(
        MARKED, "el coche rojo", Rule.PAPER, known=Known(alone={"red car": "coche rojo"})
    ).outcomes[0]
    assert found == Rejection(Span(4, 11), Reason.TAGS_LOST)


@pytest.mark.parametrize(
    ("translation", "clean"),
    [
        ("R&amp;amp;D <b1>x</b1>", "R&D x"),
        ("&lt;b1&gt;x&lt;/b1&gt;", "x"),
        ("&amp;lt;b1&amp;gt;x&amp;lt;/b1&amp;gt;", "x"),
        ("<fuerte><b1>x</b1></fuerte>", "x"),
    ],
)
def test_habits_of_engines_are_undone(translation: str, clean: str) -> None:
    projected = project(MARKED, translation)
    assert projected.context == clean
    assert isinstance(projected.outcomes[0], Projection)


def test_what_the_source_says_itself_stays() -> None:
    marked = mark("x <b1> &amp; <i>y</i>", [Span(0, 1)])[0]
    assert project(marked, marked.text).context == marked.context


def test_a_wreck_of_a_tag_rejects_the_whole_context() -> None:
    projected = project(mark("a b", [Span(0, 1), Span(2, 3)])[0], "<b1>a</b1> <b2 b</b2>")
    assert projected == Projected(
        projected.context,
        tuple(
            Rejection(span, Reason.TAGS_UNBALANCED, "'<b2' was left in the text")
            for span in (Span(0, 1), Span(2, 3))
        ),
    )


@pytest.mark.parametrize(
    ("before", "inside", "after", "answer", "expected"),
    [
        ("orilla ", "del río", " largo", "the river", "río"),
        ("orilla ", "del río", " largo", "of the river", "del río"),
        ("", "Del", " río", "the", "Del"),
        ("un «", "coche", "» rojo", '"car"', "«coche»"),
        ("un «", "coche", "» rojo", "car", "coche"),
        ("el ", "coche (rojo", ") va", "car (red)", "coche (rojo)"),
        ("el ", "coche", ") va", "car (red)", "coche"),
        ("el ", "coche; ", "y", "car", "coche"),
        ("el ", "coche,", " y", "car,", "coche,"),
        ("al", "coche", "va", "car", "coche"),
    ],
)
def test_edges(before: str, inside: str, after: str, answer: str, expected: str) -> None:
    span = repaired(before + inside + after, Span(len(before), len(before + inside)), answer, "en", "es")
    assert (before + inside + after)[span.start : span.end] == expected


def test_contractions_stay_where_the_source_language_is_not_known() -> None:
    assert repaired("del río", Span(0, 7), "the river", "", "es") == Span(0, 7)
