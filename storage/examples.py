"""Questions, contexts and answers as every room of the project speaks of them.

Offsets are half-open and count Unicode code points, so `context[start:end] == text` holds for every answer.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The half-open range `[start, end)` of code points."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def crosses(self, other: "Span") -> bool:
        """Whether the two overlap and neither contains the other (such spans cannot nest as tags).

        >>> Span(0, 4).crosses(Span(2, 6)), Span(0, 6).crosses(Span(2, 4)), Span(0, 2).crosses(Span(2, 4))
        (True, False, False)
        """
        first, second = sorted((self, other), key=lambda s: (s.start, -s.end))
        return first.start < second.start < first.end < second.end


@dataclass(frozen=True, slots=True)
class Answer:
    """One gold answer: its text and where it starts in the context, in code points."""

    text: str
    answer_start: int

    @property
    def span(self) -> Span:
        """Where the answer stands in its context."""
        return Span(self.answer_start, self.answer_start + len(self.text))


@dataclass(frozen=True, slots=True)
class Example:
    """A question on a context with its gold answers; `answers` is never empty."""

    id: str
    title: str
    question: str
    context: str
    answers: tuple[Answer, ...]
