"""What stands in for an engine and for the translation memory where a test needs neither service nor database."""

import threading
from collections.abc import Mapping, Sequence

from storage.silver import Refusal
from tasks.mt.engine import Billing, Identity, Limits
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate


class Declared:
    """All that an engine says of itself, of one at twenty dollars a million; what it answers comes with a subclass."""

    name = "declared"
    limits = Limits(max_segments=2, max_chars=100)
    markup = Markup.HTML
    markups = (Markup.HTML,)
    billing = Billing.CHARACTERS
    price_per_million: float | None = 20.0
    workers = 1
    rate = Rate()

    def identity(self, source: str, target: str) -> Identity:
        return Identity(self.name, "1")

    def targets(self, source: str) -> list[str]:
        return ["ca", "es"]


class Memory(dict[str, str]):
    """A memory that refuses other threads, as the client promises to spare it."""

    def __init__(self, *args: tuple[str, str]) -> None:
        super().__init__(args)
        self.refused: dict[str, Refusal] = {}
        self.thread = threading.get_ident()

    def lookup(self, texts: Sequence[str]) -> dict[str, str]:
        assert threading.get_ident() == self.thread
        return {text: self[text] for text in texts if text in self}

    def add(self, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
        assert threading.get_ident() == self.thread
        self.update((text, made) for text, made in pairs if text not in self)
        return {text: self[text] for text, _ in pairs}

    def refusals(self, texts: Sequence[str]) -> dict[str, Refusal]:
        assert threading.get_ident() == self.thread
        return {text: self.refused[text] for text in texts if text in self.refused}

    def refuse(self, refusals: Mapping[str, Refusal]) -> None:
        assert threading.get_ident() == self.thread
        self.refused.update(refusals)
