"""The engine of a made-up world (`tasks.laboratory`): translates by rule, with noise and faulty marks as it is told.

Its argument is the file `world.json` of a world; options as in the query of an address change its noise and the
shares of marks that are lost, split or moved: `laboratory:world.json?noise=0.1&lost=0.76`.
"""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl

from pydantic import ValidationError

from storage.errors import InputError, UsageError
from storage.hashing import content_id
from tasks.laboratory.concepts import ENGLISH
from tasks.laboratory.faults import marked
from tasks.laboratory.knobs import Faults, Knobs
from tasks.laboratory.tongues import make_tongues
from tasks.laboratory.translating import Piece, Span, Translator
from tasks.mt.engine import Billing, Identity, Limits
from tasks.mt.errors import UnknownPair
from tasks.mt.languages import short
from tasks.mt.markup import Markup, Tag, closing, escape, opening, read
from tasks.mt.pace import Rate

VERSION = "1"
"""Raised whenever the same text would be translated otherwise."""

OPTIONS = ("noise", *Faults.model_fields)


class Laboratory:
    """An engine whose answers are a function of the segment, the world and the options."""

    name = "laboratory"
    markup = Markup.HTML
    markups = (Markup.HTML,)
    billing = Billing.NONE
    price_per_million: float | None = None
    limits = Limits(max_segments=1000, max_chars=10_000_000)
    workers = 1
    rate = Rate()

    def __init__(self, knobs: Knobs) -> None:
        self._knobs = knobs
        spoken = {"seed": knobs.seed, "languages": knobs.all_languages}
        self._world = content_id(spoken)
        tongues = make_tongues(knobs.seed, knobs.all_languages)
        self._translators = {
            short(code): Translator(tongues, code, knobs.noise, self._world)
            for code in knobs.all_languages
            if code != ENGLISH
        }

    def identity(self, source: str, target: str) -> Identity:
        """The world's words, the noise and the faults."""
        self._translator(source, target)
        return Identity(self.name, VERSION, {"world": self._world, **self._knobs.engine_options()})

    def targets(self, source: str) -> list[str]:
        """All other languages of the world, from English."""
        return sorted(self._translators) if short(source) == ENGLISH else []

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        """One translation per text."""
        translator = self._translator(source, target)
        return [self._translated(translator, text, target) for text in texts]

    def _translator(self, source: str, target: str) -> Translator:
        found = self._translators.get(short(target)) if short(source) == ENGLISH else None
        if found is None:
            raise UnknownPair.of(self.name, source, target, self.targets(source))
        return found

    def _translated(self, translator: Translator, segment: str, target: str) -> str:
        plain, marks = _unmarked(segment)
        pieces = translator.translate(plain)
        chance = random.Random(f"{self._world} {short(target)} {segment}")
        return _written(pieces, marked(pieces, marks, self._knobs.faults, chance))


def open_laboratory(argument: str) -> Laboratory:
    """The engine of a world's file, its knobs changed by the options behind it.

    Raises:
        UsageError: no file is named, or an option is unknown or no share.
        InputError: the file is not that of a world.
    """
    where, _, query = argument.partition("?")
    if not where:
        raise UsageError(
            "The engine 'laboratory' needs the file of a world; write for instance: laboratory:world.json."
        )
    return Laboratory(with_options(read_knobs(Path(where)), query))


def read_knobs(path: Path) -> Knobs:
    """The knobs that a world's file holds.

    Raises:
        InputError: it cannot be read, or is not that of a world.
    """
    try:
        return Knobs.model_validate(json.loads(path.read_bytes())["knobs"])
    except OSError as error:
        raise InputError(f"The world {path} cannot be read ({error.strerror}); check the path.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path} is not the file of a world; let `silverspan reproduce` write it."
        ) from error


def with_options(knobs: Knobs, query: str) -> Knobs:
    """The knobs as the options of an engine change them.

    >>> with_options(Knobs(), "lost=0.76").faults.lost
    0.76

    Raises:
        UsageError: an option is unknown or no share.
    """
    given = dict(parse_qsl(query, keep_blank_values=True))
    for name in given:
        if name not in OPTIONS:
            raise UsageError.unknown("option of the engine 'laboratory'", name, OPTIONS)
    noise = given.pop("noise", knobs.noise)
    try:
        faults = {**knobs.faults.model_dump(), **given}
        return Knobs.model_validate({**knobs.model_dump(), "noise": noise, "faults": faults})
    except ValidationError as error:
        told = error.errors()[0]["msg"]
        raise UsageError(
            f"The options {query!r} of the engine 'laboratory' are wrong ({told}); give shares from 0 to 1."
        ) from error


def _unmarked(segment: str) -> tuple[str, dict[int, list[Span]]]:
    """The plain text, and by the number of each mark the spans that it covers."""
    parts: list[str] = []
    length, opened, marks = 0, dict[int, int](), dict[int, list[Span]]()
    for token in read(segment, Markup.HTML):
        if not isinstance(token, Tag):
            parts.append(token)
            length += len(token)
        elif not token.closing:
            opened[token.number] = length
        elif token.number in opened:
            marks.setdefault(token.number, []).append((opened.pop(token.number), length))
    return "".join(parts), marks


def _written(pieces: Sequence[Piece], marks: Sequence[set[int]]) -> str:
    """The translation with a pair of tags around each run of pieces that a mark has."""
    parts: list[str] = []
    before: set[int] = set()
    for piece, own in zip((*pieces, Piece("")), (*marks, set()), strict=True):
        parts += [closing(number) for number in sorted(before - own, reverse=True)]
        parts += [opening(number) for number in sorted(own - before)]
        parts.append(escape(piece.text))
        before = own
    return "".join(parts)
