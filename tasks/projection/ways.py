"""Other ways to have a context or question translated of which no usable translation came back.

In this order: every answer alone in its tags, a copy of the context each; sentence by sentence; without any tags. What
is sent are ordinary segments, remembered and checked like all others.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from tasks.projection.marking import Marked, mark, plain
from tasks.projection.sentencewise import joined, sentence_segments

Ask = Callable[[Sequence[str]], Mapping[str, str]]
"""Has texts translated; gives the usable translations."""


def single_copies(marked: Marked) -> list[Marked]:
    """A copy of a context for each of its answers, with no other tags in it.

    >>> from storage.examples import Span
    >>> [copy.text for copy in single_copies(mark("red old car", [Span(0, 3), Span(4, 7)])[0])]
    ['<b1>red</b1> old car', 'red <b1>old</b1> car']
    """
    return [copy for span in marked.spans for copy in mark(marked.context, [span], marked.markup)]


def other_ways(refused: Sequence[Marked], ask: Ask, target: str = "") -> dict[str, str]:
    """Translations by text of what was sent instead of the refused segments, as far as it came to something.

    A segment that was put together from its sentences stands under its own text, all others under what was sent.

    Args:
        refused: segments of which no usable translation came back.
        ask: has texts translated.
        target: the language into which, for the space between sentences.
    """
    found: dict[str, str] = {}
    left = list(refused)
    for way in (_singly, partial(_by_sentences, target), _plainly):
        done, made = way(left, ask)
        found.update(made)
        left = [marked for marked in left if marked.text not in done]
    return found


def texts_of_ways(marked: Marked) -> list[list[str]]:
    """All that `other_ways` may send for a segment, way by way."""
    return [_singles(marked), _sentences(marked), _plain(marked)]


Outcome = tuple[set[str], Mapping[str, str]]
"""The segments that need no further way, and translations by text."""


def _singly(left: Sequence[Marked], ask: Ask) -> Outcome:
    answers = ask(_distinct(map(_singles, left)))
    copies = {marked.text: _singles(marked) for marked in left}
    return {text for text, sent in copies.items() if sent and all(copy in answers for copy in sent)}, answers


def _by_sentences(target: str, left: Sequence[Marked], ask: Ask) -> Outcome:
    answers = ask(_distinct(map(_sentences, left)))
    whole = {marked.text: joined(marked, answers, target=target) for marked in left if _sentences(marked)}
    found = {text: translation for text, translation in whole.items() if translation is not None}
    return set(found), found


def _plainly(left: Sequence[Marked], ask: Ask) -> Outcome:
    answers = ask(_distinct(map(_plain, left)))
    return {marked.text for marked in left if set(_plain(marked)) & answers.keys()}, answers


def _singles(marked: Marked) -> list[str]:
    """Nothing where the answer stands alone already."""
    return [copy.text for copy in single_copies(marked)] if len(marked.spans) > 1 else []


def _sentences(marked: Marked) -> list[str]:
    """Nothing where there is but one sentence."""
    segments = sentence_segments([marked])
    return segments if segments != [marked.text.strip()] else []


def _plain(marked: Marked) -> list[str]:
    """Nothing where there are no tags."""
    return [plain(marked.context, marked.markup)] if marked.spans else []


def _distinct(texts: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(text for some in texts for text in some))
