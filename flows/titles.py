"""What runs are called in Prefect's UI: what was done, to what, and when."""

from collections.abc import Iterable
from datetime import UTC, datetime


def title(*words: str) -> str:
    """Such as `build es,de apertium 2026-11-22`, by the day's date in UTC."""
    return " ".join([*words, datetime.now(UTC).date().isoformat()])


def joined(names: Iterable[str]) -> str:
    """Names as one word.

    >>> joined(["es", "de"])
    'es,de'
    """
    return ",".join(names)
