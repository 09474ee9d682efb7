"""One shard in one language assembled into every set: English rows, translated questions, projected contexts."""

from collections.abc import Sequence
from typing import Any

from storage.parts import Part, read_part, write_part
from storage.silver import SilverSet
from storage.store import Store
from tasks.examples import Drawn, drawn_kept, drawn_rejected, sets_to_show
from tasks.mt.markup import Markup
from tasks.projection.questions import questions_back, questions_lost
from tasks.projection.sets import Label, assemble, examples_of
from tasks.shards.counting import kept_counts, rejected_counts
from tasks.shards.projecting import read_projections
from tasks.shards.texts import read_translations

Json = dict[str, Any]


def assemble_part(
    store: str,
    sets: Sequence[str],
    language: str,
    generation: str,
    markup: str,
    english: Json,
    questions: Json | None,
    projections: Json | None,
) -> Json:
    """Two parts of each set, `SET-kept` and `SET-rejected`, what is counted of them, and some rows to be shown.

    What came back of a question is cleaned once for all sets, and no part is read twice.
    """
    place = Store(store)
    table = read_part(place, Part.from_json(english))
    examples, kinds = examples_of(table), table["question_type"].to_pylist()
    del table
    translations, refusals = read_translations(place, questions) if questions else ({}, {})
    asked = [example.question for example in examples]
    back = questions_back(asked, translations, Markup(markup)) if questions else {}
    missing = [question for question in asked if question not in back] if questions else []
    lost = questions_lost(missing, translations, refusals, Markup(markup))
    found = read_projections(place, projections) if projections else {}
    by_id = {example.id: example for example in examples}
    parts, counts, drawn, to_show = {}, {}, list[Drawn](), sets_to_show(sets)
    for name in sets:
        label = Label(SilverSet(name), language, generation)
        rows = assemble(label, examples, kinds, back, found, lost)
        parts[f"{name}-kept"] = write_part(place, rows.kept).to_json()
        parts[f"{name}-rejected"] = write_part(place, rows.rejected).to_json()
        counts[f"{name}-kept"] = kept_counts(rows.kept)
        counts[f"{name}-rejected"] = rejected_counts(rows.rejected)
        if name in to_show:
            drawn += [*drawn_kept(label, rows.kept, by_id), *drawn_rejected(label, rows.rejected, by_id)]
        del rows  # before those of the next set are made
    return {"parts": parts, "counts": counts, "drawn": [one.to_json() for one in drawn]}
