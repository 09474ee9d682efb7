"""Silver rows as Arrow tables: the columns, the sets, and the reasons for which a row is rejected."""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa


class SilverSet(StrEnum):
    """The training sets of the paper's Sec. 3.1, and English itself."""

    EN = "en"
    TQ = "tq"
    TC = "tc"
    TQC = "tqc"
    TALL = "tall"


class Reason(StrEnum):
    """Why a row is not in the silver data; each rejected row carries exactly one."""

    UNANSWERABLE = "unanswerable"
    """SQuAD 2.0's questions without an answer: set aside before translation."""
    NOT_TRANSLATED = "not-translated"
    """The engine (or the table) has no translation of the question or of the context."""
    TOO_LONG = "too-long"
    """The question or context exceeds what the engine takes in one request."""
    NOT_TEXT = "not-text"
    """The source, or what came back for it, holds NUL or half a character, which is no text."""
    BROKEN_ANSWER = "broken-answer"
    """The engine answers this text, and only this, with nonsense or by failing."""
    EMPTY = "empty"
    """Nothing but white space came back."""
    COPIED = "copied"
    """The source came back as it was."""
    TRUNCATED = "truncated"
    """Far less came back than any translation of the text can have."""
    RUNAWAY = "runaway"
    """Far more came back than any translation of the text can have."""
    QUESTION_GARBLED = "question-garbled"
    """The wreck of a tag or of an entity stands in the question that came back."""
    TAGS_LOST = "tags-lost"
    """No tag of the answer came back."""
    TAGS_SPLIT = "tags-split"
    """More than one pair of tags came back (rejected by the paper's rule only)."""
    TAGS_UNBALANCED = "tags-unbalanced"
    """An opening or a closing tag came back without its partner."""
    EMPTY_ANSWER = "empty-answer"
    """The tags came back around nothing but white space or punctuation."""
    WRONG_SCRIPT = "wrong-script"
    """A filter: most letters of the translated context are of a script that its language is not written in."""
    WRONG_LANGUAGE = "wrong-language"
    """A filter: the translated context is in another language."""
    CONTEXT_LENGTH = "context-length"
    """A filter: the translated context is too short or too long beside its source."""
    REPETITION = "repetition"
    """A filter: the translated context says the same over and over, and the source does not."""
    UNTRANSLATED = "untranslated"
    """A filter: too many common words of the source context stand in the translated one as they were."""
    ANSWER_LENGTH = "answer-length"
    """A filter: the answer has become far shorter or longer than its context has."""
    DIGITS_LOST = "digits-lost"
    """A filter: numbers of the answer are not in the translated one."""
    ANSWER_COPIED = "answer-copied"
    """A filter: the common words of the answer came back untranslated."""
    BACK_TRANSLATION = "back-translation"
    """A filter: translated back, the answer is another."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text has no usable translation.

    `answer` is the last thing that came back for it, if anything did, and `asks` how often it was asked for.
    """

    reason: Reason
    detail: str = ""
    answer: str = ""
    asks: int = 0


ANSWERS = pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int32()))])

SILVER_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("title", pa.string()),
        ("context", pa.string()),
        ("question", pa.string()),
        ("answers", ANSWERS),
        ("source_id", pa.string()),
        ("set", pa.string()),
        ("question_language", pa.string()),
        ("context_language", pa.string()),
        ("question_type", pa.string()),
        ("engine", pa.string()),
        ("method", pa.string()),
        ("confidence", pa.float32()),
    ]
)
"""The columns of a silver snapshot: SQuAD's as `datasets` knows them, then where each row comes from."""

REJECTED_SCHEMA = pa.schema(
    [
        ("source_id", pa.string()),
        ("set", pa.string()),
        ("question_language", pa.string()),
        ("context_language", pa.string()),
        ("engine", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
    ]
)
"""The columns of rejected rows: one per source id, set and language that did not come through."""


def row_id(source_id: str, silver_set: SilverSet, question_language: str, context_language: str) -> str:
    """The id of a silver row, unique over all sets.

    >>> row_id("56d9", SilverSet.TQ, "es", "en")
    '56d9.tq.es-en'
    """
    return f"{source_id}.{silver_set}.{question_language}-{context_language}"
