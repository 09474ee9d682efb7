"""Diffs of silver builds: every row gained, lost or changed is counted once, with its reason."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.diffing import EXAMPLES, GONE, NEW, OFFSET, SilverDiff, diff_silver
from storage.examples import Answer, Example
from storage.parts import write_part
from storage.silver import Reason, SilverSet
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store
from tasks.projection.contexts import AnsweredContext
from tasks.projection.sets import Label, assemble, english_rows
from tests.storage.part_statistics import snapshot_statistics

Contexts = Mapping[str, AnsweredContext]


def example(i: str) -> Example:
    return Example(i, "T", f"Who {i}?", f"{i} was here.", (Answer(i, 0),))


def kept(answer: str, context: str = "{} estuvo aquí.") -> AnsweredContext:
    text = context.format(answer)
    return AnsweredContext(text, (Answer(answer, text.index(answer)),), "exact", 1.0)


def lost(reason: Reason) -> AnsweredContext:
    return AnsweredContext("", (), "", 0.0, reason)


def built(
    store: Store,
    contexts: Contexts,
    silver_set: SilverSet = SilverSet.TC,
    language: str = "es",
    number: int = 1,
) -> Snapshot:
    """One set in one language, and the English rows."""
    examples = [example(i) for i in contexts]
    types = ["who"] * len(examples)
    label = Label(silver_set, language, f"deepl/{language}/{number}-ab")
    rows = assemble(label, examples, types, {e.question: e.question.upper() for e in examples}, contexts)
    name = f"{silver_set}-{language}-00000"
    parts = {
        "en-00000": write_part(store, english_rows(examples, types)),
        name: write_part(store, rows.kept),
    }
    rejected = {name: write_part(store, rows.rejected)}
    return SnapshotStore(store).commit(
        f"squad-{silver_set}",
        {label: part for label, part in parts.items() if part.rows},
        rejected,
        recipe={"engines": {}},
        statistics=snapshot_statistics(store, parts, rejected),
        card="",
    )


def part(diff: SilverDiff, name: str = "tc-es") -> dict[str, Any]:
    return diff.parts[name].to_json()


def test_each_row_has_its_kind_and_reason(store: Store) -> None:
    before = {
        "same": kept("same"),
        "answer": kept("answer"),
        "context": kept("context"),
        "offset": kept("o", "o y o: {}"),
        "lost": kept("lost"),
        "gained": lost(Reason.TAGS_LOST),
        "neither": lost(Reason.EMPTY),
        "gone": kept("gone"),
    }
    after = {
        "same": kept("same"),
        "answer": AnsweredContext("answer estuvo aquí.", (Answer("aquí", 14),), "exact", 1.0),
        "context": kept("context", "{} anduvo aquí."),
        "offset": AnsweredContext("o y o: o", (Answer("o", 4),), "exact", 1.0),
        "lost": lost(Reason.COPIED),
        "gained": kept("gained"),
        "neither": lost(Reason.COPIED),
        "new": kept("new"),
    }
    old, new = built(store, before), built(store, after, number=2)
    diff = diff_silver(store, [old], [new])
    assert part(diff) == {
        "same": 1,
        "gained": {"tags-lost": 1, NEW: 1},
        "lost": {"copied": 1, GONE: 1},
        "changed": {"answer": 1, "context": 1, OFFSET: 1},
    }
    shown = {change.id: change for change in diff.parts["tc-es"].examples}
    changed = shown["context.tc.en-es"]
    assert changed.before
    assert changed.after
    assert (changed.before["context"], changed.after["context"]) == (
        "context estuvo aquí.",
        "context anduvo aquí.",
    )
    assert shown["lost.tc.en-es"].after is None
    assert shown["gained.tc.en-es"].before is None


def test_a_diff_is_told_by_language(store: Store) -> None:
    old = built(store, {"a": kept("a"), "b": kept("b"), "c": kept("c")})
    new = built(store, {"a": kept("a"), "b": kept("b", "no {}"), "c": lost(Reason.EMPTY)})
    assert diff_silver(store, [old], [new]).sentences() == [
        "en: 0 gained, 0 lost, 0 changed, 3 the same",
        "es: 0 gained, 1 lost, 1 changed, 1 the same",
    ]


def test_a_context_that_is_cut_says_so(store: Store) -> None:
    old = built(store, {"a": kept("a", "{}" + "x" * 200)})
    new = built(store, {"a": kept("a", "y" * 200 + "{}")})
    (change,) = diff_silver(store, [old], [new]).parts["tc-es"].examples
    assert change.before
    assert change.after
    assert change.before["context"] == f"a{'x' * 80}…"
    assert change.after["context"] == f"…{'y' * 80}a"


def test_another_generation_of_the_same_words_changes_nothing(store: Store) -> None:
    contexts = {"a": kept("a"), "b": lost(Reason.EMPTY)}
    old, new = built(store, contexts), built(store, contexts, number=2)
    assert old.id != new.id
    assert part(diff_silver(store, [old], [new])) == {"same": 1, "gained": {}, "lost": {}, "changed": {}}


def test_files_that_both_share_are_not_read(store: Store) -> None:
    old = built(store, {"a": kept("a")})
    new = built(store, {"a": kept("b", "{} a")})
    store.write(next(name for name in new.parts if "part-en" in name), b"unread")
    assert diff_silver(store, [old], [new]).parts["en"].same == 1


def test_what_several_sets_share_counts_once(store: Store) -> None:
    snapshots = [built(store, {"a": kept("a")}), built(store, {"a": kept("a")}, SilverSet.TQC)]
    diff = diff_silver(store, [], snapshots)
    assert {name: found.to_json()["gained"] for name, found in diff.parts.items()} == {
        "en": {NEW: 1},
        "tc-es": {NEW: 1},
        "tqc-es": {NEW: 1},
    }
    assert diff.languages()["es"].gained == {NEW: 2}
    assert diff.to_json()["languages"]["en"]["gained"] == {NEW: 1}


def test_only_a_few_rows_of_each_reason_are_shown(store: Store) -> None:
    many = {f"row{number}": kept(f"row{number}") for number in range(3 * EXAMPLES)}
    old = built(store, many)
    new = built(store, dict.fromkeys(many, lost(Reason.EMPTY)))
    diff = diff_silver(store, [old], [new])
    assert part(diff)["lost"] == {"empty": 3 * EXAMPLES}
    assert len(diff.parts["tc-es"].examples) == EXAMPLES
    assert len(diff.to_json()["examples"]) == EXAMPLES


OUTCOME = st.sampled_from([kept("x"), kept("x", "no {}"), kept("y"), lost(Reason.EMPTY), lost(Reason.COPIED)])
BUILD = st.dictionaries(st.sampled_from("abcde"), OUTCOME, min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@pytest.mark.parametrize("store", ["remote"], indirect=True)
@given(BUILD, BUILD)
def test_the_counts_add_up(store: Store, before: Contexts, after: Contexts) -> None:
    """Law: what was kept is the same, changed or lost; what is kept is the same, changed or gained."""
    diff = diff_silver(store, [built(store, before)], [built(store, after, number=2)])
    found = diff.parts.get("tc-es")
    counts = part(diff) if found else {"same": 0, "gained": {}, "lost": {}, "changed": {}}
    totals = {kind: sum(counts[kind].values()) for kind in ("gained", "lost", "changed")}
    both = counts["same"] + totals["changed"]
    assert both + totals["lost"] == sum(one.reason is None for one in before.values())
    assert both + totals["gained"] == sum(one.reason is None for one in after.values())
