"""The training sets: every source id ends kept or rejected, once in each set, and the sets fit together."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.examples import Answer, Example
from storage.silver import REJECTED_SCHEMA, SILVER_SCHEMA, Reason, SilverSet
from tasks.projection.contexts import AnsweredContext
from tasks.projection.sets import (
    CONTEXT_SETS,
    MEMBERS,
    QUESTION_SETS,
    UNCHANGED,
    Label,
    SetRows,
    answers_array,
    answers_in,
    assemble,
    english_rows,
    examples_of,
    set_aside,
    translated_sets,
)

TRANSLATED = (SilverSet.TQ, SilverSet.TC, SilverSet.TQC)
ENGINE = "apertium/es/1-ab"
NO_QUESTION = "the question has no usable translation"


@st.composite
def sources(draw: st.DrawFn) -> list[Example]:
    """English examples in any script, with one answer or several."""
    examples = []
    for i in range(draw(st.integers(1, 6))):
        context = draw(st.text(min_size=1, max_size=12))
        starts = draw(st.lists(st.integers(0, len(context) - 1), min_size=1, max_size=3))
        answers = tuple(Answer(context[start:], start) for start in starts)
        question = draw(st.text(min_size=1, max_size=6))
        examples.append(Example(f"q{i}", draw(st.text(max_size=4)), question, context, answers))
    return examples


@st.composite
def projections(draw: st.DrawFn, examples: list[Example]) -> dict[str, AnsweredContext]:
    """Each example found again, or rejected for some reason."""
    found = {}
    for example in examples:
        if draw(st.booleans()):
            context = f"  {example.context}"
            answers = tuple(Answer(a.text, a.answer_start + 2) for a in example.answers)
            found[example.id] = AnsweredContext(context, answers, "exact", 0.5)
        else:
            reason = draw(st.sampled_from(Reason))
            found[example.id] = AnsweredContext("", (), "", 0.0, reason, draw(st.text(max_size=3)))
    return found


def rows(
    silver_set: SilverSet,
    examples: list[Example],
    questions: Mapping[str, str],
    found: Mapping[str, AnsweredContext],
) -> SetRows:
    kinds = [f"kind {example.id}" for example in examples]
    return assemble(Label(silver_set, "es", ENGINE), examples, kinds, questions, found)


CASES = sources().flatmap(
    lambda examples: st.tuples(
        st.just(examples),
        st.dictionaries(st.sampled_from([e.question for e in examples]), st.text(max_size=5)),
        projections(examples),
    )
)


@settings(deadline=None)
@given(CASES)
def test_every_source_id_ends_kept_or_rejected_once(
    case: tuple[list[Example], dict[str, str], dict[str, AnsweredContext]],
) -> None:
    """Law: of each set, kept and rejected ids together are the source's, in its order, each once."""
    examples, questions, found = case
    for silver_set in TRANSLATED:
        made = rows(silver_set, examples, questions, found)
        kept, lost = made.kept["source_id"].to_pylist(), made.rejected["source_id"].to_pylist()
        assert sorted(kept + lost) == sorted(e.id for e in examples)
        order = [e.id for e in examples]
        assert sorted(kept, key=order.index) == kept
        assert made.kept.schema.equals(SILVER_SCHEMA)
        assert made.rejected.schema.equals(REJECTED_SCHEMA)


def answers_of(row: dict[str, Any]) -> tuple[Answer, ...]:
    return tuple(map(Answer, row["answers"]["text"], row["answers"]["answer_start"]))


@settings(deadline=None)
@given(CASES)
def test_every_kept_row_is_a_sound_example(
    case: tuple[list[Example], dict[str, str], dict[str, AnsweredContext]],
) -> None:
    """Law: every answer stands at its offset; text comes from the source where its language is English."""
    examples, questions, found = case
    by_id = {e.id: e for e in examples}
    for silver_set in TRANSLATED:
        for row in rows(silver_set, examples, questions, found).kept.to_pylist():
            source = by_id[row["source_id"]]
            for answer in answers_of(row):
                assert row["context"][answer.span.start : answer.span.end] == answer.text
            assert row["answers"]["text"]
            assert row["question"] == (
                questions[source.question] if silver_set in QUESTION_SETS else source.question
            )
            if silver_set not in CONTEXT_SETS:
                assert (row["context"], answers_of(row)) == (source.context, source.answers)
                assert (row["method"], row["confidence"]) == (UNCHANGED, 1.0)
            else:
                assert (row["method"], row["confidence"]) == ("exact", 0.5)


