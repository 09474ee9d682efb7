"""Answers sent a second time, in another form, where their tags were lost or split in the first translation.

What is sent are ordinary segments, remembered and checked like all others. Which ones they are follows from the source
and the first translations alone, so whoever has those can tell them without being told.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from storage.examples import Span
from tasks.mt.markup import Markup
from tasks.projection.marking import Marked, mark
from tasks.projection.outcomes import Method, Projection
from tasks.projection.rules import project


class SecondTry(StrEnum):
    """In which form answers are sent again."""

    NONE = "none"
    """Not at all."""
    SINGLE = "single"
    """Each in a copy of its context, with no other tags in it."""
    HTML = "html"
    """All of a context in one copy of it, in this style of marks, as are the other styles."""
    XML = "xml"
    TAGS = "tags"
    LETTERS = "letters"
    BRACKETS = "brackets"

    @property
    def style(self) -> Markup | None:
        """The style of marks that it asks for, where it does."""
        return None if self in (SecondTry.NONE, SecondTry.SINGLE) else Markup(self)


_SURE = (Method.EXACT, Method.MENDED)


def second_copies(
    marked: Iterable[Marked], translations: Mapping[str, str], second: SecondTry
) -> Iterator[Marked]:
    """What is sent again of marked contexts.

    Args:
        marked: what was sent first.
        translations: what came back, by marked text; of a context that has none, every answer is sent again.
        second: in which form.
    """
    for each in marked if second is not SecondTry.NONE else ():
        spans = unsure(each, translations.get(each.text))
        if second is SecondTry.SINGLE:
            # An answer that stood alone already would come back as it did.
            spans = spans if len(each.spans) > 1 else []
            yield from (copy for span in spans for copy in mark(each.context, [span], each.markup))
        elif spans:
            yield from mark(each.context, spans, second.style or each.markup)


def unsure(marked: Marked, translation: str | None) -> list[Span]:
    """The answers whose tags did not come back as they were sent, once each, nor so that they could be mended.

    >>> unsure(mark("red old car", [Span(0, 3), Span(8, 11)])[0], "<b2>coche</b2> viejo rojo")
    [Span(start=0, end=3)]
    """
    if translation is None:
        return list(marked.spans)
    outcomes = project(marked, translation).outcomes
    return [o.source for o in outcomes if not (isinstance(o, Projection) and o.method in _SURE)]
