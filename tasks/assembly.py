"""The sets assembled: English rows, translated questions and projections joined into silver rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prefect import task

from storage.parts import Part
from storage.silver import SilverSet
from storage.store import Store
from tasks.examples import Drawn
from tasks.processes import apart
from tasks.projection.sets import CONTEXT_SETS, QUESTION_SETS
from tasks.publication import SetParts, Sides
from tasks.shards.assembling import assemble_part
from tasks.source import row_ranges
from tasks.steps import STEP, Json, keyed_by, parts_intact, run_all
from tasks.translation import ShardParts, Translator


@dataclass(frozen=True, slots=True)
class Assembled:
    """The parts of all sets, and some of their rows for people to look at."""

    parts: SetParts
    drawn: list[Drawn]


def assembled(
    store: Store,
    english: Mapping[str, Part],
    translators: Mapping[str, Translator],
    questions: ShardParts,
    projections: ShardParts,
    sets: Sequence[SilverSet],
) -> Assembled:
    """What each translated set, language and shard consists of."""
    keys = [(language, shard) for language in translators for shard in english]
    ranges = row_ranges(english)
    calls: list[Json] = [
        {
            "store": store.url,
            "shard": ranges[shard],
            "sets": [str(silver_set) for silver_set in sets],
            "language": language,
            "generation": translators[language].generation.id,
            "markup": str(translators[language].markup),
            "english": english[shard].to_json(),
            "questions": questions[language, shard].to_json() if QUESTION_SETS & set(sets) else None,
            "projections": projections[language, shard].to_json() if CONTEXT_SETS & set(sets) else None,
        }
        for language, shard in keys
    ]
    outcomes = run_all(assemble_shard, calls, lambda value: parts_intact(store, value))
    values = dict(zip(keys, (outcome.value for outcome in outcomes), strict=True))
    parts = {(silver_set, *key): _sides(values[key], str(silver_set)) for silver_set in sets for key in keys}
    return Assembled(parts, [Drawn.from_json(one) for value in values.values() for one in value["drawn"]])


def _sides(value: Json, name: str) -> Sides:
    kept, rejected = (Part.from_json(value["parts"][f"{name}-{side}"]) for side in ("kept", "rejected"))
    return Sides(kept, rejected, value["counts"][f"{name}-kept"], value["counts"][f"{name}-rejected"])


@task(
    name="assemble sets",
    description="Join English rows with translated questions and projected contexts into sets.",
    task_run_name="assemble {language} {shard}",
    cache_key_fn=keyed_by(
        "assemble", 4, "sets", "language", "generation", "markup", "english", "questions", "projections"
    ),
    **STEP,
)
def assemble_shard(
    store: str,
    shard: str,
    sets: list[str],
    language: str,
    generation: str,
    markup: str,
    english: Json,
    questions: Json | None,
    projections: Json | None,
) -> Json:
    """One shard in one language: the parts `SET-kept` and `SET-rejected` of each set, and rows of them to be shown."""
    call = {
        "store": store,
        "sets": sets,
        "language": language,
        "generation": generation,
        "markup": markup,
        "english": english,
        "questions": questions,
        "projections": projections,
    }
    return apart(assemble_part, call, rows=english["rows"])
