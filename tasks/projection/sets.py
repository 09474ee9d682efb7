"""The paper's training sets (Sec. 3.1) put together from English rows, translated questions and projected contexts.

T(Q) asks a translated question of the English context, T(C) an English question of a translated context, T(Q+C)
both; T(ALL) is their union, with the English rows once. T(Q) needs no projection: its answer stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from storage.examples import Answer, Example
from storage.silver import REJECTED_SCHEMA, SILVER_SCHEMA, Reason, Refusal, SilverSet, row_id
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
    label = Label(SilverSet.EN, "en", "")
    rows = (
        _row(
            label,
            example,
            kind,
            AnsweredContext(example.context, example.answers, UNCHANGED, 1.0),
            example.question,
        )
        for example, kind in zip(examples, types, strict=True)
    )
    return pa.Table.from_pylist(list(rows), schema=SILVER_SCHEMA)


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
    kept, rejected = [], []
    for example, kind in zip(examples, types, strict=True):
        found = _found(label, example, projections)
        question = example.question if label.question_language == "en" else questions.get(example.question)
        if found.reason is not None:
            rejected.append(_lost(label, example.id, found.reason, found.detail))
        elif not question:
            why = lost.get(example.question, NEVER_CAME_BACK)
            rejected.append(_lost(label, example.id, why.reason, why.detail))
        else:
            kept.append(_row(label, example, kind, found, question))
    return SetRows(
        pa.Table.from_pylist(kept, schema=SILVER_SCHEMA),
        pa.Table.from_pylist(rejected, schema=REJECTED_SCHEMA),
    )


def set_aside(ids: Iterable[tuple[str, Reason]]) -> pa.Table:
    """Source rows that never entered the pipeline, with their reason."""
    label = Label(SilverSet.EN, "en", "")
    return pa.Table.from_pylist([_lost(label, i, reason, "") for i, reason in ids], schema=REJECTED_SCHEMA)


def examples_of(table: pa.Table) -> list[Example]:
    """English rows back as examples: the inverse of `english_rows`."""
    return [
        Example(row["source_id"], row["title"], row["question"], row["context"], answers_of(row["answers"]))
        for row in table.to_pylist()
    ]


def answers_column(answers: Sequence[Answer]) -> dict[str, Any]:
    """Answers as the column `answers` holds them."""
    return {"text": [a.text for a in answers], "answer_start": [a.answer_start for a in answers]}


def answers_of(column: Mapping[str, Sequence[Any]]) -> tuple[Answer, ...]:
    """The inverse of `answers_column`."""
    return tuple(Answer(*pair) for pair in zip(column["text"], column["answer_start"], strict=True))


def _found(label: Label, example: Example, projections: Mapping[str, AnsweredContext]) -> AnsweredContext:
    if label.context_language == "en":
        return AnsweredContext(example.context, example.answers, UNCHANGED, 1.0)
    return projections[example.id]


def _row(label: Label, example: Example, kind: str, found: AnsweredContext, question: str) -> dict[str, Any]:
    languages = label.question_language, label.context_language
    return {
        "id": row_id(example.id, label.set, *languages),
        "title": example.title,
        "context": found.context,
        "question": question,
        "answers": answers_column(found.answers),
        "source_id": example.id,
        "set": label.set,
        "question_language": languages[0],
        "context_language": languages[1],
        "question_type": kind,
        "engine": label.engine,
        "method": found.method,
        "confidence": found.confidence,
    }


def _lost(label: Label, source_id: str, reason: Reason, detail: str) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "set": label.set,
        "question_language": label.question_language,
        "context_language": label.context_language,
        "engine": label.engine,
        "reason": reason,
        "detail": detail,
    }
