"""Which style of marks survives an engine: some fifty real sentences in every style that it can be sent, counted.

A style is chosen by such figures, not by taste: see `silverspan engines check`. What is asked is the engine alone;
nothing is projected or repaired, and nothing is kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.examples import Span
from tasks.mt.engine import Engine
from tasks.mt.markup import Markup, closing, escape, opening, read
from tasks.mt.sentences import sentences

SEGMENTS = 50
"""So many sentences tell a style that survives from one that does not; a percent more or less they do not tell."""

LONGEST_CHARS = 400

Ask = Callable[[Engine, Sequence[str]], Mapping[str, str | None]]
"""Has an engine translate texts: by text, None where it has no translation."""


class Fate(StrEnum):
    """What became of the marks of one segment."""

    EXACT = "exact"
    """Each came back once, round some text, and none beside them."""
    SPLIT = "split"
    """All are there, but one in several pieces, or one that was not sent."""
    LOST = "lost"
    """One is missing, empty, or lacks a tag."""
    UNANSWERED = "unanswered"
    """There is no translation at all."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence with the places to be marked, which do not overlap."""

    text: str
    spans: tuple[Span, ...]

    def marked(self, markup: Markup) -> str:
        """With tags from 1 on.

        >>> Segment("a < b", (Span(0, 1), Span(4, 5))).marked(Markup.HTML)
        '<b1>a</b1> &lt; <b2>b</b2>'
        """
        parts: list[str] = []
        done = 0
        for number, span in enumerate(self.spans, 1):
            parts += escape(self.text[done : span.start], markup), opening(number, markup)
            parts += escape(self.text[span.start : span.end], markup), closing(number, markup)
            done = span.end
        return "".join([*parts, escape(self.text[done:], markup)])


@dataclass(frozen=True, slots=True)
class Survival:
    """How one style fared: segments by fate, and how many came back with other words than without marks.

    `compared` are the segments of which both translations are there.
    """

    markup: Markup
    fates: Mapping[Fate, int]
    changed: int
    compared: int

    def share(self, fate: Fate) -> float:
        """Percent of the segments."""
        return 100 * self.fates.get(fate, 0) / max(1, sum(self.fates.values()))

    @property
    def changed_share(self) -> float:
        """Percent of the segments that could be compared."""
        return 100 * self.changed / max(1, self.compared)


def segments(paragraphs: Iterable[tuple[str, Iterable[Span]]], count: int = SEGMENTS) -> list[Segment]:
    """Sentences that hold something to be marked, the same ones for every engine and style.

    Args:
        paragraphs: texts with the places of answers in them, in any order.
        count: the most sentences wanted; they are taken evenly from all over the paragraphs.
    """
    found = [segment for text, spans in paragraphs for segment in _in_sentences(text, spans)]
    distinct = list({segment.text: segment for segment in found}.values())
    if len(distinct) <= count:
        return distinct
    return [distinct[place * len(distinct) // count] for place in range(count)]


def survival(segments: Sequence[Segment], engine: Engine, ask: Ask) -> Survival:
    """Send segments with and without marks in the engine's style, and count what comes back.

    Raises:
        EngineError: as `ask` raises it.
    """
    markup = engine.markup
    plain, marked = [escape(s.text, markup) for s in segments], [s.marked(markup) for s in segments]
    answers = ask(engine, list(dict.fromkeys([*plain, *marked])))
    fates = Counter(fate(answers.get(m), len(s.spans), markup) for m, s in zip(marked, segments, strict=True))
    pairs = [(answers.get(p), answers.get(m)) for p, m in zip(plain, marked, strict=True)]
    texts = [(_text(p, markup), _text(m, markup)) for p, m in pairs if p is not None and m is not None]
    return Survival(markup, fates, sum(p != m for p, m in texts), len(texts))


def fate(answer: str | None, marks: int, markup: Markup) -> Fate:
    """What became of the marks 1 to `marks`.

    >>> [fate(answer, 2, Markup.HTML) for answer in ("<b2>b</b2> <b1>a</b1>", "<b1>a</b1> <b2>b</b2> <b2>c</b2>")]
    [<Fate.EXACT: 'exact'>, <Fate.SPLIT: 'split'>]
    >>> [fate(answer, 1, Markup.HTML) for answer in ("<b1></b1>a", "<b1>a", None)]
    [<Fate.LOST: 'lost'>, <Fate.LOST: 'lost'>, <Fate.UNANSWERED: 'unanswered'>]
    """
    if answer is None:
        return Fate.UNANSWERED
    pieces, stray = _pieces(answer, markup)
    sent = set(range(1, marks + 1))
    if stray & sent or not sent <= pieces.keys():
        return Fate.LOST
    once = all(pieces[number] == 1 for number in sent)
    return Fate.EXACT if once and not stray and pieces.keys() == sent else Fate.SPLIT


def best(found: Iterable[Survival]) -> Survival:
    """The style of which most segments are exact; of equals the one with fewer losses, then with fewer other words."""
    return min(found, key=lambda s: (-s.share(Fate.EXACT), s.share(Fate.LOST), s.changed_share))


def table(found: Sequence[Survival]) -> list[str]:
    """Lines for people, percent of the segments; the best style bears a star."""
    head = f"{'style':10}" + "".join(f"{fate:>12}" for fate in Fate) + f"{'other words':>14}"
    winner = best(found).markup if found else None
    lines = [
        f"{survived.markup + (' *' if survived.markup == winner else ''):10}"
        + "".join(f"{survived.share(fate):>10.0f} %" for fate in Fate)
        + f"{survived.changed_share:>12.0f} %"
        for survived in found
    ]
    return [head, *lines]


def _in_sentences(text: str, spans: Iterable[Span]) -> list[Segment]:
    ordered = sorted(set(spans), key=lambda span: (span.start, span.end))
    found: list[Segment] = []
    start = 0
    for piece in sentences(text, Markup.HTML):
        core = piece.strip()
        first = start + piece.index(core)
        kept = _apart(
            Span(s.start - first, s.end - first)
            for s in ordered
            if first <= s.start < s.end <= first + len(core)
        )
        if kept and len(core) <= LONGEST_CHARS:
            found.append(Segment(core, kept))
        start += len(piece)
    return found


def _apart(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Those that begin after the one before has ended."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start > kept[-1].end:
            kept.append(span)
    return tuple(kept)


def _pieces(answer: str, markup: Markup) -> tuple[Counter[int], set[int]]:
    """How many ranges with some text each mark has, and the marks with a tag to spare or an empty range."""
    pieces: Counter[int] = Counter()
    stray: set[int] = set()
    opened: dict[int, bool] = {}
    for token in read(answer, markup):
        if isinstance(token, str):
            opened = {number: filled or bool(token.strip()) for number, filled in opened.items()}
        elif not token.closing:
            if token.number in opened:
                stray.add(token.number)
            opened[token.number] = False
        elif opened.pop(token.number, False):
            pieces[token.number] += 1
        else:
            stray.add(token.number)
    return pieces, stray | opened.keys()


def _text(answer: str, markup: Markup) -> str:
    return " ".join("".join(token for token in read(answer, markup) if isinstance(token, str)).split())