@settings(deadline=None)
@given(CASES)
def test_rejected_rows_carry_the_one_reason_that_holds(
    case: tuple[list[Example], dict[str, str], dict[str, AnsweredContext]],
) -> None:
    """Law: projection's reason where it failed, else that the question has no translation."""
    examples, questions, found = case
    by_id = {e.id: e for e in examples}
    for silver_set in TRANSLATED:
        for row in rows(silver_set, examples, questions, found).rejected.to_pylist():
            projection = found[row["source_id"]]
            if silver_set in CONTEXT_SETS and projection.reason:
                assert (row["reason"], row["detail"]) == (projection.reason, projection.detail)
            else:
                assert (row["reason"], row["detail"]) == (Reason.NOT_TRANSLATED, NO_QUESTION)
                assert not questions.get(by_id[row["source_id"]].question)


@settings(deadline=None)
@given(sources().flatmap(lambda examples: st.tuples(st.just(examples), projections(examples))))
def test_with_all_questions_translated_the_sets_keep_the_same_ids(
    case: tuple[list[Example], dict[str, AnsweredContext]],
) -> None:
    """Law (Sec. 3.1): T(Q) keeps all, T(C) and T(Q+C) keep the same."""
    examples, found = case
    questions = {e.question: f"¿{e.question}?" for e in examples}
    kept = {s: rows(s, examples, questions, found).kept["source_id"].to_pylist() for s in TRANSLATED}
    assert kept[SilverSet.TQ] == [e.id for e in examples]
    assert kept[SilverSet.TC] == kept[SilverSet.TQC] == [i for i, p in found.items() if p.reason is None]


@settings(deadline=None)
@given(CASES)
def test_row_ids_are_unique_over_all_sets_and_languages(
    case: tuple[list[Example], dict[str, str], dict[str, AnsweredContext]],
) -> None:
    """Law: T(ALL) with English, in two languages, repeats no id."""
    examples, questions, found = case
    ids = english_rows(examples, [""] * len(examples))["id"].to_pylist()
    for language in ("es", "ca"):
        for silver_set in MEMBERS[SilverSet.TALL]:
            label = Label(silver_set, language, ENGINE)
            ids += assemble(label, examples, [""] * len(examples), questions, found).kept["id"].to_pylist()
    assert len(set(ids)) == len(ids)


@settings(deadline=None)
@given(sources())
def test_english_rows_are_the_examples(examples: list[Example]) -> None:
    """Law: `examples_of(english_rows(e)) == e`."""
    table = english_rows(examples, ["what"] * len(examples))
    assert examples_of(table) == examples
    assert table.schema.equals(SILVER_SCHEMA)


@given(st.lists(st.builds(Answer, st.text(), st.integers(0, 2**31 - 1)), max_size=4))
def test_answers_go_into_their_column_and_back(answers: list[Answer]) -> None:
    """Law: `answers_in(answers_array(rows)) == rows`, whatever is cut off before and behind."""
    rows = [tuple(answers), (), tuple(answers[:1])]
    column = pa.chunked_array([answers_array([*rows, *rows])])
    assert answers_in(column) == [*rows, *rows]
    assert answers_in(column.slice(1, 3)) == [*rows[1:], rows[0]]


ONE = [Example("q1", "Ana", "Who?", "Ana wrote.", (Answer("Ana", 0), Answer("Ana wrote", 0)))]
FOUND = {"q1": AnsweredContext("Escribió Ana.", (Answer("Ana", 9),), "cover", 0.75)}


