"""Publication: parts become snapshots with a recipe, Table 1's statistics, a data set card and the ref `latest`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from prefect import task

from storage.parts import Part, read_rows
from storage.publishing import intact
from storage.refs import Refs
from storage.silver import SilverSet
from storage.snapshots import FileName, Snapshot, SnapshotStore, opened, unsharded
from storage.store import Store
from tasks.cards import dataset_card
from tasks.mt.catalogue import open_engine
from tasks.projecting import Means
from tasks.projection.sets import CONTEXT_SETS, MEMBERS
from tasks.shards.counting import Yield, statistics_of
from tasks.shards.importing import ASIDE
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


@dataclass(frozen=True, slots=True)
class Sides:
    """The parts of kept and of rejected rows, and what was counted of each (`tasks.shards.counting`)."""

    kept: Part
    rejected: Part
    kept_counts: Json
    rejected_counts: Json


SetParts = Mapping[tuple[SilverSet, str, str], Sides]
"""What a set consists of, by (set, language, shard)."""


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
    counts = {
        "kept": {f"en-{shard}": english.counts[shard] for shard in english.shards},
        "rejected": {"en-00000": english.counts[ASIDE]},
    }
    for (member, language, shard), sides in rows.items():
        if member in MEMBERS[silver_set]:
            label = f"{member}-{language}-{shard}"
            kept[label], counts["kept"][label] = sides.kept.to_json(), sides.kept_counts
            rejected[label], counts["rejected"][label] = sides.rejected.to_json(), sides.rejected_counts
    return {
        "store": store.url,
        "silver_set": str(silver_set),
        "recipe": recipe,
        "kept": kept,
        "rejected": rejected,
        "counts": counts,
    }


def rejected_questions(store: Store, snapshots: Iterable[Snapshot]) -> dict[str, dict[str, int]]:
    """Source questions by language and reason; one that several sets reject for one reason counts once."""
    # Arrow's own grouping would bring pandas and its datasets into this process: half a second of every run.
    shards: dict[str, dict[str, str]] = {}
    for snapshot in snapshots:
        for path in snapshot.rejected_parts:
            # T(ALL) has the parts of the other sets under the same labels.
            label = FileName.parse(path.rpartition("/")[2]).label
            shards.setdefault(label.partition("-")[2], {})[label] = path
    counts: dict[str, Counter[str]] = {}
    for paths in shards.values():
        for language, reason, _ in {row for path in paths.values() for row in _rejections(store, path)}:
            counts.setdefault(language, Counter())[reason] += 1
    return {language: dict(sorted(reasons.items())) for language, reasons in sorted(counts.items())}


def _rejections(store: Store, path: str) -> list[tuple[str, str, str]]:
    """Language, reason and source id of each row of a part."""
    columns = ("question_language", "context_language", "reason", "source_id")
    with opened(store, path) as stream:
        rows = read_rows(stream, columns)
    asked, read, reasons, sources = (rows[name].to_pylist() for name in columns)
    languages = [a if r == "en" else r for a, r in zip(asked, read, strict=True)]
    return list(zip(languages, reasons, sources, strict=True))


@task(
    name="publish snapshot",
    description="Commit a set's parts as one immutable snapshot with manifest and card.",
    task_run_name="publish {silver_set}",
    cache_key_fn=keyed_by("publish", 2, "silver_set", "recipe", "kept", "rejected"),
    **STEP,
)
def publish_set(store: str, silver_set: str, recipe: Json, kept: Json, rejected: Json, counts: Json) -> Json:
    """One set."""
    place = Store(store)
    parts = {label: Part.from_json(part) for label, part in kept.items()}
    lost = {label: Part.from_json(part) for label, part in rejected.items()}
    statistics = statistics_of_set(counts["kept"], counts["rejected"])
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


def statistics_of_set(kept: Mapping[str, Json], rejected: Mapping[str, Json]) -> Json:
    """Table 1's figures of the kept rows, and how many rows each language kept and lost, by reason and method.

    Args:
        kept: what was counted of each part of kept rows, by label; shards add up: `tc-es-00000` is of `tc-es`.
        rejected: the same of rejected rows.
    """
    parts: dict[str, Yield] = {}
    for label, counts in kept.items():
        parts.setdefault(unsharded(label), Yield()).add_kept(counts)
    for label, counts in rejected.items():
        parts.setdefault(unsharded(label), Yield()).add_rejected(counts)
    yields = {name: part.to_json() for name, part in sorted(parts.items())}
    return {"table1": asdict(statistics_of(kept.values())), "parts": yields}
