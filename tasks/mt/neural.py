"""What all local neural engines share: segments cut to a model's limit, batched by length, and joined again.

Which library runs the model is the business of `tasks.mt.local`; here a model is whatever follows `Model`.

Nothing is cut in silence: a source that is too long is split (`tasks.mt.sentences`), and a segment of which a piece
has no whole translation (the model ran into its limit before it ended the sentence, or said nothing) is answered with
None, because the same model would say the same again. A segment too large for the machine's memory is `TooLarge`.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from tasks.mt.engine import Billing, Identity, Limits
from tasks.mt.errors import TooLarge, UnknownPair
from tasks.mt.families import Family, short_code
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate
from tasks.mt.sentences import VERSION, Piece, fitted, piece_of, space_after

MARKUPS = (Markup.LETTERS, Markup.TAGS, Markup.HTML, Markup.BRACKETS)
"""Styles of marks for models that read plain text, the one that they know best first."""

_TARGET_RATIO, _TARGET_EXTRA = 3, 48
_ALIKE, _NEAR = 0.6, 4


class OutOfMemory(Exception):
    """A batch did not fit into the device's memory; never leaves this package."""


class Model(Protocol):
    """A translation model with its tokenizer. Ids are those of the model's vocabulary."""

    @property
    def family(self) -> Family:
        """What kind of model it is."""
        ...

    @property
    def positions(self) -> int:
        """The most tokens that it has positions for."""
        ...

    @property
    def version(self) -> str:
        """`sha256:...` of its weights and of what else of its files shapes the output."""
        ...

    def targets(self, source: str) -> list[str]:
        """The languages that it translates `source` into, sorted."""
        ...

    def encode(self, text: str, source: str, target: str) -> list[int]:
        """A text as the model reads it, language tokens and end included; empty where nothing is to read."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of an answer."""
        ...

    def generate(self, rows: Sequence[Sequence[int]], target: str, limit: int) -> list[list[int] | None]:
        """An answer to each row, without special tokens; None where it does not end within `limit` tokens.

        Raises:
            OutOfMemory: the batch is too large for the device.
            BrokenAnswer: the model failed in another way.
        """
        ...


@dataclass(frozen=True, slots=True)
class Cutting:
    """How segments are cut and batched.

    Args:
        max_source: the most tokens of a source, language token and end included.
        alone: each sentence is translated by itself, also where several would fit.
        batch_tokens: the most padded source tokens of one batch; no part of an identity, for answers do not hang on it.
    """

    max_source: int
    alone: bool
    batch_tokens: int