@pytest.mark.parametrize(
    ("silver_set", "expected"),
    [
        (SilverSet.TQ, ("q1.tq.es-en", "¿Quién?", "Ana wrote.", "es", "en", "unchanged", 1.0)),
        (SilverSet.TC, ("q1.tc.en-es", "Who?", "Escribió Ana.", "en", "es", "cover", 0.75)),
        (SilverSet.TQC, ("q1.tqc.es-es", "¿Quién?", "Escribió Ana.", "es", "es", "cover", 0.75)),
    ],
)
def test_what_is_translated_in_each_set(silver_set: SilverSet, expected: tuple[object, ...]) -> None:
    (row,) = rows(silver_set, ONE, {"Who?": "¿Quién?"}, FOUND).kept.to_pylist()
    columns = ("id", "question", "context", "question_language", "context_language", "method", "confidence")
    assert tuple(row[name] for name in columns) == expected
    assert (row["title"], row["set"], row["engine"], row["question_type"]) == (
        "Ana",
        silver_set,
        ENGINE,
        "kind q1",
    )


def test_an_english_row() -> None:
    (row,) = english_rows(ONE, ["who"]).to_pylist()
    assert row == {
        "id": "q1.en.en-en",
        "title": "Ana",
        "context": "Ana wrote.",
        "question": "Who?",
        "answers": {"text": ["Ana", "Ana wrote"], "answer_start": [0, 0]},
        "source_id": "q1",
        "set": "en",
        "question_language": "en",
        "context_language": "en",
        "question_type": "who",
        "engine": "",
        "method": "unchanged",
        "confidence": 1.0,
    }


@pytest.mark.parametrize("silver_set", [SilverSet.TQ, SilverSet.TQC])
@pytest.mark.parametrize("questions", [{}, {"Who?": ""}, {"Other?": "¿Otra?"}])
def test_a_question_without_a_translation(silver_set: SilverSet, questions: dict[str, str]) -> None:
    made = rows(silver_set, ONE, questions, FOUND)
    assert made.kept.num_rows == 0
    (row,) = made.rejected.to_pylist()
    assert row == {
        "source_id": "q1",
        "set": silver_set,
        "question_language": "es",
        "context_language": "es" if silver_set is SilverSet.TQC else "en",
        "engine": ENGINE,
        "reason": "not-translated",
        "detail": NO_QUESTION,
    }


def test_a_set_takes_no_more_than_it_needs() -> None:
    """T(Q) is complete without projections, T(C) without translated questions."""
    assert rows(SilverSet.TQ, ONE, {"Who?": "¿Quién?"}, {}).kept.num_rows == 1
    assert rows(SilverSet.TC, ONE, {}, FOUND).kept.num_rows == 1


def test_a_projection_that_is_missing_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        rows(SilverSet.TC, ONE, {}, {})


def test_types_and_examples_must_be_equally_many() -> None:
    with pytest.raises(ValueError, match="0 types for 1 examples"):
        english_rows(ONE, [])
    with pytest.raises(ValueError, match="zip"):
        assemble(Label(SilverSet.TC, "es", ""), ONE, ["who", "who"], {}, FOUND)


def test_members() -> None:
    """Sec. 3.1: T(ALL) is the union of the three; English is in every set and is no member of its own."""
    assert MEMBERS[SilverSet.TALL] == TRANSLATED
    assert all(MEMBERS[silver_set] == (silver_set,) for silver_set in TRANSLATED)
    assert SilverSet.EN not in MEMBERS


@given(st.lists(st.sampled_from([*TRANSLATED, SilverSet.TALL]), max_size=6))
def test_each_needed_set_is_made_once_in_the_papers_order(wanted: list[SilverSet]) -> None:
    """Law: the members of all that is wanted, without repetition."""
    made = translated_sets(wanted)
    assert set(made) == {member for silver_set in wanted for member in MEMBERS[silver_set]}
    assert made == [s for s in TRANSLATED if s in made]


def test_rows_that_were_set_aside() -> None:
    table = set_aside([("u1", Reason.UNANSWERABLE)])
    assert table.schema.equals(REJECTED_SCHEMA)
    (row,) = table.to_pylist()
    assert (row["source_id"], row["set"], row["reason"], row["engine"]) == ("u1", "en", "unanswerable", "")
    assert set_aside([]).equals(pa.Table.from_pylist([], schema=REJECTED_SCHEMA))
