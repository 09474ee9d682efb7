"""Whole examples projected: contexts marked once, several answers, crossing answers, named reasons."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.examples import Answer, Example, Span
from storage.silver import Reason
from tasks.mt.markup import Markup
from tasks.projection.alignment.aligner import Alignment
from tasks.projection.alignment.words import words
from tasks.projection.contexts import AnsweredContext, Further, mark_contexts, project_examples
from tasks.projection.marking import mark, plain
from tasks.projection.rules import Rule

CONTEXT = "red old car"


def example(name: str, *answers: str, context: str = CONTEXT) -> Example:
    return Example(name, "", "q", context, tuple(Answer(text, context.index(text)) for text in answers))


def projected(
    examples: list[Example], translations: dict[str, str], rule: Rule = Rule.BEST
) -> dict[str, AnsweredContext]:
    return project_examples(examples, translations, rule, Markup.HTML, source="en", target="es")


def sent(examples: list[Example]) -> list[str]:
    return [marked.text for marked in mark_contexts(examples, Markup.HTML)]


def test_a_context_is_marked_once_for_all_its_questions() -> None:
    examples = [
        example("1", "red"),
        example("2", "car"),
        example("3", "red"),
        example("4", "x", context="x y"),
    ]
    assert sent(examples) == ["<b1>red</b1> old <b2>car</b2>", "<b1>x</b1> y"]


def test_the_order_of_questions_and_answers_does_not_change_what_is_sent() -> None:
    """So that the memory knows the text again."""
    examples = [example("1", "red", "old"), example("2", "car")]
    assert sent(examples) == sent([example("2", "car"), example("1", "old", "red")])


def test_each_question_gets_its_answer() -> None:
    examples = [example("1", "red"), example("2", "car")]
    found = projected(examples, {"<b1>red</b1> old <b2>car</b2>": "<b2>coche</b2> viejo <b1>rojo</b1>"})
    assert {i: (f.context, f.answers, f.method) for i, f in found.items()} == {
        "1": ("coche viejo rojo", (Answer("rojo", 12),), "exact"),
        "2": ("coche viejo rojo", (Answer("coche", 0),), "exact"),
    }


def test_several_answers_of_one_question() -> None:
    """Those that came back are kept, each once, in the order of the source."""
    asked = example("1", "car", "red", "old car", "old")
    (text,) = sent([asked])
    assert text == "<b1>red</b1> <b2><b3>old</b3> <b4>car</b4></b2>"
    answer = "<b2><b3></b3><b4>coche</b4></b2> <b1>rojo</b1>"
    assert projected([asked], {text: answer})["1"].answers == (Answer("coche", 0), Answer("rojo", 6))


def test_one_answer_that_came_back_is_enough() -> None:
    asked = example("1", "red", "car")
    found = projected([asked], {"<b1>red</b1> old <b2>car</b2>": "<b2>coche</b2> viejo rojo"})["1"]
    assert (found.answers, found.reason) == ((Answer("coche", 0),), None)


def test_where_none_came_back_the_first_answer_says_why() -> None:
    asked = example("1", "red", "car")
    text = "<b1>red</b1> old <b2>car</b2>"
    assert projected([asked], {text: "coche viejo <b1>rojo"})["1"].reason is Reason.TAGS_UNBALANCED
    found = projected([asked], {text: "coche</b2> viejo rojo"})["1"]
    assert (found.reason, found.answers, found.method, found.confidence) == (Reason.TAGS_LOST, (), "", 0.0)


def test_crossing_answers_go_to_copies_of_their_own() -> None:
    examples = [example("1", "red old"), example("2", "old car")]
    texts = sent(examples)
    assert texts == ["<b1>red old</b1> car", "red <b1>old car</b1>"]
    one, other = "coche <b1>rojo viejo</b1>", "<b1>viejo coche</b1> rojo"
    found = projected(examples, dict(zip(texts, (one, other), strict=True)))
    assert (found["1"].context, found["1"].answers) == ("coche rojo viejo", (Answer("rojo viejo", 6),))
    assert (found["2"].context, found["2"].answers) == ("viejo coche rojo", (Answer("viejo coche", 0),))


def test_crossing_answers_of_one_question_are_answers_of_one_context() -> None:
    """The copy of the first answer found is the context; what stands in another copy's wording is not there."""
    asked = example("1", "red old", "old car", "car")
    texts = sent([asked])
    assert texts == ["<b1>red old</b1> <b2>car</b2>", "red <b1>old car</b1>"]
    found = projected(
        [asked], {texts[0]: "<b2>coche</b2> <b1>rojo viejo</b1>", texts[1]: "<b1>viejo</b1> auto"}
    )
    assert found["1"].context == "coche rojo viejo"
    assert found["1"].answers == (Answer("rojo viejo", 6), Answer("coche", 0))
    found = projected([asked], {texts[0]: "coche rojo viejo", texts[1]: "el <b1>viejo auto</b1> rojo"})
    assert found["1"].context == "el viejo auto rojo"
    assert found["1"].answers == (Answer("viejo auto", 3),)


