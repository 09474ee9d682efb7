"""A memory of this call alone: whoever checks or watches an engine must hear what it says now."""

from collections.abc import Mapping, Sequence

from storage.silver import Refusal


class FreshMemory:
    """Knows nothing at first; kept nowhere."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.refused: dict[str, Refusal] = {}

    def lookup(self, texts: Sequence[str]) -> dict[str, str]:
        """The translations that came back so far."""
        return {text: self.known[text] for text in texts if text in self.known}

    def add(self, pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Hold (text, translation) pairs."""
        self.known.update(pairs)
        return dict(pairs)

    def refusals(self, texts: Sequence[str]) -> dict[str, Refusal]:
        """What is known of texts without a usable translation."""
        return {text: self.refused[text] for text in texts if text in self.refused}

    def refuse(self, refusals: Mapping[str, Refusal]) -> None:
        """Hold, by text, that an answer was unusable."""
        self.refused.update(refusals)
