"""What is sent to engines for a set of examples: every distinct question and every distinct marked context once."""

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


def marked_segments(examples: Sequence[Example], kind: Kind, markup: Markup) -> list[Marked]:
    """The segments in source order; a question is one without marks."""
    if kind is Kind.CONTEXTS:
        return list(mark_contexts(examples, markup))
    questions = dict.fromkeys(example.question for example in examples)
    return [Marked(question, (), plain(question, markup), markup) for question in questions]


def segments(examples: Sequence[Example], kind: Kind, markup: Markup) -> list[str]:
    """The distinct texts to be sent, in source order."""
    return list(dict.fromkeys(marked.text for marked in marked_segments(examples, kind, markup)))
