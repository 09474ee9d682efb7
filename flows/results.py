"""What a finished build says of itself: small JSON that scripts and the Prefect UI can read."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from storage.silver import SilverSet
from storage.snapshots import Snapshot
from tasks.translation import Sent


def build_result(snapshots: Mapping[SilverSet, Snapshot], sent: Sent, seconds: float) -> dict[str, Any]:
    """Ids and rows by set, rejected rows by language and reason, and what this run asked of the engines.

    A source question that is rejected from several sets for one reason is counted once.
    """
    return {
        "snapshots": {str(silver_set): snapshot.id for silver_set, snapshot in snapshots.items()},
        "rows": {str(silver_set): snapshot.rows for silver_set, snapshot in snapshots.items()},
        "rejected": _rejected(snapshots),
        "requests": sent.requests,
        "characters_sent": sent.characters,
        "seconds": round(seconds, 1),
    }


def _rejected(snapshots: Mapping[SilverSet, Snapshot]) -> dict[str, dict[str, int]]:
    """The larger count of the sets: T(C) and T(Q+C) reject the same ids."""
    by_language: dict[str, Counter[str]] = {}
    for snapshot in snapshots.values():
        for part, figures in snapshot.manifest["statistics"]["parts"].items():
            counts = by_language.setdefault(part.rpartition("-")[2], Counter())
            counts |= Counter(figures["reasons"])
    return {language: dict(counts) for language, counts in sorted(by_language.items()) if counts}
