"""Contexts sent by sentences: nothing is lost on the way, and answers are where they belong in the joined text."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from storage.examples import Answer, Example, Span
from storage.silver import Reason, Refusal
from tasks.mt.markup import Markup, Tag, closing, escape, opening, read
from tasks.projection.contexts import mark_contexts, project_examples
from tasks.projection.marking import mark, plain, recover
from tasks.projection.rules import Rule
from tasks.projection.sentencewise import (
    ALONE,
    all_joined,
    ask_by_sentences,
    joined,
    pieces,
    sentence_segments,
    without_marks,
)

TEXTS = st.lists(
    st.sampled_from(
        ["He left. ", "Dr. Smith ran! ", "“Why?” ", "R&D <b1> [1] ", "कौन। ", "谁？", "3.5", "\n", " ", "A", "\u2028"]
    ),
    min_size=1,
    max_size=12,
).map("".join)  # fmt: skip

CONTEXT = "The old dog slept. A red fox came in 1066. Both left. Then the dog slept again."
SPANS = [Span(8, 11), Span(21, 28), Span(25, 41)]
DOG, FOX, YEAR = (
    "The old <b1>dog</b1> slept.",
    "A <b2>red fox</b2> came in 1066.",
    "A red <b1>fox came in 1066</b1>.",
)


@st.composite
def marked_contexts(draw: st.DrawFn) -> Example:
    context = draw(TEXTS)
    places = st.tuples(st.integers(0, len(context) - 1), st.integers(1, 20))
    spans = {(start, min(start + size, len(context))) for start, size in draw(st.lists(places, max_size=5))}
    spans = spans or {(0, len(context))}
    answers = tuple(Answer(context[start:end], start) for start, end in sorted(spans))
    return Example("q", "t", "Q?", context, answers)


LIMITS = st.sampled_from([ALONE, 40, 10_000])


@given(marked_contexts(), st.sampled_from(list(Markup)), LIMITS)
def test_law_the_pieces_joined_are_the_text(example: Example, markup: Markup, most: int) -> None:
    for marked in mark_contexts([example], markup):
        cut = pieces(marked, most)
        assert "".join(before + core + after for before, core, after in cut) == marked.text


@given(marked_contexts(), st.sampled_from(list(Markup)))
def test_law_every_span_lies_wholly_in_the_piece_it_is_tagged_in(example: Example, markup: Markup) -> None:
    for marked in mark_contexts([example], markup):
        found: list[int] = []
        for piece in pieces(marked):
            back = recover(piece.core, markup)
            assert not back.unbalanced
            assert all(len(places) == 1 for places in back.pieces.values())
            for number, (place,) in back.pieces.items():
                span = marked.spans[number - 1]
                assert (
                    back.text[place.start : place.end].strip()
                    == marked.context[span.start : span.end].strip()
                )
            found += back.pieces
        assert sorted(found) == list(range(1, len(marked.spans) + 1))


@given(marked_contexts(), st.sampled_from(list(Markup)), LIMITS)
def test_law_an_engine_that_changes_nothing_gives_every_answer_back_at_its_place(
    example: Example, markup: Markup, most: int
) -> None:
    """The offsets in the joined text are exact."""
    copies = list(mark_contexts([example], markup))
    echo = {text: text for text in sentence_segments(copies, most)}
    whole, lost = all_joined(copies, echo, {}, most, target="es")
    assert not lost
    for marked in copies:
        back, sent = recover(whole[marked.text], markup), recover(marked.text, markup)
        assert not back.unbalanced
        assert back.pieces.keys() == sent.pieces.keys()
        assert (back.text, back.pieces) == (marked.context, sent.pieces)


def spoken(text: str) -> str:
    return text.replace("dog", "perro").replace("fox", "zorro").replace("red ", "rojo ").replace("A ", "Un ")


def test_only_the_sentences_of_answers_are_tagged_and_the_others_are_sent_once() -> None:
    copies = mark(CONTEXT, SPANS)
    assert len(copies) == 2
    assert sentence_segments(copies) == [
        DOG,
        FOX,
        "Both left.",
        "Then the dog slept again.",
        "The old dog slept.",
        YEAR,
    ]


def test_answers_are_found_in_the_joined_text_by_the_projection_of_whole_contexts() -> None:
    examples = [
        Example(f"q{n}", "t", "Q?", CONTEXT, (Answer(CONTEXT[s.start : s.end], s.start),))
        for n, s in enumerate(SPANS)
    ]
    copies = list(mark_contexts(examples, Markup.HTML))
    whole, lost = all_joined(copies, {t: spoken(t) for t in sentence_segments(copies)}, target="es")
    assert not lost
    found = project_examples(examples, whole, Rule.BEST, Markup.HTML, source="en", target="es")
    answers = {i: (a.answers[0].text, a.answers[0].answer_start) for i, a in found.items()}
    assert answers == {"q0": ("perro", 8), "q1": ("rojo zorro", 24), "q2": ("zorro came in 1066", 29)}
    assert {a.context for a in found.values()} == {
        "The old perro slept. Un rojo zorro came in 1066. Both left. Then the perro slept again."
    }


def test_a_mark_over_several_sentences_keeps_them_together() -> None:
    context = "He left. She ran. They met."
    (marked,) = mark(context, [Span(3, 12)])
    assert [piece.core for piece in pieces(marked)] == ["He <b1>left. She</b1> ran.", "They met."]


def test_neighbours_go_with_a_sentence_as_far_as_they_fit() -> None:
    (marked,) = mark(CONTEXT, SPANS[:1])
    assert sentence_segments([marked], 60) == [
        "The old <b1>dog</b1> slept. A red fox came in 1066.",
        "Both left. Then the dog slept again.",
    ]


def test_a_sentence_that_only_came_back_without_marks_loses_its_own_answers_alone() -> None:
    (marked,) = mark(CONTEXT, SPANS[:2])
    answers = {text: spoken(text) for text in sentence_segments([marked]) if text != FOX}
    assert joined(marked, answers, target="es") is None
    (asked,) = without_marks([FOX, "Both left."], Markup.HTML)
    whole = joined(marked, {**answers, asked: "Un zorro <b1>rojo</b1>."}, target="es")
    assert whole == "The old <b1>perro</b1> slept. Un zorro rojo. Both left. Then the perro slept again."


def test_marked_sentences_that_were_refused_are_asked_for_again_without_marks_if_wanted() -> None:
    copies = mark(CONTEXT, SPANS[:2])
    rounds: list[list[str]] = []

    def ask(texts: Sequence[str]) -> tuple[dict[str, str], dict[str, Refusal]]:
        rounds.append(list(texts))
        answers = {text: spoken(text) for text in texts if text != FOX}
        return answers, {text: Refusal(Reason.TAGS_LOST) for text in texts if text == FOX}

    whole, lost = ask_by_sentences(copies, ask, target="es")
    assert rounds[1:] == [["A red fox came in 1066."]]
    assert not lost
    assert whole[copies[0].text].startswith("The old <b1>perro</b1> slept. Un rojo zorro came")
    whole, lost = ask_by_sentences(copies, ask, plainly=False, target="es")
    assert len(rounds) == 3
    assert (whole, {refusal.reason for refusal in lost.values()}) == ({}, {Reason.TAGS_LOST})


def test_a_tag_of_another_sentence_is_dropped_and_everything_else_kept() -> None:
    (marked,) = mark(CONTEXT, SPANS[:2])
    answers = {text: text for text in sentence_segments([marked])}
    answers[DOG] = "<b2>The</b2> old <B1 >dog</b1> &lt;<b9> slept."
    whole = joined(marked, answers, target="es")
    assert whole is not None
    assert whole.startswith("The old <b1>dog</b1> &lt; slept. A <b2>")


def test_why_a_context_has_no_translation() -> None:
    (marked,) = mark(CONTEXT, SPANS[:2])
    answers = {DOG: "x", "Both left.": "y"}
    known = {FOX: Refusal(Reason.TRUNCATED, "3 for 30")}
    assert all_joined([marked], answers, known, target="es")[1] == {marked.text: known[FOX]}
    assert all_joined([marked], answers, {}, target="es")[1][marked.text].reason is Reason.NOT_TRANSLATED


def test_the_space_between_sentences_is_that_of_the_target_language() -> None:
    (marked,) = mark("He left. She ran.", [Span(0, 2)])
    answers = {"<b1>He</b1> left.": "<b1>他</b1>走了。", "She ran.": "她跑了。"}
    assert joined(marked, answers, target="zh") == "<b1>他</b1>走了。她跑了。"
    (marked,) = mark("他走了。她跑了。", [])
    assert (
        joined(marked, {"他走了。": "He left.", "她跑了。": "She ran."}, source="zh", target="en")
        == "He left. She ran."
    )


@given(TEXTS, st.sampled_from(list(Markup)))
def test_law_without_marks_is_the_plain_text(context: str, markup: Markup) -> None:
    marked = opening(1, markup) + escape(context, markup) + closing(1, markup)
    assert without_marks([marked, escape(context, markup)], markup) == [plain(context, markup)]
    assert not [t for t in read(plain(context, markup), markup) if isinstance(t, Tag)]
