"""What becomes of a marked answer: found again, or rejected for a named reason."""

from dataclasses import dataclass
from enum import StrEnum

from storage.examples import Span
from storage.silver import Reason


class Method(StrEnum):
    """How an answer was found; stored with the row. From `EXACT` on they are the rungs of the ladder, in its order."""

    PAPER = "paper"
    """Exactly one pair of tags came back, and the edges are as they came (Bornea et al. 2021, Sec. 3.1)."""
    EXACT = "exact"
    """Exactly one pair of tags came back, just as it was sent."""
    MENDED = "mended"
    """The tags came back misspelt, doubled or half, and were put right."""
    COVER = "cover"
    """From the first piece of a split answer to its last."""
    CORE = "core"
    """The same without the pieces that stand far off."""
    VERBATIM = "verbatim"
    """The answer stands in the translation unchanged: a number, a name."""
    ALONE = "alone"
    """The answer as it is translated by itself stands there, or something very like it."""
    ALIGNED = "aligned"
    """The words aligned with those of the answer."""


@dataclass(frozen=True, slots=True)
class Projection:
    """An answer found again: `context[span.start:span.end] == text` in the translated context.

    `source` is its span before translation. `confidence` (0 to 1) is the token F1 that may be expected against a
    human's answer (`tasks.projection.confidence`); by the paper's rule, the share of `text` that stood between tags.
    """

    source: Span
    text: str
    span: Span
    method: Method
    confidence: float


@dataclass(frozen=True, slots=True)
class Rejection:
    """An answer that was not found again, and why; `source` is its span before translation."""

    source: Span
    reason: Reason
    detail: str = ""


Outcome = Projection | Rejection


@dataclass(frozen=True, slots=True)
class Projected:
    """A translated context free of marks, with one outcome per marked span, in the order of `Marked.spans`."""

    context: str
    outcomes: tuple[Outcome, ...]