@pytest.mark.parametrize("rule", Rule)
def test_a_missing_translation_is_a_reason(rule: Rule) -> None:
    examples = [example("1", "red"), example("2", "x", context="x y")]
    found = projected(examples, {"<b1>x</b1> y": "<b1>equis</b1> y"}, rule)
    assert found["1"] == AnsweredContext("", (), "", 0.0, Reason.NOT_TRANSLATED)
    assert found["2"].reason is None


@pytest.mark.parametrize(
    ("answer", "paper", "best"),
    [
        ("<b1>rojo</b1> coche", None, None),
        ("rojo coche", Reason.TAGS_LOST, Reason.TAGS_LOST),
        ("<b1>rojo</b1> y <b1>rojo</b1>", Reason.TAGS_SPLIT, None),
        ("<b1>rojo coche", Reason.TAGS_UNBALANCED, Reason.TAGS_UNBALANCED),
        ("rojo</b1> coche", Reason.TAGS_UNBALANCED, Reason.TAGS_UNBALANCED),
        ("<b1> , </b1>rojo", Reason.EMPTY_ANSWER, Reason.EMPTY_ANSWER),
        ("", Reason.TAGS_LOST, Reason.TAGS_LOST),
        ("&lt;b1 rojo", Reason.TAGS_UNBALANCED, Reason.TAGS_UNBALANCED),
    ],
)
def test_reasons_by_name(answer: str, paper: Reason | None, best: Reason | None) -> None:
    for rule, reason in ((Rule.PAPER, paper), (Rule.BEST, best)):
        found = projected([example("1", "red")], {"<b1>red</b1> old car": answer}, rule)["1"]
        assert found.reason is reason
        assert bool(found.answers) == (reason is None)


