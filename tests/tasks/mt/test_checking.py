"""The checks of answers: each failure has its name, and people's translations pass."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.silver import Reason
from storage.squad import read_squad
from tasks.mt.checking import Asked, check_answer, is_text, tags_back
from tasks.mt.markup import Markup, closing, escape, opening

SENTENCE = "The treaty was signed by nobody whom anyone remembers today."


def reason(
    text: str, answer: str, target: str = "es", source: str = "en", markup: Markup = Markup.HTML
) -> Reason | None:
    refusal = check_answer(Asked(text, markup, source, target), answer)
    return None if refusal is None else refusal.reason


@pytest.mark.parametrize("answer", ["", " ", "\n\t", "\u00a0", "<b1></b1>", "&nbsp;"])
def test_empty(answer: str) -> None:
    assert reason("What is <b1>it</b1>?", answer) is Reason.EMPTY


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_is_the_translation_of_nothing(text: str) -> None:
    assert reason(text, text) is None
    assert reason(text, "") is None


@pytest.mark.parametrize("answer", [SENTENCE, f" {SENTENCE}\n", SENTENCE.replace(" ", "  ")])
def test_copied(answer: str) -> None:
    assert reason(SENTENCE, answer) is Reason.COPIED


def test_copied_is_told_whatever_the_tags() -> None:
    assert (
        reason("The <b1>treaty</b1> &amp; nobody remembers", "<b1>The</b1> treaty & nobody remembers")
        is Reason.COPIED
    )


@pytest.mark.parametrize(
    "text",
    [
        "1066",
        "Beyoncé Giselle Knowles-Carter",
        "3.5 km²",
        "U.S. vs. EU",
        "Casa Batlló, 1904",
        "no",
        "π ≈ 3.14",
    ],
)
def test_names_and_numbers_may_stay_what_they_are(text: str) -> None:
    assert reason(text, text) is None


def test_other_scripts_have_no_capitals_to_excuse_a_copy() -> None:
    assert (
        reason("这是一个没有人翻译过的句子。", "这是一个没有人翻译过的句子。", source="zh", target="es")
        is Reason.COPIED
    )


def test_a_change_of_case_is_no_copy() -> None:
    assert reason(SENTENCE, SENTENCE.upper()) is None


def test_the_same_language_may_copy() -> None:
    assert reason(SENTENCE, SENTENCE, target="en") is None


@pytest.mark.parametrize(
    ("length", "made", "target", "expected"),
    [
        (1000, 499, "es", Reason.TRUNCATED),
        (1000, 501, "es", None),
        (1000, 126, "zh", None),
        (1000, 120, "zh", Reason.TRUNCATED),
        (100, 29, "es", Reason.TRUNCATED),
        (100, 31, "es", None),
        (39, 1, "es", None),
        (1000, 3001, "es", Reason.RUNAWAY),
        (1000, 2999, "es", None),
        (10, 210, "es", None),
        (10, 211, "es", Reason.RUNAWAY),
        (100, 501, "es", Reason.RUNAWAY),
    ],
)
def test_length(length: int, made: int, target: str, expected: Reason | None) -> None:
    assert reason("a" * length, "b" * made, target) is expected


def test_length_does_not_count_tags() -> None:
    tags = "".join(f"{opening(n)}x{closing(n)}" for n in range(1, 60))
    assert reason(tags, "y" * 59 + opening(1)) is None


@pytest.mark.parametrize("answer", ["half \ud83d", "nul\0", "\udfff"])
def test_what_is_no_text(answer: str) -> None:
    refusal = check_answer(Asked("Is it?", Markup.HTML, "en", "es"), answer)
    assert refusal is not None
    assert refusal.reason is Reason.NOT_TEXT
    assert is_text(refusal.answer)
    assert not is_text(answer)


@pytest.mark.parametrize("markup", Markup)
def test_only_the_loss_of_every_mark_is_beyond_repair(markup: Markup) -> None:
    sent = f"{opening(1, markup)}One{closing(1, markup)} or {opening(2, markup)}two{closing(2, markup)}"
    assert reason(sent, "Uno o dos", markup=markup) is Reason.TAGS_LOST
    assert (
        reason(sent, f"{opening(9, markup)}Uno{closing(9, markup)} o dos", markup=markup) is Reason.TAGS_LOST
    )
    for kept in (opening(1, markup), closing(2, markup), opening(2, markup) * 2):
        assert reason(sent, f"Uno {kept}o dos", markup=markup) is None
    assert reason("One or two", "Uno o dos", markup=markup) is None


def test_the_refusal_keeps_what_came_back_and_says_why() -> None:
    refusal = check_answer(Asked("a" * 500, Markup.HTML, "en", "es"), "b" * 10)
    assert refusal is not None
    assert (refusal.answer, refusal.detail) == ("b" * 10, "10 characters came back for 500")


@given(st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)))
def test_law_every_mark_sent_is_whole_lost_or_changed(sent: set[int], back: set[int]) -> None:
    """And what came back beside is invented."""
    text, answer = (
        "".join(f"{opening(n)}x{closing(n)}" for n in sorted(numbers)) for numbers in (sent, back)
    )
    found = tags_back(Asked(text, Markup.HTML, "en", "es"), answer)
    assert found.whole | found.lost | found.changed == found.sent == sent
    assert len(found.whole) + len(found.lost) + len(found.changed) == len(sent)
    assert (found.lost, found.invented) == (sent - back, back - sent)


def test_translations_by_people_pass(xquad: Path) -> None:
    """XQuAD's eleven languages, from English and into it: at most one in ten thousand is held to be none."""
    english = {example.id: example for example in read_squad(xquad / "xquad.en.json").examples}
    refused = total = 0
    for file in sorted(xquad.glob("xquad.*.json")):
        language = file.name.split(".")[1]
        for example in read_squad(file).examples if language != "en" else ():
            origin = english[example.id]
            for text, made in ((origin.question, example.question), (origin.context, example.context)):
                for one, other, pair in ((text, made, ("en", language)), (made, text, (language, "en"))):
                    total += 1
                    refused += check_answer(Asked(escape(one), Markup.HTML, *pair), escape(other)) is not None
    assert total > 10_000
    assert refused <= total / 10_000
