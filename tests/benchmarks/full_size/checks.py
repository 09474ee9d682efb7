"""What must hold of the builds whatever the machine: counts to the row, and what may be asked of an engine."""

from collections.abc import Sequence

from storage.examples import Example
from storage.snapshots import SnapshotStore
from storage.store import Store
from tasks.mt.markup import Markup, closing, opening
from tasks.projection.contexts import mark_contexts
from tasks.projection.marking import plain
from tests.benchmarks.full_size.losses import KEPT, REASONS, faults


def reconciled(store: Store, snapshot: str, questions: int) -> dict[str, dict[str, int]]:
    """Kept and rejected rows of T(C) by language, from the rows themselves.

    Raises:
        AssertionError: they do not add up to the questions of the source.
    """
    shelf = SnapshotStore(store)
    found = shelf.find(snapshot)
    counts: dict[str, dict[str, int]] = {}
    for rejected in (False, True):
        columns = ["context_language", *(["reason"] if rejected else [])]
        for batch in shelf.batches(found, columns, rejected=rejected):
            for row in batch.to_pylist():
                of_language = counts.setdefault(row["context_language"], {})
                name = row.get("reason", "kept")
                of_language[name] = of_language.get(name, 0) + 1
    for language, of_language in counts.items():
        if sum(of_language.values()) != questions:
            raise AssertionError(f"{language}: {of_language} are not {questions:,} rows")
    return counts


def expected(examples: Sequence[Example]) -> dict[str, int]:
    """Rows that the paper's rule keeps of each language."""
    return {
        language: len(examples) - sum(fault in REASONS for fault in faults(examples, language).values())
        for language in KEPT
    }


def contexts_sent(examples: Sequence[Example]) -> int:
    """Characters of the marked contexts, each sent once."""
    return sum(len(marked.text) for marked in mark_contexts(examples, Markup.HTML))


def one_copy_each(examples: Sequence[Example]) -> int:
    """Characters of one copy of the context for each question, with the tags of its answer alone."""
    tags = len(opening(1, Markup.HTML) + closing(1, Markup.HTML))
    return sum(len(plain(example.context, Markup.HTML)) + tags for example in examples)
