"""`silverspan snapshots`: what was published, whether it is whole, and what became of a question."""

import math
from dataclasses import asdict

from cyclopts import App

from flows.commands.common import COMMON, Common, bars, finish
from storage.collecting import collect, garbage
from storage.diffing import PartDiff, diff_silver
from storage.errors import StoreError, UsageError
from storage.refs import Refs
from storage.snapshots import Fate, Snapshot, SnapshotStore
from storage.store import Store
from tasks.projection.verdicts import Verdict

app = App("snapshots", help="Look at what was published: `silverspan snapshots list`.")


@app.command(name="list")
def list_(*, common: Common = COMMON) -> None:
    """List all snapshots, with the refs that name them.

    `silverspan snapshots list --store ./silverspan-store`
    """
    store = Store(common.store)
    refs = Refs(store).all()
    shelf = SnapshotStore(store)
    found, damaged = shelf.all(), shelf.damaged()
    lines = [*(_line(snapshot, refs) for snapshot in found), *damaged]
    listed = [{"dataset": s.dataset, "id": s.id, "rows": s.rows} for s in found]
    result = {"snapshots": listed, "damaged": damaged}
    finish(common, result, *(lines or [f"{common.store} holds no snapshot yet."]))


@app.command
def show(snapshot: str, *, source_id: str = "", common: Common = COMMON) -> None:
    """Show a snapshot's card, or what became of one source question in it.

    `silverspan snapshots show 3fa9c1 --source-id 56be4db0acb8001400a502ec`

    Parameters
    ----------
    snapshot:
        An id, the start of one, or a ref such as `squad-tall/latest`.
    source_id:
        The id of a question in the source: where it was kept, where rejected, and why.
    """
    snapshots, found = _find(common, snapshot)
    if source_id:
        fates = snapshots.fates(found, source_id)
        result = {"source_id": source_id, "fates": [asdict(fate) for fate in fates]}
        finish(common, result, *map(_fate, fates))
    else:
        card = snapshots.store.read(f"{found.folder}/README.md").decode()
        finish(common, found.manifest, card.partition("---\n\n")[2])


@app.command
def verify(snapshot: str = "", *, common: Common = COMMON) -> None:
    """Check every byte of one snapshot, or of all.

    `silverspan snapshots verify`

    Parameters
    ----------
    snapshot:
        An id or a ref; by default all snapshots.
    """
    if snapshot:
        snapshots, found = _find(common, snapshot)
        chosen, damaged = [found], []
    else:
        snapshots = SnapshotStore(Store(common.store))
        chosen, damaged = snapshots.all(), snapshots.damaged()
    faults = damaged + [fault for one in chosen for fault in snapshots.faults(one)]
    if faults:
        raise StoreError(f"{' '.join(faults)} Run the build again: it puts back what is lost.")
    finish(common, {"verified": len(chosen), "faults": []}, f"{len(chosen)} snapshots are whole.")


@app.command
def diff(before: str, after: str, *, common: Common = COMMON) -> None:
    """Show which rows a snapshot gained, lost and changed against another of the same data set.

    `silverspan snapshots diff 3fa9c1 squad-tall/latest`

    Parameters
    ----------
    before:
        An id, the start of one, or a ref such as `squad-tall/latest`.
    after:
        Another of the same data set.
    """
    (snapshots, old), (_, new) = _find(common, before), _find(common, after)
    if old.dataset != new.dataset:
        raise UsageError(
            f"{old.id} is of {old.dataset} and {new.id} of {new.dataset}; name two of one data set."
        )
    found = diff_silver(snapshots.store, [old], [new])
    finish(common, found.to_json(), *(line for part in found.parts.items() for line in _part_lines(*part)))


@app.command
def gc(*, dry_run: bool = False, grace_hours: float = 24.0, common: Common = COMMON) -> None:
    """Remove what no ref reaches: superseded snapshots, parts that no snapshot uses, leftovers of crashes.

    What a ref names now, and what it could be rolled back to, is kept; so is everything younger than the grace.

    `silverspan snapshots gc --dry-run`

    Parameters
    ----------
    dry_run:
        Only tell what would be removed.
    grace_hours:
        Keep what is younger: a build that runs right now may be about to use it.
    """
    if math.isnan(grace_hours) or grace_hours < 0:
        raise UsageError(f"--grace-hours {grace_hours} is no time that has passed; give 0 or more.")
    store = Store(common.store)
    found = garbage(store, grace_s=grace_hours * 3600)
    size = sum(item.bytes for item in found) if dry_run else collect(store, found)
    word = "would be removed" if dry_run else "removed"
    result = {"removed": [item.name for item in found], "bytes": size, "dry_run": dry_run}
    finish(common, result, *(item.name for item in found), f"{len(found)} items, {size:,} bytes {word}.")


