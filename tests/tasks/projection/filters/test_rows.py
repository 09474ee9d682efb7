"""The filters on whole rows: the reason that each gives, what weights do, and what is left alone."""

from dataclasses import replace

import pytest

from storage.examples import Answer, Example
from storage.silver import Reason
from tasks.projection.contexts import AnsweredContext
from tasks.projection.filters import identity
from tasks.projection.filters.rows import filtered
from tasks.projection.filters.settings import DEFAULT, NONE, Filter, Filters, Setting, parse_filters

CONTEXT = (
    "The small harbour town was founded in 1857 by merchants who came from the north. Most of them sold timber and "
    "salt, and their warehouses still stand beside the river, where visitors can see them every summer."
)
SPANISH = (
    "La pequeña ciudad portuaria fue fundada en 1857 por comerciantes que llegaron del norte. La mayoría vendía madera "
    "y sal, y sus almacenes siguen en pie junto al río, donde los visitantes pueden verlos cada verano."
)
GERMAN = (
    "Die kleine Hafenstadt wurde 1857 von Kaufleuten gegründet, die aus dem Norden kamen. Die meisten verkauften Holz "
    "und Salz, und ihre Lagerhäuser stehen noch am Fluss, wo Besucher sie jeden Sommer sehen können."
)


def row(source: str, found: str, context: str = SPANISH) -> tuple[Example, AnsweredContext]:
    example = Example("q", "t", "Q?", CONTEXT, (Answer(source, CONTEXT.index(source)),))
    return example, AnsweredContext(context, (Answer(found, context.find(found)),), "exact", 0.8)


def result(
    example: Example, answered: AnsweredContext, filters: Filters = DEFAULT, back: str | None = None
) -> AnsweredContext:
    backs = {} if back is None else {answered.answers[0].text: back}
    (found,) = filtered([example], {"q": answered}, filters, source="en", target="es", backs=backs).values()
    return found


GOOD = row("timber and salt", "madera y sal")


def test_a_good_row_keeps_its_confidence_and_its_answer() -> None:
    found = result(*GOOD, parse_filters("answer-length=on"))
    assert found == GOOD[1]


@pytest.mark.parametrize(
    ("filters", "spoilt", "reason"),
    [
        ("language=on", row("1857", "1857", GERMAN), Reason.WRONG_LANGUAGE),
        ("script=on", row("1857", "1857", "यह छोटा शहर 1857 में बसाया गया था।" * 5), Reason.WRONG_SCRIPT),
        ("context-length=on", row("1857", "1857", SPANISH[:80]), Reason.CONTEXT_LENGTH),
        ("repetition=on", row("1857", "1857", SPANISH[:60] + "en pie en pie " * 9), Reason.REPETITION),
        ("untranslated=on", row("1857", "1857", CONTEXT), Reason.UNTRANSLATED),
        ("answer-length=on", row("salt", SPANISH), Reason.ANSWER_LENGTH),
        ("digits=on", row("in 1857", "fue fundada"), Reason.DIGITS_LOST),
        ("copied=on", row("timber", "timber"), Reason.ANSWER_COPIED),
    ],
)
def test_each_filter_names_its_reason_and_lets_the_good_row_pass(
    filters: str, spoilt: tuple[Example, AnsweredContext], reason: Reason
) -> None:
    only = parse_filters(f"none,{filters}")
    found = result(*spoilt, only)
    assert (found.reason, found.answers, found.confidence) == (reason, (), 0.0)
    assert filters.split("=")[0] in found.detail
    assert result(*GOOD, only) == GOOD[1]
    assert result(*spoilt, NONE) == spoilt[1]


def test_a_back_translation_is_judged_where_there_is_one() -> None:
    only = parse_filters("none,back=on:0.3")
    assert result(*GOOD, only, back="a green umbrella").reason is Reason.BACK_TRANSLATION
    assert result(*GOOD, only, back="wood and salt") == GOOD[1]
    assert result(*GOOD, only) == GOOD[1]


def test_weights_multiply_the_confidence_by_how_bad_it_looks() -> None:
    spoilt = row("in 1857", "fue fundada")
    found = result(*spoilt, Filters({Filter.DIGITS: Setting(weight=0.5), Filter.COPIED: Setting(weight=0.5)}))
    assert found.answers == spoilt[1].answers
    assert found.confidence == pytest.approx(0.8 * 0.5)
    both = result(*row("timber", "timber"), Filters({name: Setting(weight=0.5) for name in Filter}))
    assert both.confidence < 0.8 * 0.5


def test_of_several_answers_those_that_pass_are_kept() -> None:
    example, answered = GOOD
    bad = Answer(SPANISH, 0)
    both = replace(answered, answers=(bad, *answered.answers))
    assert result(example, both).answers == answered.answers
    assert result(example, replace(answered, answers=(bad,))).reason is Reason.ANSWER_LENGTH


def test_an_answer_is_judged_beside_the_source_answer_that_suits_it_best() -> None:
    example, answered = GOOD
    more = (Answer("1857", CONTEXT.index("1857")), *example.answers)
    only = parse_filters("none,digits=on")
    assert result(replace(example, answers=more), answered, only) == answered
    assert result(replace(example, answers=more[:1]), answered, only).reason is Reason.DIGITS_LOST


def test_rows_that_projection_rejected_stay_as_they_are() -> None:
    lost = AnsweredContext("", (), "", 0.0, Reason.TAGS_LOST, "gone")
    assert result(GOOD[0], lost) == lost


def test_a_context_is_identified_once_for_all_its_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(identity, "language", lambda text, _: seen.append(text) or 1.0)
    examples = [replace(GOOD[0], id=str(n)) for n in range(5)]
    filtered(examples, {e.id: GOOD[1] for e in examples}, DEFAULT, source="en", target="es")
    assert seen == [SPANISH]