@st.composite
def cases(draw: st.DrawFn) -> list[Example]:
    """Questions with any answers but blank ones, crossing ones too, on a few contexts with anything in them."""
    contexts = draw(
        st.lists(st.text("ab <&>1/é中🎵", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=3)
    )
    examples = []
    for i in range(draw(st.integers(1, 5))):
        context = draw(st.sampled_from(contexts))
        answers = []
        for _ in range(draw(st.integers(1, 3))):
            inside = draw(st.sampled_from([i for i, char in enumerate(context) if not char.isspace()]))
            start, end = draw(st.integers(0, inside)), draw(st.integers(inside + 1, len(context)))
            answers.append(Answer(context[start:end], start))
        examples.append(Example(str(i), "", "q", context, tuple(answers)))
    return examples


@given(cases())
@settings(deadline=None)
def test_an_engine_that_changes_nothing_loses_nothing(examples: list[Example]) -> None:
    """Law: the paper's rule on an unchanged text gives context and answers back, less white space at their ends.

    Of answers that cross, those that stand in the copy of the first one: in an unchanged text that is all of them.
    """
    found = projected(examples, {text: text for text in sent(examples)}, Rule.PAPER)
    assert list(found) == [e.id for e in examples]
    for asked in examples:
        got = found[asked.id]
        assert (got.reason, got.context) == (None, asked.context)
        assert got.answers == tuple(dict.fromkeys(map(stripped, asked.answers)))


def stripped(answer: Answer) -> Answer:
    leading = len(answer.text) - len(answer.text.lstrip())
    return Answer(answer.text.strip(), answer.answer_start + leading)


@given(cases(), st.data())
@settings(deadline=None)
def test_whatever_comes_back_every_example_ends_in_one_of_two_ways(
    examples: list[Example], data: st.DataObject
) -> None:
    """Law: answers that stand at their offsets in a clean context, or none and a reason."""
    pieces = st.sampled_from(
        ["<b1>", "</b1>", "<b2>", "</b2>", " ", "sí", "中", "&lt;", "&amp;lt;", "<b 3>", "🎵"]
    )
    texts = [text for text in sent(examples) if data.draw(st.booleans(), label="translated")]
    translations = {text: "".join(data.draw(st.lists(pieces, max_size=8))) for text in texts}
    for rule in Rule:
        found = projected(examples, translations, rule)
        assert list(found) == [e.id for e in examples]
        for got in found.values():
            assert (got.reason is None) == bool(got.answers)
            assert 0.0 <= got.confidence <= 1.0
            for answer in got.answers:
                assert answer.text
                assert got.context[answer.span.start : answer.span.end] == answer.text


def test_spans_of_equal_text_at_different_places_are_different_answers() -> None:
    context = "a b a"
    asked = [Example(str(i), "", "q", context, (Answer("a", start),)) for i, start in enumerate((0, 4))]
    (text,) = sent(asked)
    assert text == "<b1>a</b1> b <b2>a</b2>"
    found = projected(asked, {text: "<b2>x</b2> y <b1>z</b1>"})
    assert [found[i].answers[0].span for i in "01"] == [Span(4, 5), Span(0, 1)]


def test_repeated_nested_and_crossing_answers_each_stay_in_their_place() -> None:
    """By position, never by the first place where the same text stands."""
    context = "old cat, old dog, old cat"
    spans = [Span(0, 3), Span(9, 12), Span(18, 21), Span(18, 25), Span(9, 21), Span(0, 16)]
    asked = [
        Example(str(i), "", "q", context, (Answer(context[s.start : s.end], s.start),))
        for i, s in enumerate(spans)
    ]
    texts = sent(asked)
    translations = {
        text: text.replace("old", "viejo").replace("cat", "gato").replace("dog", "can") for text in texts
    }
    found = projected(asked, translations)
    shift = {0: 0, 3: 5, 9: 12, 12: 17, 16: 21, 18: 23, 21: 28, 25: 33}
    assert len(texts) > 1
    assert [found[str(i)].answers[0].span for i in range(6)] == [
        Span(shift[s.start], shift[s.end]) for s in spans
    ]
    assert {f.context for f in found.values()} == {"viejo gato, viejo can, viejo gato"}


def test_a_further_translation_helps_where_the_first_lost_a_mark() -> None:
    asked = [example("1", "red"), example("2", "car")]
    (text,) = sent(asked)
    (copy,) = mark(asked[0].context, [asked[0].answers[0].span])
    further = [Further([copy], {copy.text: "auto viejo <b1>rojo</b1>"})]
    found = project_examples(
        asked,
        {text: "viejo <b2>coche</b2> rojo"},
        Rule.BEST,
        Markup.HTML,
        source="en",
        target="es",
        further=further,
    )
    assert (found["1"].context, found["1"].answers) == ("auto viejo rojo", (Answer("rojo", 11),))
    assert found["2"].context == "viejo coche rojo"


def test_a_further_translation_helps_where_the_first_split_a_mark() -> None:
    asked = [example("1", "red old")]
    (text,) = sent(asked)
    split, whole = "el <b1>rojo</b1> del coche <b1>viejo</b1>", "el coche <b1>rojo viejo</b1>"
    for first, second in ((split, whole), (whole, split)):
        found = project_examples(
            asked,
            {text: first},
            Rule.BEST,
            Markup.HTML,
            source="en",
            target="es",
            further=[Further(list(mark_contexts(asked, Markup.HTML)), {text: second})],
        )
        assert (found["1"].context, found["1"].method) == ("el coche rojo viejo", "exact")


def test_a_further_translation_in_another_style() -> None:
    asked = [example("1", "red")]
    (text,), (other,) = sent(asked), mark_contexts(asked, Markup.BRACKETS)
    further = [Further([other], {other.text: "coche viejo [1]rojo[/1]"})]
    found = project_examples(
        asked, {text: "coche viejo rojo"}, Rule.BEST, Markup.HTML, source="en", target="es", further=further
    )
    assert found["1"].answers == (Answer("rojo", 12),)


def test_answers_translated_alone_help_where_marks_were_lost() -> None:
    asked = [example("1", "red"), example("2", "car")]
    (text,) = sent(asked)
    found = project_examples(
        asked,
        {text: "coche viejo rojo"},
        Rule.BEST,
        Markup.HTML,
        source="en",
        target="es",
        alone={plain("red"): "Rojo", plain("car"): "Coche"},
    )
    assert [found[i].answers for i in "12"] == [(Answer("rojo", 12),), (Answer("coche", 0),)]
    assert {f.method for f in found.values()} == {"alone"}


class Asked:
    """Aligns every word with every other, and remembers how many pairs it was asked about at a time."""

    def __init__(self) -> None:
        self.pairs: list[list[tuple[str, str]]] = []

    def align_many(self, pairs: Sequence[tuple[str, str]]) -> list[Alignment]:
        self.pairs.append(list(pairs))
        cut = [(words(one), words(other)) for one, other in pairs]
        return [
            Alignment(one, other, *np.full((2, len(one), len(other)), 0.2, np.float32)) for one, other in cut
        ]


def test_the_aligner_is_asked_only_where_tags_leave_an_answer_in_doubt() -> None:
    """Whole, split, misspelt and lost tags; many lost ones are asked about together, but not all at once."""
    contexts = [f"{CONTEXT} {number}" for number in range(103)]
    asked = [Example(c, "", "?", c, (Answer("red", 0),)) for c in contexts]
    backs = ["<b1>rojo</b1> x", "<b1>ro</b1> y <b1>jo</b1>", "<B1>rojo</B1> z"]
    translations = {
        text: backs[number] if number < 3 else f"rojo viejo coche {number}"
        for number, text in enumerate(sent(asked))
    }
    aligner = Asked()
    found = project_examples(
        asked, translations, Rule.BEST, Markup.HTML, source="en", target="es", aligner=aligner
    )
    assert [found[c].method for c in contexts] == ["exact", "cover", "exact", *["aligned"] * 100]
    assert {source for pairs in aligner.pairs for source, _ in pairs} == set(contexts[3:])
    assert [len(pairs) for pairs in aligner.pairs] == [64, 36]