@app.command
def sample(
    snapshot: str = "",
    *,
    rows: int = 200,
    seed: int = 0,
    out: str = "",
    read: str = "",
    common: Common = COMMON,
) -> None:
    """Write projected and rejected rows to a spreadsheet for people to mark, or read their marks back.

    `silverspan snapshots sample squad-tc/latest --rows 200 --out sample.csv`

    `silverspan snapshots sample --read sample.csv`

    The rows are drawn from every language, method and band of confidence, and from every reason for rejection. What
    is read back is the precision of each method with its 95 % interval, weighted by how many rows stand behind a mark.

    Parameters
    ----------
    snapshot:
        An id, the start of one, or a ref such as `squad-tall/latest`.
    rows:
        How many rows to draw.
    seed:
        Of the draw: the same seed draws the same rows.
    out:
        The CSV file to write; open it in any spreadsheet and fill its first column.
    read:
        Such a file with verdicts in it.
    """
    if bool(snapshot) != bool(out) or bool(out) == bool(read):
        raise UsageError(
            "Name a snapshot and --out FILE to draw a sample, or --read FILE alone to read one back."
        )
    if read:
        _tell_precisions(common, read)
        return
    if rows < 1:
        raise UsageError(f"--rows {rows} is no sample; give 1 or more.")
    from flows.commands.reviewing import check_new, write_sample
    from tasks.progress import tell

    check_new(out)
    snapshots, found = _find(common, snapshot)
    with bars():
        strata = write_sample(
            snapshots, found, out, rows, seed, lambda done, total: tell("sample", done, total)
        )
    drawn = [{**stratum._asdict(), "rows": count} for stratum, count in sorted(strata.items())]
    result = {"snapshot": found.id, "path": out, "rows": strata.total(), "strata": drawn}
    finish(
        common,
        result,
        f"{strata.total():,} rows of {len(strata):,} strata written to {out}",
        f"Fill its first column, then: silverspan snapshots sample --read {out}",
    )


def _tell_precisions(common: Common, file: str) -> None:
    from flows.commands.reviewing import read_sample, told

    found, said = read_sample(file)
    skipped = {"unsure": said[Verdict.UNSURE], "not_looked_at": said[None]}
    lines = [told(rung, figure) for rung, figure in found.rungs.items()]
    lines += [told("overall", found.overall)]
    lines += [told(f"rejected {reason}", figure) for reason, figure in found.rejected.items()]
    lines += [f"{skipped['unsure']:,} unsure and {skipped['not_looked_at']:,} not looked at are left out"]
    finish(common, {**asdict(found), **skipped}, *lines)


def _find(common: Common, name: str) -> tuple[SnapshotStore, Snapshot]:
    store = Store(common.store)
    target = Refs(store).get(name) if "/" in name else None
    snapshots = SnapshotStore(store)
    return snapshots, snapshots.find(target or name)


def _part_lines(name: str, part: PartDiff) -> list[str]:
    kinds = (("gained", part.gained), ("lost", part.lost), ("changed", part.changed))
    reasons = [
        f"   {kind:8} {count:>8,} {reason}" for kind, by in kinds for reason, count in sorted(by.items())
    ]
    return [f"{name}: {part.same:,} the same, {part.moved:,} not", *reasons]


def _line(snapshot: Snapshot, refs: dict[str, str]) -> str:
    named = ", ".join(name for name, target in refs.items() if target == snapshot.id)
    lost = snapshot.manifest["rejected"]
    return f"{snapshot.dataset:12} {snapshot.id}  {snapshot.rows:>10,} rows  {lost:>8,} rejected  {named}"


def _fate(fate: Fate) -> str:
    languages = f"{fate.question_language}-{fate.context_language}"
    what = f"kept ({fate.reason}): {fate.answer}" if fate.kept else f"rejected ({fate.reason})"
    return f"{fate.set:4} {languages:6} {what}"
