"""Examples of a build: the same rows whatever order they come in, of each kind no more than are shown."""

import zlib

from storage.examples import Span
from storage.silver import Reason, SilverSet
from storage.store import Store
from tasks.examples import KEPT, MOST_CHARS, REJECTED, Kind, Text, examples_of_build, excerpt
from tests.storage.test_diffing import built, kept, lost

NAMES = [f"Ana{i}" for i in range(9)]


def found(store: Store, names: list[str]) -> dict[Kind, tuple[int, list[str]]]:
    contexts = {i: lost(Reason.TAGS_LOST) if i < "Ana4" else kept(i) for i in names}
    shown = examples_of_build(store, [built(store, contexts)])
    return {kind: (count, [row.id for row in rows]) for kind, (count, rows) in shown.items()}


def test_rows_are_drawn_by_their_ids_alone(store: Store) -> None:
    drawn = found(store, NAMES)
    assert drawn == found(store, NAMES[::-1])
    assert [(kind.why, kind.rejected, count) for kind, (count, _) in drawn.items()] == [
        ("exact", False, 5),
        ("tags-lost", True, 4),
    ]
    for kind, (_, rows) in drawn.items():
        chosen = [f"{i}.tc.en-es" for i in NAMES if (i < "Ana4") is kind.rejected]
        most = REJECTED if kind.rejected else KEPT
        assert rows == sorted(chosen, key=lambda row: zlib.crc32(row.encode()))[:most]


def test_a_row_stands_beside_its_english(store: Store) -> None:
    shown = examples_of_build(store, [built(store, {"Ana": kept("Ana"), "Eva": lost(Reason.COPIED)})])
    (good,), (bad,) = (rows for _, rows in shown.values())
    assert good.english == Text("Who Ana?", "【Ana】 was here.")
    assert good.translated == Text("Who Ana?", "【Ana】 estuvo aquí.")
    assert good.note == "confidence 1.00"
    assert (bad.english, bad.translated) == (Text("Who Eva?", "【Eva】 was here."), None)


def test_what_two_sets_tell_is_not_told_by_their_join(store: Store) -> None:
    contexts = {"Ana": kept("Ana")}
    sets = (SilverSet.TQ, SilverSet.TC, SilverSet.TQC)
    snapshots = {one: built(store, contexts, one) for one in sets}
    assert {kind.silver_set for kind in examples_of_build(store, snapshots.values())} == {"tq", "tc"}
    assert {kind.silver_set for kind in examples_of_build(store, [snapshots[SilverSet.TQC]])} == {"tqc"}


def test_an_excerpt_is_short_and_holds_the_answer_between_marks() -> None:
    context = "one two " * 50 + "answer" + " three four" * 50
    piece = excerpt(context, Span(400, 406))
    assert "two 【answer】 three" in piece
    assert piece.startswith("…")
    assert piece.endswith("…")
    assert len(piece) < 200
    assert len(excerpt("x" * 9_000, Span(0, 9_000))) <= MOST_CHARS + 1
