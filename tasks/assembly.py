"""The sets assembled: English rows, translated questions and projections joined into silver rows."""

from collections.abc import Mapping, Sequence

from prefect import task

from storage.parts import Part, read_part, write_part
from storage.silver import SilverSet
from storage.store import Store
from tasks.mt.markup import Markup
from tasks.projecting import read_projections
from tasks.projection.questions import questions_back, questions_lost
from tasks.projection.sets import CONTEXT_SETS, QUESTION_SETS, Label, assemble, examples_of
from tasks.publication import SetParts
from tasks.source import row_ranges
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_all
from tasks.translation import ShardParts, Translator, read_translations


def assembled(
    store: Store,
    english: Mapping[str, Part],
    translators: Mapping[str, Translator],
    questions: ShardParts,
    projections: ShardParts,
    sets: Sequence[SilverSet],
) -> SetParts:
    """The `kept` and `rejected` parts of each translated set, language and shard."""
    keys = [(s, language, shard) for s in sets for language in translators for shard in english]
    ranges = row_ranges(english)
    calls: list[Json] = [
        {
            "store": store.url,
            "shard": ranges[shard],
            "silver_set": str(silver_set),
            "language": language,
            "generation": translators[language].generation.id,
            "markup": str(translators[language].markup),
            "english": english[shard].to_json(),
            "questions": questions[language, shard].to_json() if silver_set in QUESTION_SETS else None,
            "projections": projections[language, shard].to_json() if silver_set in CONTEXT_SETS else None,
        }
        for silver_set, language, shard in keys
    ]
    outcomes = run_all(assemble_shard, calls, lambda value: parts_intact(store, value))
    return {
        key: {side: Part.from_json(part) for side, part in outcome.value["parts"].items()}
        for key, outcome in zip(keys, outcomes, strict=True)
    }


@task(
    name="assemble set",
    description="Join English rows with translated questions and projected contexts into one set.",
    task_run_name="assemble {silver_set} {language} {shard}",
    cache_key_fn=keyed_by(
        "assemble", 2, "silver_set", "language", "generation", "markup", "english", "questions", "projections"
    ),
    **STEP,
)
def assemble_shard(
    store: str,
    shard: str,
    silver_set: str,
    language: str,
    generation: str,
    markup: str,
    english: Json,
    questions: Json | None,
    projections: Json | None,
) -> Json:
    """One shard of one set in one language: two parts, `kept` and `rejected`."""
    place = Store(store)
    table = read_part(place, Part.from_json(english))
    examples = examples_of(table)
    translations, refusals = read_translations(place, questions) if questions else ({}, {})
    asked = [example.question for example in examples]
    rows = assemble(
        Label(SilverSet(silver_set), language, generation),
        examples,
        table["question_type"].to_pylist(),
        questions_back(asked, translations, Markup(markup)),
        read_projections(place, projections) if projections else {},
        questions_lost(asked, translations, refusals, Markup(markup)) if questions else {},
    )
    parts = {"kept": write_part(place, rows.kept), "rejected": write_part(place, rows.rejected)}
    return {"parts": {side: part.to_json() for side, part in parts.items()}}
