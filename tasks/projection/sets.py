"""The paper's training sets (Sec. 3.1) put together from English rows, translated questions and projected contexts.

T(Q) asks a translated question of the English context, T(C) an English question of a translated context, T(Q+C)
both; T(ALL) is their union, with the English rows once. T(Q) needs no projection: its answer stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from storage.examples import Answer, Example
from storage.silver import ANSWERS, REJECTED_SCHEMA, SILVER_SCHEMA, Reason, Refusal, SilverSet, row_id
from tasks.projection.contexts import AnsweredContext
from tasks.projection.questions import NEVER_CAME_BACK

MEMBERS = {
    SilverSet.TQ: (SilverSet.TQ,),
    SilverSet.TC: (SilverSet.TC,),
    SilverSet.TQC: (SilverSet.TQC,),
    SilverSet.TALL: (SilverSet.TQ, SilverSet.TC, SilverSet.TQC),
}
"""The translated sets whose rows a training set holds, besides the English rows."""

QUESTION_SETS = {SilverSet.TQ, SilverSet.TQC}
"""The sets that need translated questions."""

CONTEXT_SETS = {SilverSet.TC, SilverSet.TQC}
"""The sets that need translated contexts and projected answers."""

UNCHANGED = "unchanged"
"""The method of rows whose answer needed no projection: English rows and T(Q)."""


def translated_sets(sets: Sequence[SilverSet]) -> list[SilverSet]:
    """The translated sets that the wanted ones are made of, each once, in the paper's order.

    >>> [str(s) for s in translated_sets([SilverSet.TALL])]
    ['tq', 'tc', 'tqc']
    """
    needed = {member for silver_set in sets for member in MEMBERS[silver_set]}
    return [member for member in MEMBERS[SilverSet.TALL] if member in needed]


@dataclass(frozen=True, slots=True)
class Label:
    """What all rows of one part have in common."""

    set: SilverSet
    language: str
    engine: str

    @property
    def question_language(self) -> str:
        """The language of the question in this set."""
        return self.language if self.set in QUESTION_SETS else "en"

    @property
    def context_language(self) -> str:
        """The language of the context in this set."""
        return self.language if self.set in CONTEXT_SETS else "en"


ENGLISH = Label(SilverSet.EN, "en", "")
"""The label of English rows."""


@dataclass(frozen=True, slots=True)
class SetRows:
    """The rows of one set and language: every source id is in exactly one of the two tables."""

    kept: pa.Table
    rejected: pa.Table


def english_rows(examples: Sequence[Example], types: Sequence[str]) -> pa.Table:
    """The English rows, which every training set holds once.

    Args:
        examples: in source order.
        types: the type of each question (Table 1).
    """
    found = [AnsweredContext(e.context, e.answers, UNCHANGED, 1.0) for e in examples]
    return _kept(ENGLISH, examples, types, found, [example.question for example in examples])


def assemble(
    label: Label,
    examples: Sequence[Example],
    types: Sequence[str],
    questions: Mapping[str, str],
    projections: Mapping[str, AnsweredContext],
    lost: Mapping[str, Refusal] = MappingProxyType({}),
) -> SetRows:
    """One set in one language.

    Args:
        label: the set, the language and the generation of the engine.
        examples: the English examples, in source order.
        types: the type of each English question, kept for its translations.
        questions: translations by English question; needed for T(Q) and T(Q+C).
        projections: by source id; needed for T(C) and T(Q+C), which so keep the same ids wherever the question
            was translated too; one that was not is rejected from T(Q+C) alone.
        lost: why a question has no translation, by English question.
    """
    kept: list[tuple[Example, str, AnsweredContext, str]] = []
    rejected: list[tuple[str, Reason, str]] = []
    is_english = label.question_language == "en"
    for example, kind in zip(examples, types, strict=True):
        found = _found(label, example, projections)
        question = example.question if is_english else questions.get(example.question)
        if found.reason is not None:
            rejected.append((example.id, found.reason, found.detail))
        elif not question:
            why = lost.get(example.question, NEVER_CAME_BACK)
            rejected.append((example.id, why.reason, why.detail))
        else:
            kept.append((example, kind, found, question))
    columns = zip(*kept, strict=True) if kept else ((), (), (), ())
    return SetRows(_kept(label, *columns), _rejected(label, rejected))


def set_aside(ids: Iterable[tuple[str, Reason]]) -> pa.Table:
    """Source rows that never entered the pipeline, with their reason."""
    return _rejected(ENGLISH, [(i, reason, "") for i, reason in ids])


def examples_of(table: pa.Table) -> list[Example]:
    """English rows back as examples: the inverse of `english_rows`."""
    columns = (
        table["source_id"].to_pylist(),
        shared(table["title"]),
        table["question"].to_pylist(),
        shared(table["context"]),
        answers_in(table["answers"]),
    )
    return [Example(*row) for row in zip(*columns, strict=True)]


def shared(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column, equal ones as one object: contexts stand there once for each of their questions."""
    encoded = column.combine_chunks().dictionary_encode()
    values = [*encoded.dictionary.to_pylist(), None]
    return [values[-1 if place is None else place] for place in encoded.indices.to_pylist()]


