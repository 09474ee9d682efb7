"""Answers marked in a context before it is translated: each distinct context once, with tags round all its answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from storage.examples import Span
from tasks.mt.markup import MOST_MARKS, Markup, closing, escape, opening, read


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

    Spans that cross cannot nest, so the later of two goes to a further copy, as do those that number more than a
    tag can say. Law, for every text and set of spans:
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
    as_it_is = escape(context, markup) == context
    return [
        Marked(context, tuple(copy), _tagged(context, copy, markup, as_it_is), markup)
        for copy in _copies(ordered)
    ]


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
            continue
        number, is_closing = token
        if not is_closing:
            opened.setdefault(number, []).append(length)
        elif starts := opened.get(number):
            pieces.setdefault(number, []).append(Span(starts.pop(), length))
        else:
            unbalanced.add(number)
    unbalanced.update(number for number, starts in opened.items() if starts)
    return Recovered("".join(text), {n: tuple(spans) for n, spans in pieces.items()}, frozenset(unbalanced))


def _outer_first(span: Span) -> tuple[int, int]:
    return span.start, -span.end


def _copies(ordered: Sequence[Span]) -> list[list[Span]]:
    """Each span in the first copy where it crosses none; spans come outer first, so only what is still open can."""
    copies: list[list[Span]] = [[]]
    open_ends: list[list[int]] = [[]]
    for span in ordered:
        for copy, ends in zip(copies, open_ends, strict=True):
            while ends and ends[-1] <= span.start:
                ends.pop()
            if (not ends or span.end <= ends[-1]) and len(copy) < MOST_MARKS:
                break
        else:
            copies.append(copy := [])
            open_ends.append(ends := [])
        copy.append(span)
        ends.append(span.end)
    return copies


def _tagged(context: str, spans: Sequence[Span], markup: Markup, as_it_is: bool) -> str:
    """The context with its tags; `as_it_is` says that nothing in it, so nothing in a piece of it, needs an escape."""
    parts: list[str] = []
    done = 0
    for place, tag in [*_tags(spans, markup), (len(context), "")]:
        piece = context[done:place]
        parts += piece if as_it_is else escape(piece, markup), tag
        done = place
    return "".join(parts)


def _tags(spans: Sequence[Span], markup: Markup) -> Iterator[tuple[int, str]]:
    """Places and tags, so that they nest: at one place, inner ones close first and outer ones open first."""
    unclosed: list[tuple[int, str]] = []
    for number, span in enumerate(spans, 1):
        while unclosed and unclosed[-1][0] <= span.start:
            yield unclosed.pop()
        yield span.start, opening(number, markup)
        unclosed.append((span.end, closing(number, markup)))
    yield from reversed(unclosed)
