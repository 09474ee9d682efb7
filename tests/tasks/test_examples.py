"""Examples of a build: the same rows whatever order they come in, of each kind no more than are shown."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from storage.examples import Span
from storage.parts import write_part
from storage.silver import Reason, SilverSet
from storage.store import Store
from tasks.examples import (
    KEPT,
    MOST_CHARS,
    REJECTED,
    Drawn,
    Kind,
    Text,
    drawn_kept,
    drawn_rejected,
    examples_of_build,
    excerpt,
)
from tasks.projection.contexts import AnsweredContext
from tasks.projection.sets import Label, assemble, english_rows
from tasks.shards.assembling import assemble_part
from tasks.shards.projecting import write_projections
from tasks.shards.texts import write_translations
from tests.storage.test_diffing import example, kept, lost

NOTHING = {"reason": None, "detail": None}
NAMES = [f"Ana{i}" for i in range(9)]


def drawn(contexts: Mapping[str, AnsweredContext], silver_set: SilverSet = SilverSet.TC) -> list[Drawn]:
    """What is drawn of a part with these contexts, as a step returns it."""
    examples = {i: example(i) for i in contexts}
    label = Label(silver_set, "es", "deepl/es/1-ab")
    questions = {e.question: e.question.upper() for e in examples.values()}
    rows = assemble(label, list(examples.values()), ["who"] * len(examples), questions, contexts)
    found = [*drawn_kept(label, rows.kept, examples), *drawn_rejected(label, rows.rejected, examples)]
    return [Drawn.from_json(json.loads(json.dumps(one.to_json()))) for one in found]


def found(parts: Iterable[Iterable[str]]) -> dict[Kind, tuple[int, list[str]]]:
    contexts = ({i: lost(Reason.TAGS_LOST) if i < "Ana4" else kept(i) for i in names} for names in parts)
    shown = examples_of_build(one for part in contexts for one in drawn(part))
    return {kind: (count, [row.id for row in rows]) for kind, (count, rows) in shown.items()}


def test_rows_are_drawn_by_their_ids_alone() -> None:
    drawn = found([NAMES])
    assert drawn == found([NAMES[::-1]]) == found([NAMES[:2], NAMES[2:]])
    assert [(kind.why, kind.rejected, count) for kind, (count, _) in drawn.items()] == [
        ("exact", False, 5),
        ("tags-lost", True, 4),
    ]
    for kind, (_, rows) in drawn.items():
        chosen = [f"{i}.tc.en-es" for i in NAMES if (i < "Ana4") is kind.rejected]
        most = REJECTED if kind.rejected else KEPT
        assert rows == sorted(chosen, key=lambda row: zlib.crc32(row.encode()))[:most]


def test_a_row_stands_beside_its_english() -> None:
    shown = examples_of_build(drawn({"Ana": kept("Ana"), "Eva": lost(Reason.COPIED)}))
    (good,), (bad,) = (rows for _, rows in shown.values())
    assert good.english == Text("Who Ana?", "【Ana】 was here.")
    assert good.translated == Text("Who Ana?", "【Ana】 estuvo aquí.")
    assert good.note == "confidence 1.00"
    assert (bad.english, bad.translated) == (Text("Who Eva?", "【Eva】 was here."), None)


def test_what_two_sets_tell_is_not_told_by_their_join(store: Store) -> None:
    examples, types = [example("Ana")], ["who"]
    english = write_part(store, english_rows(examples, types)).to_json()
    questions = write_translations(store, [{**NOTHING, "text": "Who Ana?", "translation": "¿Quién Ana?"}])
    projections = write_projections(store, {"Ana": kept("Ana")})
    shown = {}
    for sets in (("tq", "tc", "tqc"), ("tqc",)):
        made = assemble_part(
            store.url, sets, "es", "e/es/1-ab", "html", english, questions.to_json(), projections.to_json()
        )
        shown[sets] = {one["kind"]["silver_set"] for one in made["drawn"]}
    assert shown == {("tq", "tc", "tqc"): {"tq", "tc"}, ("tqc",): {"tqc"}}


def test_no_text_of_an_example_is_long() -> None:
    long = replace(lost(Reason.COPIED), detail="x" * 9_000)
    (one,) = drawn({"A" * 9_000: long})
    assert one.rows[0].english is not None
    assert max(len(one.rows[0].english.question), len(one.rows[0].note)) == MOST_CHARS + 1


def test_an_excerpt_is_short_and_holds_the_answer_between_marks() -> None:
    context = "one two " * 50 + "answer" + " three four" * 50
    piece = excerpt(context, Span(400, 406))
    assert "two 【answer】 three" in piece
    assert piece.startswith("…")
    assert piece.endswith("…")
    assert len(piece) < 200
    assert len(excerpt("x" * 9_000, Span(0, 9_000))) <= MOST_CHARS + 1