def answers_array(rows: Iterable[Sequence[Answer]]) -> pa.StructArray:
    """Answers as the column `answers` holds them."""
    found = list(rows)
    bounds = pa.array(accumulate(map(len, found), initial=0), pa.int32())
    texts = pa.array([answer.text for row in found for answer in row], pa.string())
    starts = pa.array([answer.answer_start for row in found for answer in row], pa.int32())
    lists = [pa.ListArray.from_arrays(bounds, values) for values in (texts, starts)]
    return pa.StructArray.from_arrays(lists, fields=list(ANSWERS))


def answers_in(column: pa.ChunkedArray) -> list[tuple[Answer, ...]]:
    """The inverse of `answers_array`."""
    array = column.combine_chunks()
    texts, starts = array.field("text"), array.field("answer_start")
    answers = list(map(Answer, texts.flatten().to_pylist(), starts.flatten().to_pylist()))
    bounds = accumulate(pc.list_value_length(texts).to_pylist(), initial=0)
    return [tuple(answers[start:end]) for start, end in pairwise(bounds)]


def _found(label: Label, example: Example, projections: Mapping[str, AnsweredContext]) -> AnsweredContext:
    if label.context_language == "en":
        return AnsweredContext(example.context, example.answers, UNCHANGED, 1.0)
    return projections[example.id]


def _kept(
    label: Label,
    examples: Sequence[Example],
    types: Sequence[str],
    found: Sequence[AnsweredContext],
    questions: Sequence[str],
) -> pa.Table:
    """Kept rows of one part, column by column."""
    if len(types) != len(examples):
        raise ValueError(f"{len(types)} types for {len(examples)} examples")
    count, languages = len(examples), (label.question_language, label.context_language)
    ending = row_id("", label.set, *languages)
    columns = [
        [f"{example.id}{ending}" for example in examples],
        [example.title for example in examples],
        [one.context for one in found],
        list(questions),
        answers_array([one.answers for one in found]),
        [example.id for example in examples],
        *(pa.repeat(pa.scalar(str(value)), count) for value in (label.set, *languages)),
        list(types),
        pa.repeat(pa.scalar(label.engine), count),
        [one.method for one in found],
        [one.confidence for one in found],
    ]
    return pa.table(dict(zip(SILVER_SCHEMA.names, columns, strict=True)), schema=SILVER_SCHEMA)


def _rejected(label: Label, rows: Sequence[tuple[str, Reason, str]]) -> pa.Table:
    """Rejected rows of one part: source id, reason and detail of each."""
    count = len(rows)
    columns = [
        [row[0] for row in rows],
        *(
            pa.repeat(pa.scalar(str(value)), count)
            for value in (label.set, label.question_language, label.context_language, label.engine)
        ),
        [row[1] for row in rows],
        [row[2] for row in rows],
    ]
    return pa.table(dict(zip(REJECTED_SCHEMA.names, columns, strict=True)), schema=REJECTED_SCHEMA)
