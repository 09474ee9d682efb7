"""Publication: parts become snapshots with a recipe, Table 1's statistics, a data set card and the ref `latest`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow.parquet as pq
from prefect import task

from storage.parts import Part, read_part
from storage.publishing import intact
from storage.refs import Refs
from storage.silver import SilverSet
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store
from tasks.cards import dataset_card
from tasks.mt.catalogue import open_engine
from tasks.projecting import Means
from tasks.projection.sets import CONTEXT_SETS, MEMBERS
from tasks.scoring.statistics import QUESTION_TYPES, Statistics, describe
from tasks.source import English
from tasks.steps import STEP, Json, keyed_by, run_all
from tasks.story import say
from tasks.translation import Translator

DATASET = "squad-{set}"
LATEST = "latest"


def find_snapshot(store: Store, name: str, preferred: SilverSet) -> Snapshot:
    """A snapshot by id, by ref (`squad-tc/latest`), or by the ref of the preferred set (`latest`).

    Raises:
        StoreError: there is none of that name.
    """
    ref = name if "/" in name else f"{DATASET.format(set=preferred)}/{name}"
    target = Refs(store).get(ref)
    return SnapshotStore(store).find(target or name)


SetParts = Mapping[tuple[SilverSet, str, str], Mapping[str, Part]]
"""`kept` and `rejected` parts by (set, language, shard)."""


def published(
    store: Store,
    english: English,
    rows: SetParts,
    sets: Sequence[SilverSet],
    translators: Mapping[str, Translator],
    means: Means,
) -> dict[SilverSet, Snapshot]:
    """One snapshot per set."""
    engines = {language: translator.generation.identity for language, translator in translators.items()}
    recipe = {"source": english.sha256, "engines": engines}
    projected = [s for s in sets if CONTEXT_SETS & set(MEMBERS[s])]
    # How answers were found again is part of what made a set only where something was projected.
    how = _projection(means) if projected else {}
    calls = [_call(store, english, rows, s, {**recipe, **(how if s in projected else {})}) for s in sets]
    outcomes = run_all(publish_set, calls, lambda value: intact(store, value["folder"]))
    shelf = SnapshotStore(store)
    values = (outcome.value for outcome in outcomes)
    found = {s: shelf.get(value["dataset"], value["id"]) for s, value in zip(sets, values, strict=True)}
    for snapshot in found.values():
        rejected = snapshot.manifest["rejected"]
        say(
            f"Published {snapshot.dataset} {snapshot.id}: {snapshot.rows:,} rows kept, {rejected:,} rejected."
        )
    return found


def point_latest(store: Store, snapshots: Iterable[Snapshot]) -> None:
    """Point the ref `latest` of each data set at its snapshot; where one cannot be moved, none is."""
    refs, moved = Refs(store), dict[str, str | None]()
    try:
        for snapshot in snapshots:
            name = f"{snapshot.dataset}/{LATEST}"
            moved[name] = refs.get(name)
            refs.set(name, snapshot.id)
    except BaseException:
        for name, before in moved.items():
            if before:
                refs.set(name, before)
        raise


def _projection(means: Means) -> Json:
    return {
        "projection": str(means.rule),
        "filters": means.filters,
        "aligners": {language: part.sha256 for language, part in means.aligners.items()},
        "answers_alone": bool(means.answers),
        **(means.encoder.identity if means.encoder else {}),
        **means.again.recipe(),
        **({"back_translation": _back(means)} if means.back else {}),
    }


def _back(means: Means) -> Json:
    """Who translated answers back, by language."""
    return {
        language: asdict(open_engine(name).identity(language, "en")) for language, name in means.back.items()
    }


def _call(store: Store, english: English, rows: SetParts, silver_set: SilverSet, recipe: Json) -> Json:
    """T(ALL) names the very parts of its three members, and the English ones once."""
    kept = {f"en-{shard}": part.to_json() for shard, part in english.shards.items()}
    rejected = {"en-00000": english.aside.to_json()}
    for (member, language, shard), sides in rows.items():
        if member in MEMBERS[silver_set]:
            label = f"{member}-{language}-{shard}"
            kept[label] = sides["kept"].to_json()
            rejected[label] = sides["rejected"].to_json()
    return {
        "store": store.url,
        "silver_set": str(silver_set),
        "recipe": recipe,
        "kept": kept,
        "rejected": rejected,
    }


def rejected_questions(store: Store, snapshots: Iterable[Snapshot]) -> dict[str, dict[str, int]]:
    """Source questions by language and reason; one that several sets reject for one reason counts once."""
    lost: dict[tuple[str, str], set[str]] = {}
    columns = ["source_id", "question_language", "context_language", "reason"]
    for name in {name for snapshot in snapshots for name in snapshot.rejected_parts}:
        with store.fs.open(store.path(name), "rb") as stream:
            rows = pq.read_table(stream, columns=columns).to_pylist()
        for row in rows:
            language = max(row["question_language"], row["context_language"], key=lambda code: code != "en")
            lost.setdefault((language, row["reason"]), set()).add(row["source_id"])
    counts: dict[str, dict[str, int]] = {}
    for (language, reason), ids in sorted(lost.items()):
        counts.setdefault(language, {})[reason] = len(ids)
    return counts


@task(
    name="publish snapshot",
    description="Commit a set's parts as one immutable snapshot with manifest and card.",
    task_run_name="publish {silver_set}",
    cache_key_fn=keyed_by("publish", 1, "silver_set", "recipe", "kept", "rejected"),
    **STEP,
)
def publish_set(store: str, silver_set: str, recipe: Json, kept: Json, rejected: Json) -> Json:
    """One set."""
    place = Store(store)
    parts = {label: Part.from_json(part) for label, part in kept.items()}
    lost = {label: Part.from_json(part) for label, part in rejected.items()}
    statistics = snapshot_statistics(place, parts, lost)
    snapshot = SnapshotStore(place).commit(
        DATASET.format(set=silver_set),
        # Readers such as `datasets` refuse a Parquet file without rows; the statistics count it all the same.
        {label: part for label, part in parts.items() if part.rows},
        lost,
        recipe=recipe,
        statistics=statistics,
        card=dataset_card(SilverSet(silver_set), recipe, statistics),
    )
    return {"dataset": snapshot.dataset, "id": snapshot.id, "folder": snapshot.folder}


def snapshot_statistics(store: Store, kept: Mapping[str, Part], rejected: Mapping[str, Part]) -> Json:
    """Table 1's figures of the kept rows, and how many rows each language kept and lost, by reason and method."""
    described = Statistics(0.0, 0.0, {}, 0)
    parts: dict[str, Any] = {}
    for label, part in kept.items():
        table = read_part(store, part, ["question", "answers", "question_type", "method"])
        described = _joined(described, _described(table))
        _count(parts, label, kept=part.rows, methods=Counter(table["method"].to_pylist()))
    for label, part in rejected.items():
        reasons = Counter(read_part(store, part, ["reason"])["reason"].to_pylist())
        _count(parts, label, rejected=part.rows, reasons=reasons)
    return {"table1": asdict(described), "parts": dict(sorted(parts.items()))}


def _described(table: Any) -> Statistics:
    answers = (answer["text"][0] for answer in table["answers"].to_pylist())
    return describe(
        zip(table["question"].to_pylist(), answers, table["question_type"].to_pylist(), strict=True)
    )


def _joined(one: Statistics, other: Statistics) -> Statistics:
    """The statistics of two sets of pairs together."""
    pairs = one.pairs + other.pairs

    def mean(a: float, b: float) -> float:
        return (a * one.pairs + b * other.pairs) / max(pairs, 1)

    return Statistics(
        mean(one.question_words, other.question_words),
        mean(one.answer_words, other.answer_words),
        {kind: one.types.get(kind, 0) + other.types.get(kind, 0) for kind in QUESTION_TYPES},
        pairs,
    )


def _count(parts: dict[str, Any], label: str, **counts: Any) -> None:
    """Add up over shards: `tc-es-00000` and `tc-es-00001` are both `tc-es`; an English label has no set."""
    name = label.rpartition("-")[0] or label
    entry = parts.setdefault(name, {"kept": 0, "rejected": 0, "methods": Counter(), "reasons": Counter()})
    for field, value in counts.items():
        entry[field] += value
