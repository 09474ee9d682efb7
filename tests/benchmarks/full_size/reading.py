"""What reads a finished snapshot: features for a training, and the statistics of a report; each in its own process.

    python -m tests.benchmarks.full_size.reading features|report STORE SNAPSHOT

Prints `{"rows": n, "seconds": s, ...}`. Features are those of mBERT, whose vocabulary is looked for in ../shared/data.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store

Json = dict[str, Any]


def features(store: Store, snapshot: Snapshot) -> Json:
    """Training rows of T(ALL), and their windows with labels, every text tokenised once."""
    from model.features import make_windows
    from model.progress import ignore
    from model.rows import read_rows
    from model.systems import SYSTEMS
    from tests.benchmarks.peers import DATA, DOC_STRIDE, MAX_LENGTH, mbert_tokenizer

    rows = read_rows([store.local_path(name) for name in snapshot.parts], SYSTEMS["tall"], ())
    with tempfile.TemporaryDirectory() as cache:
        windows = make_windows(
            mbert_tokenizer(DATA),
            rows.texts,
            max_length=MAX_LENGTH,
            doc_stride=DOC_STRIDE,
            on_progress=ignore,
            cache=Path(cache),
        )
        positions = windows.answer_positions(rows.spans)
    return {"rows": len(rows), "windows": len(windows), "labelled": int((positions[:, 0] > 0).sum())}


def report(store: Store, snapshot: Snapshot) -> Json:
    """Table 1's figures from the rows themselves, one batch of them in memory at a time."""
    import pyarrow as pa

    from tasks.shards.counting import KEPT_COLUMNS, kept_counts, statistics_of

    batches = SnapshotStore(store).batches(snapshot, KEPT_COLUMNS)
    found = statistics_of(kept_counts(pa.Table.from_batches([batch])) for batch in batches)
    told = snapshot.manifest["statistics"]["table1"]
    if found.types != told["types"]:
        raise AssertionError(f"the rows are {found.types}, the manifest says {told['types']}")
    return {"rows": found.pairs, "question_words": found.question_words}


READERS: dict[str, Callable[[Store, Snapshot], Json]] = {"features": features, "report": report}


def main() -> None:
    """Read once."""
    name, url, snapshot = sys.argv[1:4]
    store, began = Store(url), time.monotonic()
    found = READERS[name](store, SnapshotStore(store).find(snapshot))
    print(json.dumps({**found, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main()
