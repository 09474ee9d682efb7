"""The statistics of a set counted from the rows of its parts, as the steps that make the parts count them."""

from collections.abc import Mapping
from typing import Any

from storage.parts import Part, read_part
from storage.store import Store
from tasks.publication import statistics_of_set
from tasks.shards.counting import KEPT_COLUMNS, kept_counts, rejected_counts


def snapshot_statistics(
    store: Store, kept: Mapping[str, Part], rejected: Mapping[str, Part]
) -> dict[str, Any]:
    """What a snapshot of these parts, given by label, says of them."""
    return statistics_of_set(
        {label: kept_counts(read_part(store, part, KEPT_COLUMNS)) for label, part in kept.items()},
        {label: rejected_counts(read_part(store, part, ["reason"])) for label, part in rejected.items()},
    )
