"""Answers marked in a context before it is translated: each distinct context once, with tags round all its answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from storage.examples import Span
from tasks.mt.markup import Markup, closing, escape, opening, read


@dataclass(frozen=True, slots=True)
class Marked:
    """A context with marks: what is sent to the engine and what the marks stand for.

    Mark number n (from 1) is `spans[n - 1]`. The spans are distinct, sorted, and none crosses another.
    """

    context: str
    spans: tuple[Span, ...]
    text: str
    markup: Markup = Markup.HTML


@dataclass(frozen=True, slots=True)
class Recovered:
    """A marked text read again: its plain text, and where in it each mark stands.

    `pieces[n]` are the ranges between an opening and a closing tag of mark n, in order of their ends.
    `unbalanced` are the marks of which a tag lacked its partner.
    """

    text: str
    pieces: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    unbalanced: frozenset[int] = frozenset()


def plain(text: str, markup: Markup = Markup.HTML) -> str:
    """A text without marks (a question, say) as the engine wants it.

    >>> plain("Is 1 < 2?")
    'Is 1 &lt; 2?'
    """
    return escape(text, markup)


def mark(context: str, spans: Iterable[Span], markup: Markup = Markup.HTML) -> list[Marked]:
    """The context with numbered tags round each distinct span, in as few copies as greed finds.

    Spans that cross cannot nest, so the later of two goes to a further copy. Law, for every text and set of spans:
    `recover(copy.text, markup)` gives the context and `copy.spans` back, and all copies together every span once.
    Without spans there is one copy without marks.

    Args:
        context: any text; what looks like a tag or an entity in it is escaped.
        spans: non-empty ranges within the context, in any order; equal ones share one mark.

    >>> [copy.text for copy in mark("red old car", [Span(0, 7), Span(4, 7), Span(4, 11)])]
    ['<b1>red <b2>old</b2></b1> car', 'red <b1>old car</b1>']
    """
    ordered = sorted(set(spans), key=_outer_first)
    if bad := [span for span in ordered if not 0 <= span.start < span.end <= len(context)]:
        raise ValueError(f"{bad[0]} is empty or outside a context of {len(context)} characters")
    copies: list[list[Span]] = [[]]
    for span in ordered:
        home = next((copy for copy in copies if not any(span.crosses(other) for other in copy)), None)
        if home is None:
            copies.append(home := [])
        home.append(span)
    return [Marked(context, tuple(copy), _tagged(context, copy, markup), markup) for copy in copies]


def recover(marked: str, markup: Markup = Markup.HTML) -> Recovered:
    """Read a marked text, however an engine has moved, split or lost its tags.

    >>> recover("El <b2>coche</b2> <b1>viejo</b1>, <b2>rojo</b2></b3>")
    Recovered(text='El coche viejo, rojo', pieces={2: (Span(start=3, end=8), Span(start=16, end=20)), \
1: (Span(start=9, end=14),)}, unbalanced=frozenset({3}))
    """
    text: list[str] = []
    length = 0
    pieces: dict[int, list[Span]] = {}
    opened: dict[int, list[int]] = {}
    unbalanced: set[int] = set()
    for token in read(marked, markup):
        if isinstance(token, str):
            text.append(token)
            length += len(token)
        elif not token.closing:
            opened.setdefault(token.number, []).append(length)
        elif starts := opened.get(token.number):
            pieces.setdefault(token.number, []).append(Span(starts.pop(), length))
        else:
            unbalanced.add(token.number)
    unbalanced.update(number for number, starts in opened.items() if starts)
    return Recovered("".join(text), {n: tuple(spans) for n, spans in pieces.items()}, frozenset(unbalanced))


def _outer_first(span: Span) -> tuple[int, int]:
    return span.start, -span.end


def _tagged(context: str, spans: Sequence[Span], markup: Markup) -> str:
    """Tags put in so that they nest: at one place, inner ones close first and outer ones open first."""
    closings: dict[int, str] = {}
    openings: dict[int, str] = {}
    for number, span in enumerate(spans, 1):
        closings[span.end] = closing(number, markup) + closings.get(span.end, "")
        openings[span.start] = openings.get(span.start, "") + opening(number, markup)
    parts: list[str] = []
    done = 0
    for place in sorted({*closings, *openings}):
        parts += escape(context[done:place], markup), closings.get(place, ""), openings.get(place, "")
        done = place
    return "".join([*parts, escape(context[done:], markup)])
