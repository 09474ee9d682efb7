"""Other ways of having a segment translated, and what projection makes of them."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Answer, Example, Span
from storage.silver import Reason, Refusal
from tasks.mt.markup import Markup
from tasks.projection.contexts import mark_contexts, project_examples
from tasks.projection.marking import Marked, mark, plain
from tasks.projection.questions import questions_lost
from tasks.projection.rules import Method, Rule
from tasks.projection.ways import other_ways, single_copies, texts_of_ways

CONTEXT = "The old dog slept. A red fox came in 1066. Both left."
SPANS = [Span(8, 11), Span(21, 28), Span(37, 41)]
MARKED = mark(CONTEXT, SPANS)[0]
REFUSED = {MARKED.text: Refusal(Reason.TRUNCATED, "4 for 400")}


class Asked:
    """Answers in capitals what it is willing to answer, and remembers what it was asked."""

    def __init__(self, *willing: str) -> None:
        self.willing = set(willing)
        self.rounds: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> Mapping[str, str]:
        self.rounds.append(list(texts))
        return {text: spoken(text) for text in texts if text in self.willing}


def spoken(text: str) -> str:
    return text.replace("dog", "perro").replace("fox", "zorro").replace("red ", "rojo ")


def examples() -> list[Example]:
    return [
        Example(f"q{n}", "t", f"Q{n}?", CONTEXT, (Answer(CONTEXT[s.start : s.end], s.start),))
        for n, s in enumerate(SPANS)
    ]


def projected(found: Mapping[str, str], rule: Rule = Rule.BEST) -> dict[str, tuple[str, str]]:
    """By example: the answer found and its method, or nothing and the reason."""
    answered = project_examples(
        examples(), found, rule, Markup.HTML, source="en", target="es", refusals=REFUSED
    )
    for answer in answered.values():
        for a in answer.answers:
            assert answer.context[a.answer_start : a.answer_start + len(a.text)] == a.text
    return {
        i: (a.answers[0].text, a.method) if a.answers else ("", str(a.reason)) for i, a in answered.items()
    }


def test_every_answer_alone_comes_first() -> None:
    singles = [copy.text for copy in single_copies(MARKED)]
    asked = Asked(*singles)
    found = other_ways([MARKED], asked)
    assert asked.rounds == [singles, [], []]
    assert found.keys() == set(singles)
    assert projected(found) == {
        "q0": ("perro", Method.EXACT),
        "q1": ("rojo zorro", Method.EXACT),
        "q2": ("1066", Method.EXACT),
    }


def test_then_sentence_by_sentence() -> None:
    sentences = ["The old <b1>dog</b1> slept.", "A <b2>red fox</b2> came in <b3>1066</b3>.", "Both left."]
    asked = Asked(*sentences)
    found = other_ways([MARKED], asked)
    assert asked.rounds[1] == sentences
    assert asked.rounds[2] == []
    joined = "The old <b1>perro</b1> slept. A <b2>rojo zorro</b2> came in <b3>1066</b3>. Both left."
    assert found == {MARKED.text: joined}
    assert projected(found)["q1"] == ("rojo zorro", Method.EXACT)


def test_a_sentence_that_is_missing_is_not_left_out() -> None:
    asked = Asked("The old <b1>dog</b1> slept.", "Both left.")
    assert other_ways([MARKED], asked) == {}
    assert asked.rounds[2] == [CONTEXT]


def test_then_without_tags_where_only_what_stays_what_it_is_is_found() -> None:
    asked = Asked(CONTEXT)
    found = other_ways([MARKED], asked)
    assert asked.rounds[2] == [CONTEXT]
    assert projected(found) == {
        "q0": ("", "tags-lost"),
        "q1": ("", "tags-lost"),
        "q2": ("1066", Method.VERBATIM),
    }
    assert projected(found, Rule.PAPER)["q2"] == ("", "tags-lost")


def test_then_the_first_reason_stays() -> None:
    assert other_ways([MARKED], Asked()) == {}
    assert projected({}) == {f"q{n}": ("", "truncated") for n in range(3)}


def test_one_copy_that_comes_back_is_used_though_another_does_not() -> None:
    first = single_copies(MARKED)[0].text
    found = other_ways([MARKED], Asked(first))
    assert projected(found) == {
        "q0": ("perro", Method.EXACT),
        "q1": ("", "truncated"),
        "q2": ("", "truncated"),
    }


def test_a_question_can_only_be_cut_into_sentences() -> None:
    question = Marked("He left. Why?", (), "He left. Why?")
    assert texts_of_ways(question) == [[], ["He left.", "Why?"], []]
    assert texts_of_ways(Marked("Why?", (), "Why?")) == [[], [], []]
    assert other_ways([question], Asked("He left.", "Why?")) == {"He left. Why?": "He left. Why?"}


def test_a_number_that_stands_twice_is_not_taken_for_the_answer() -> None:
    context = "In 1066, not in 1067. In 1066?"
    example = Example("q", "t", "When?", context, (Answer("1066", 3),))
    (marked,) = mark_contexts([example], Markup.HTML)
    found = project_examples(
        [example],
        {context: "En 1066."},
        Rule.BEST,
        Markup.HTML,
        source="en",
        target="es",
        refusals={marked.text: Refusal(Reason.EMPTY)},
    )
    assert found["q"].reason is Reason.TAGS_LOST


@given(
    st.text(max_size=80), st.lists(st.tuples(st.integers(0, 79), st.integers(1, 9)), max_size=4), st.data()
)
def test_law_what_other_ways_ask_is_told_beforehand(
    context: str, places: list[tuple[int, int]], data: st.DataObject
) -> None:
    """And whatever comes back, only segments that were asked for, or refused, stand in the result."""
    spans = [Span(start, start + size) for start, size in places if start + size <= len(context)]
    for marked in mark(context, spans):
        foretold = [set(way) for way in texts_of_ways(marked)]
        rounds: list[set[str]] = []

        def ask(texts: Sequence[str], rounds: list[set[str]] = rounds) -> Mapping[str, str]:
            rounds.append(set(texts))
            return {text: text for text in texts if data.draw(st.booleans())}

        found = other_ways([marked], ask)
        assert all(asked <= told for asked, told in zip(rounds, foretold, strict=True))
        assert found.keys() <= set().union({marked.text}, *foretold)


def test_why_a_question_is_lost() -> None:
    questions = ["Kept?", "Refused?", "Wrecked <?", "Silent?"]
    sent = {question: plain(question) for question in questions}
    found = {sent["Kept?"]: "¿Sí?", sent["Wrecked <?"]: "<b1 ¿sí?"}
    refusals = {sent["Refused?"]: Refusal(Reason.COPIED, "as it was")}
    lost = questions_lost(questions, found, refusals, Markup.HTML)
    assert {question: refusal.reason for question, refusal in lost.items()} == {
        "Refused?": Reason.COPIED,
        "Wrecked <?": Reason.QUESTION_GARBLED,
        "Silent?": Reason.NOT_TRANSLATED,
    }
    assert "<b1" in lost["Wrecked <?"].detail
