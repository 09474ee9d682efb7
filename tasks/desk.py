"""The desk at which the texts of a shard are put to an engine, in the ways that it takes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.examples import Example
from storage.memory import TranslationMemory
from storage.silver import Refusal
from tasks.mt.budget import Budget
from tasks.mt.client import Usage, translate
from tasks.mt.engine import Engine
from tasks.mt.pace import Pace
from tasks.projection.marking import Marked
from tasks.projection.segments import Kind, marked_segments
from tasks.projection.sentencewise import ALONE, ask_by_sentences
from tasks.projection.ways import other_ways

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that stays the same while a shard is translated; `sentencewise`: contexts go sentence by sentence."""

    engine: Engine
    memory: TranslationMemory
    generation: str
    language: str
    workers: int | None
    pace: Pace
    budget: Budget
    on_progress: Callable[[int, int], None]
    sentencewise: bool = False
    source: str = "en"

    def rows(
        self, examples: Sequence[Example], kind: Kind, retry_markup: bool
    ) -> tuple[list[Json], list[Usage]]:
        """The rows of the shard's part, segments in source order, then what was sent instead of the refused ones."""
        return self.rows_of(marked_segments(examples, kind, self.engine.markup), kind, retry_markup)

    def rows_of(
        self, segments: Iterable[Marked], kind: Kind, retry_markup: bool = False
    ) -> tuple[list[Json], list[Usage]]:
        """The same of marked segments, whatever they are made of."""
        marked = {segment.text: segment for segment in segments}
        most_chars = segment_chars(self.engine, kind, sentencewise=self.sentencewise)
        if most_chars is not None:
            return self._by_sentences(marked, most_chars, retry_markup)
        usage = self.asked(list(marked))
        found, usages = usage.translations, [usage]

        def ask(texts: Sequence[str]) -> Mapping[str, str]:
            usages.append(self.asked(texts))
            return usages[-1].translations

        if retry_markup and usage.refused:
            found = {
                **found,
                **other_ways([s for text, s in marked.items() if text in usage.refused], ask, self.language),
            }
        texts = [*marked, *(text for text in found if text not in marked)]
        return [_row(text, found.get(text), usage.refused.get(text)) for text in texts], usages

    def _by_sentences(
        self, marked: Mapping[str, Marked], most_chars: int, retry_markup: bool
    ) -> tuple[list[Json], list[Usage]]:
        usages: list[Usage] = []

        def ask(texts: Sequence[str]) -> tuple[Mapping[str, str], Mapping[str, Refusal]]:
            usage = self.asked(texts)
            usages.append(usage)
            return usage.translations, usage.refused

        found, refused = ask_by_sentences(
            list(marked.values()),
            ask,
            most_chars,
            plainly=retry_markup,
            target=self.language,
        )
        return [_row(text, found.get(text), refused.get(text)) for text in marked], usages

    def asked(self, texts: Sequence[str]) -> Usage:
        """What came of texts: their usable translations, and what it took."""
        return translate(
            self.engine,
            texts,
            self.source,
            self.language,
            memory=self.memory.of(self.generation, self.source, self.language),
            workers=self.workers,
            pace=self.pace,
            budget=self.budget,
            on_progress=self.on_progress,
        )


def segment_chars(engine: Engine, kind: Kind, *, sentencewise: bool) -> int | None:
    """The most characters of a context that are sent in one segment; None: all of it."""
    if kind is not Kind.CONTEXTS:
        return None
    return ALONE if sentencewise else engine.limits.segment_chars


def _row(text: str, translation: str | None, refusal: Refusal | None) -> Json:
    if translation is not None or refusal is None:
        return {"text": text, "translation": translation, "reason": None, "detail": None}
    return {"text": text, "translation": None, "reason": str(refusal.reason), "detail": refusal.detail}
