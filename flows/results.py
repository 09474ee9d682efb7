"""What a finished build says of itself: small JSON that scripts and the Prefect UI can read."""

from collections.abc import Mapping
from typing import Any

from storage.diffing import SilverDiff
from storage.silver import SilverSet
from storage.snapshots import Snapshot
from storage.store import Store
from tasks.mt.bill import Sent
from tasks.publication import rejected_questions


def build_result(
    store: Store, snapshots: Mapping[SilverSet, Snapshot], sent: Sent, canary: Sent, seconds: float
) -> dict[str, Any]:
    """Ids and rows by set, rejected rows by language and reason, and what this run asked of the engines.

    `canary` is what opening a generation took, once for each new engine; it is not in the other two figures.
    A source question that is rejected from several sets for one reason is counted once.
    """
    return {
        "snapshots": {str(silver_set): snapshot.id for silver_set, snapshot in snapshots.items()},
        "rows": {str(silver_set): snapshot.rows for silver_set, snapshot in snapshots.items()},
        "rejected": rejected_questions(store, snapshots.values()),
        "requests": sent.requests,
        "characters_sent": sent.characters,
        "canary": {"requests": canary.requests, "characters_sent": canary.characters},
        "seconds": round(seconds, 1),
    }


def diff_result(diff: SilverDiff, path: str) -> dict[str, Any]:
    """The file of a diff in the store, and its counts by language."""
    return {
        "path": path,
        "before": dict(diff.before),
        "after": dict(diff.after),
        "languages": {language: part.to_json() for language, part in diff.languages().items()},
    }
