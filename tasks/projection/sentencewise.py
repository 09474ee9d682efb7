"""Contexts sent sentence by sentence, for engines with short inputs, and put together again from what came back.

A sentence with an answer keeps the tags that it has in the whole context, with their numbers; all others are plain and
so are shared by the copies of a context. What comes back is joined to one marked translation of the whole context:
from there on everything is as if that had been sent, and offsets are those of the joined text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from storage.silver import Reason, Refusal
from tasks.mt.markup import Markup, Tag, closing, escape, opening, read
from tasks.mt.sentences import Piece, fitted, piece_of, space_after
from tasks.projection.marking import Marked

Ask = Callable[[Sequence[str]], tuple[Mapping[str, str], Mapping[str, Refusal]]]
"""Has texts translated; gives the usable translations, and why there are no others."""

ALONE = 0
"""Each sentence is a segment of its own."""


def pieces(marked: Marked, most_chars: int = ALONE, language: str = "en") -> list[Piece]:
    """The sentences of a marked context; one piece where a mark reaches over several.

    Law: put together with the white space round them they are the text, and every mark is opened and closed in one of
    them, unless it is itself longer than `most_chars`.

    Args:
        marked: a context as it would be sent in one segment.
        most_chars: the most that the engine takes in a segment. So many neighbours as fit are sent with a sentence, for
            they are what an engine can tell from what is meant; `ALONE`: none.
        language: of the context.
    """

    def fits(piece: str) -> bool:
        return most_chars == ALONE or len(piece) <= most_chars

    parts = fitted(marked.text, marked.markup, fits, alone=most_chars == ALONE, language=language)
    return [piece_of(part) for part in parts]


def sentence_segments(marked: Iterable[Marked], most_chars: int = ALONE, language: str = "en") -> list[str]:
    """The distinct texts to be sent instead of the marked ones, in source order."""
    cores = (piece.core for each in marked for piece in pieces(each, most_chars, language))
    return list(dict.fromkeys(core for core in cores if core))


def without_marks(segments: Iterable[str], markup: Markup) -> list[str]:
    """The distinct plain texts of those segments that have marks: what is asked for where these came to nothing.

    >>> without_marks(["A <b1>dog</b1>.", "It ran.", "R&amp;D <b2>costs</b2>."], Markup.HTML)
    ['A dog.', 'R&amp;D costs.']
    """
    plain = ((segment, _plain(segment, markup)) for segment in segments)
    return list(dict.fromkeys(text for segment, text in plain if text != segment))


def joined(
    marked: Marked,
    translations: Mapping[str, str],
    most_chars: int = ALONE,
    *,
    source: str = "en",
    target: str,
) -> str | None:
    """The translation of a marked context put together from those of its sentences; None where one has none.

    Of a sentence that has only a translation without marks that one is taken: its answers are lost, and no others.
    Tags in a sentence's translation that its source does not have are dropped: no sentence spoils another's marks.

    Args:
        marked: the context as it would be sent in one segment.
        translations: what came back, by sentence.
        most_chars: as they were cut.
        source: language of the context.
        target: language of the translations.

    >>> from tasks.projection.marking import mark
    >>> from storage.examples import Span
    >>> context = mark("A dog. It ran.", [Span(2, 5)])[0]
    >>> joined(context, {"A <b1>dog</b1>.": "Un <b1>perro</b1>.", "It ran.": "Corrió."}, target="es")
    'Un <b1>perro</b1>. Corrió.'
    """
    cut = pieces(marked, most_chars, source)
    parts: list[str] = []
    for place, piece in enumerate(cut, 1):
        answer = _answer(piece.core, translations, marked.markup)
        if answer is None:
            return None
        parts += (
            piece.before,
            answer,
            piece.after if place == len(cut) else space_after(piece, source, target),
        )
    return "".join(parts)


def all_joined(
    marked: Iterable[Marked],
    translations: Mapping[str, str],
    refusals: Mapping[str, Refusal] = MappingProxyType({}),
    most_chars: int = ALONE,
    *,
    source: str = "en",
    target: str,
) -> tuple[dict[str, str], dict[str, Refusal]]:
    """The translations of whole contexts by marked text, and why the others have none.

    Args:
        marked: the contexts as they would be sent in one segment.
        translations: what came back, by sentence.
        refusals: why nothing usable came back, by sentence.
        most_chars: as they were cut.
        source: language of the contexts.
        target: language of the translations.
    """
    found: dict[str, str] = {}
    lost: dict[str, Refusal] = {}
    for each in marked:
        whole = joined(each, translations, most_chars, source=source, target=target)
        if whole is not None:
            found[each.text] = whole
        else:
            cores = (piece.core for piece in pieces(each, most_chars, source))
            lost[each.text] = next(_missing(cores, translations, refusals, each.markup))
    return found, lost


def ask_by_sentences(
    marked: Sequence[Marked],
    ask: Ask,
    most_chars: int = ALONE,
    *,
    plainly: bool = True,
    source: str = "en",
    target: str,
) -> tuple[dict[str, str], dict[str, Refusal]]:
    """Have contexts translated by sentences: what `all_joined` gives for them.

    Args:
        marked: the contexts as they would be sent in one segment, all in one style of marks.
        ask: has texts translated.
        most_chars: as in `pieces`.
        plainly: whether marked sentences without a usable translation are asked for again without their marks.
        source: language of the contexts.
        target: language of the translations.
    """
    segments = sentence_segments(marked, most_chars, source)
    answers, refusals = ask(segments)
    if plainly and (refused := [text for text in segments if text not in answers]):
        answers = {**answers, **ask(without_marks(refused, marked[0].markup))[0]}
    return all_joined(marked, answers, refusals, most_chars, source=source, target=target)


def _missing(
    cores: Iterable[str], translations: Mapping[str, str], refusals: Mapping[str, Refusal], markup: Markup
) -> Iterator[Refusal]:
    for core in cores:
        if _answer(core, translations, markup) is None:
            yield refusals.get(core, Refusal(Reason.NOT_TRANSLATED, "a sentence has no usable translation"))


def _answer(core: str, translations: Mapping[str, str], markup: Markup) -> str | None:
    if not core:
        return ""
    if (answer := translations.get(core)) is not None:
        return _with_own_marks(answer.strip(), core, markup)
    answer = translations.get(_plain(core, markup))
    return None if answer is None else _with_own_marks(answer.strip(), "", markup)


def _with_own_marks(answer: str, core: str, markup: Markup) -> str:
    own = {token.number for token in read(core, markup) if isinstance(token, Tag)}
    tokens = list(read(answer, markup))
    if all(isinstance(token, str) or token.number in own for token in tokens):
        return answer
    return "".join(
        _written(token, markup) for token in tokens if isinstance(token, str) or token.number in own
    )


def _written(token: str | Tag, markup: Markup) -> str:
    if isinstance(token, str):
        return escape(token, markup)
    return (closing if token.closing else opening)(token.number, markup)


def _plain(segment: str, markup: Markup) -> str:
    return "".join(escape(token, markup) for token in read(segment, markup) if isinstance(token, str))
