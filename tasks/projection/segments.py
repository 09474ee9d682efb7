"""What is sent to engines for a set of examples: every distinct question, marked context and answer once."""

from collections.abc import Sequence
from enum import StrEnum

from storage.examples import Example
from tasks.mt.markup import Markup
from tasks.projection.contexts import mark_contexts
from tasks.projection.marking import Marked, plain


class Kind(StrEnum):
    """What is translated of a shard."""

    QUESTIONS = "questions"
    CONTEXTS = "contexts"
    ANSWERS = "answers"
    """Each answer by itself, a second opinion on where it stands in its translated context."""


def marked_segments(examples: Sequence[Example], kind: Kind, markup: Markup) -> list[Marked]:
    """The segments in source order; questions and answers are without marks."""
    if kind is Kind.CONTEXTS:
        return list(mark_contexts(examples, markup))
    return [Marked(text, (), plain(text, markup), markup) for text in _texts(examples, kind)]


def segments(examples: Sequence[Example], kind: Kind, markup: Markup) -> list[str]:
    """The distinct texts to be sent, in source order."""
    return list(dict.fromkeys(marked.text for marked in marked_segments(examples, kind, markup)))


def _texts(examples: Sequence[Example], kind: Kind) -> dict[str, None]:
    if kind is Kind.QUESTIONS:
        return dict.fromkeys(example.question for example in examples)
    return dict.fromkeys(answer.text for example in examples for answer in example.answers)
