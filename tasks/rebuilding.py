"""Rebuilding: which languages stay as they are, what changed against the last snapshots, and whether to trust it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from storage.diffing import SilverDiff, diff_silver, language_of
from storage.errors import SilverspanError
from storage.generations import Generations
from storage.hashing import content_id
from storage.refs import Refs
from storage.silver import SilverSet
from storage.snapshots import Snapshot, SnapshotStore
from storage.store import Store
from tasks.mt.canary import options_of
from tasks.mt.catalogue import open_engine
from tasks.publication import DATASET, LATEST
from tasks.story import say

FOLDER = "diffs"

LOCK = "rebuild"
"""The lock of a store that lets one rebuild at a time build on what the one before it left."""


MAX_LOSS = 0.1
"""The share of its yield that a part may lose. Engines lie within some 5 % of each other; a broken one loses most."""


class SuspiciousRebuild(SilverspanError):
    """A rebuild lost more rows than it may, so that its snapshots were published but nothing points at them.

    The message is whole; beside it stand its pieces: what happened, what was lost, and what to type to accept it.
    """

    def __init__(
        self, message: str, what: str = "", losses: Sequence[str] = (), commands: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.what = what or message
        self.losses = losses
        self.commands = commands


@dataclass(frozen=True, slots=True)
class Loss:
    """A part of which a smaller share of the questions came through than before; shares from 0 to 1."""

    part: str
    before: float
    after: float

    def sentence(self) -> str:
        """For people."""
        return f"{self.part}: {self.before:.1%} of the rows were kept before, {self.after:.1%} are now"


def latest_snapshots(store: Store, sets: Iterable[SilverSet]) -> list[Snapshot]:
    """What `latest` of each set points at; sets that were never built are left out."""
    refs, shelf = Refs(store), SnapshotStore(store)
    datasets = [DATASET.format(set=silver_set) for silver_set in sets]
    named = ((dataset, refs.get(f"{dataset}/{LATEST}")) for dataset in datasets)
    return [shelf.get(dataset, target) for dataset, target in named if target]


def snapshots_of(store: Store, ids: Iterable[str]) -> list[Snapshot]:
    """Snapshots by their ids."""
    return [SnapshotStore(store).find(snapshot_id) for snapshot_id in ids]


def generations_of(store: Store, snapshots: Iterable[Snapshot]) -> dict[str, str]:
    """The id of the generation that wrote each language of these snapshots, kept and rejected rows alike."""
    found: dict[str, str] = {}
    for snapshot in snapshots:
        for generation in _generations(SnapshotStore(store), snapshot):
            found.setdefault(generation.split("/")[1], generation)
    return found


def _generations(shelf: SnapshotStore, snapshot: Snapshot) -> Iterator[str]:
    """The distinct values of the column `engine` that name a generation; English rows have none."""
    for rejected in (False, True):
        for batch in shelf.batches(snapshot, ["engine"], rejected=rejected):
            yield from (name for name in batch["engine"].unique().to_pylist() if name.count("/") == 2)


def languages_kept(
    store: Store, before: Sequence[Snapshot], changed: Sequence[str], engines: Mapping[str, str]
) -> dict[str, str]:
    """The generations of the languages that a rebuild leaves alone, by language; none where none were named.

    Args:
        store: where the snapshots lie.
        before: the snapshots to build on.
        changed: the languages whose engine has changed; empty for whichever have.
        engines: what opens the engine, by language; one that is another by now is not left alone.

    Raises:
        StoreError: the store does not know the generation of a snapshot.
        EngineError, UsageError, InputError: an engine cannot be opened.
    """
    if not changed:
        return {}
    others = {
        language: generation
        for language, generation in generations_of(store, before).items()
        if language not in changed and language in engines
    }
    kept = {lang: name for lang, name in others.items() if _goes_on(store, name, engines[lang])}
    for language in others.keys() - kept.keys():
        say(f"{language} is translated anew, too: {engines[language]} is not what wrote {others[language]}.")
    return kept


def _goes_on(store: Store, generation_id: str, engine: str) -> bool:
    """Whether the engine is the one of the generation, as far as it tells unasked: another table is another engine."""
    generation = Generations(store).find(generation_id)
    identity = open_engine(engine).identity("en", generation.language)
    return identity.name == generation.engine and options_of(identity) == generation.options


def compared(store: Store, before: Sequence[Snapshot], after: Sequence[Snapshot]) -> tuple[SilverDiff, str]:
    """What lies between two builds, and the file of the store that it is written to."""
    diff = diff_silver(store, before, after)
    path = f"{FOLDER}/{content_id([diff.before, diff.after])}.json"
    store.write(path, (json.dumps(diff.to_json(), ensure_ascii=False, indent=1) + "\n").encode())
    return diff, path


def losses(before: Sequence[Snapshot], after: Sequence[Snapshot], max_loss: float) -> list[Loss]:
    """The parts whose yield (kept rows of all) fell by more than the share `max_loss` of what it was."""
    old, new = _yields(before), _yields(after)
    pairs = ((part, share, new.get(part, 0.0)) for part, share in old.items())
    return [Loss(*pair) for pair in pairs if pair[2] < pair[1] * (1.0 - max_loss)]


def check_yield(
    before: Sequence[Snapshot], after: Sequence[Snapshot], languages: Sequence[str], max_loss: float
) -> None:
    """Refuse a rebuild of which too little came through.

    `languages` are those of the order; one that was taken out of it is no loss.

    Raises:
        SuspiciousRebuild: the yield of a part fell by more than `max_loss`; the snapshots stay in the store.
    """
    found = [loss for loss in losses(before, after, max_loss) if language_of(loss.part) in {*languages, "en"}]
    if found:
        what = f"The rebuild lost more than {max_loss:.0%} of its yield"
        told = [loss.sentence() for loss in found]
        commands = [f"silverspan refs set {s.dataset}/{LATEST} {s.id}" for s in after]
        raise SuspiciousRebuild(
            f"{what} ({'; '.join(told)}); look at the artifact silver-diff, then rebuild, or accept it with:"
            f" {' and '.join(commands)}.",
            f"{what}.",
            told,
            commands,
        )


def _yields(snapshots: Iterable[Snapshot]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for snapshot in snapshots:
        for part, counts in snapshot.manifest["statistics"]["parts"].items():
            total = counts["kept"] + counts["rejected"]
            shares[part] = counts["kept"] / total if total else 0.0
    return shares