class NeuralEngine:
    """A local model as an engine; it is loaded at its first use, and used by one thread at a time.

    Args:
        name: in the catalogue.
        load: opens the model.
        cutting: how segments are cut for that model, and batched.
        options: what of the user's choices changes answers, as the identity shows it.
        markup: the style of its marks.
    """

    markups = MARKUPS
    billing = Billing.NONE
    price_per_million: float | None = None
    limits = Limits(max_segments=256, max_chars=200_000)
    workers = 1
    rate = Rate()

    def __init__(
        self,
        name: str,
        load: Callable[[], Model],
        cutting: Callable[[Model], Cutting],
        options: dict[str, str],
        markup: Markup = MARKUPS[0],
    ) -> None:
        self.name = name
        self.markup = markup
        self._load = load
        self._cutting_of = cutting
        self._options = options
        self._lock = threading.RLock()
        self._loaded: tuple[Model, Cutting] | None = None
        self._batch_tokens = 0

    def identity(self, source: str, target: str) -> Identity:
        """The model by its content, and the decoding options; neither its place nor the device."""
        model, cutting, *_ = self._open(source, target)
        split = "sentences" if cutting.alone else "limit"
        ours = {
            "family": model.family.name,
            "split": split,
            "max_source": str(cutting.max_source),
            "rules": VERSION,
        }
        return Identity(self.name, model.version, {**self._options, **ours})

    def targets(self, source: str) -> list[str]:
        """The languages that the model knows how to reach from `source`."""
        with self._lock:
            return self._model()[0].targets(short_code(source))

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        """Each text translated by itself, pieces of equal length together.

        None stands for a text of which the model does not finish a piece, or finds no word for one.

        Raises:
            UnknownPair: the model does not translate this pair.
            EngineMissing: the model or a package that it needs is not on this machine.
            TooLarge: not even one piece alone fits into memory.
            BrokenAnswer: the model failed.
        """
        with self._lock:
            model, cutting, source, target = self._open(source, target)
            cut = [self._pieces(text, model, cutting, source, target) for text in texts]
            cores = dict.fromkeys(piece.core for pieces in cut for piece in pieces)
            rows = {core: model.encode(core, source, target) for core in cores}
            answers = self._answers(rows, model, cutting, target)
        return [
            _joined(pieces, answers, source, target) if pieces else text
            for text, pieces in zip(texts, cut, strict=True)
        ]

    def _open(self, source: str, target: str) -> tuple[Model, Cutting, str, str]:
        with self._lock:
            model, cutting = self._model()
        source, target = short_code(source), short_code(target)
        if target not in (targets := model.targets(source)):
            raise UnknownPair.of(self.name, source, target, targets)
        return model, cutting, source, target

    def _model(self) -> tuple[Model, Cutting]:
        if self._loaded is None:
            model = self._load()
            self._loaded = model, self._cutting_of(model)
            self._batch_tokens = self._loaded[1].batch_tokens
        return self._loaded

    def _pieces(self, text: str, model: Model, cutting: Cutting, source: str, target: str) -> list[Piece]:
        def fits(piece: str) -> bool:
            return len(model.encode(piece, source, target)) <= cutting.max_source

        if not text.strip():
            return []
        parts = fitted(text, self.markup, fits, alone=cutting.alone, language=source)
        return [piece_of(part) for part in parts]

    def _answers(
        self, rows: dict[str, list[int]], model: Model, cutting: Cutting, target: str
    ) -> dict[str, str | None]:
        """The translation of each core; one that the model cannot read is its own, one too long for it has none."""
        answers: dict[str, str | None] = {core: core for core, row in rows.items() if not row}
        answers |= {core: None for core, row in rows.items() if len(row) > cutting.max_source}
        # Longest first: what memory cannot hold shows at once, and neighbours need little padding.
        waiting = sorted((core for core in rows if core not in answers), key=lambda core: -len(rows[core]))
        while waiting:
            batch = self._batch(waiting, rows)
            if (found := self._generate([rows[core] for core in batch], model, target)) is not None:
                answers |= zip(batch, found, strict=True)
                del waiting[: len(batch)]
        return answers

    def _batch(self, waiting: list[str], rows: dict[str, list[int]]) -> list[str]:
        """The first that fit together, none much shorter than the longest: it would be padded more than read."""
        longest = len(rows[waiting[0]])
        most = max(1, self._batch_tokens // longest)
        return list(takewhile(lambda core: len(rows[core]) + _NEAR >= longest * _ALIKE, waiting[:most]))

    def _generate(self, rows: list[list[int]], model: Model, target: str) -> list[str | None] | None:
        """The translations of one batch; none at all, and smaller batches from now on, where memory is too small."""
        limits = [min(model.family.max_target, _TARGET_RATIO * len(row) + _TARGET_EXTRA) for row in rows]
        try:
            found = model.generate(rows, target, max(limits))
        except OutOfMemory as error:
            if len(rows) == 1:
                raise TooLarge(
                    f"The engine {self.name!r} has not enough memory for one text of {len(rows[0])} tokens; "
                    "free some, or use a smaller model, fewer beams or ?device=cpu."
                ) from error
            self._batch_tokens = len(rows) * len(rows[0]) // 2
            return None
        # A row's limit is its own, whatever it shares a batch with.
        return [
            None if ids is None or len(ids) >= limit else model.decode(ids).strip() or None
            for ids, limit in zip(found, limits, strict=True)
        ]


def _joined(pieces: Sequence[Piece], answers: dict[str, str | None], source: str, target: str) -> str | None:
    parts: list[str] = []
    for place, piece in enumerate(pieces, 1):
        answer = answers[piece.core]
        if answer is None:
            return None
        parts += (
            piece.before,
            answer,
            piece.after if place == len(pieces) else space_after(piece, source, target),
        )
    return "".join(parts)
