"""`silverspan refs`: names that move, such as `squad-tall/latest` and `models/champion`."""

from cyclopts import App

from flows.commands.common import COMMON, Common, finish
from storage.errors import UsageError
from storage.models import REFS, find_model
from storage.refs import Refs
from storage.snapshots import FOLDER as SNAPSHOTS
from storage.snapshots import SnapshotStore
from storage.store import Store

app = App("refs", help="Look at and move names: `silverspan refs list`.")


@app.command(name="list")
def list_(*, common: Common = COMMON) -> None:
    """List all refs and what they name.

    `silverspan refs list`
    """
    found = Refs(Store(common.store)).all()
    finish(common, {"refs": found}, *(f"{name:24} {target}" for name, target in found.items()))


@app.command(name="set")
def set_(name: str, target: str, *, common: Common = COMMON) -> None:
    """Point a ref at a snapshot or a reader.

    `silverspan refs set models/champion 3fa9c1d2`

    Parameters
    ----------
    name:
        GROUP/NAME: the group is a data set, or `models`.
    target:
        An id, or the start of one.
    """
    store = Store(common.store)
    found = _target(store, name, target)
    Refs(store).set(name, found)
    finish(common, {"ref": name, "target": found}, f"{name} -> {found}")


@app.command
def rollback(name: str, *, common: Common = COMMON) -> None:
    """Point a ref where it pointed before.

    `silverspan refs rollback models/champion`

    Parameters
    ----------
    name:
        GROUP/NAME of the ref.
    """
    target = Refs(Store(common.store)).rollback(name)
    finish(common, {"ref": name, "target": target}, f"{name} -> {target}")


def _target(store: Store, name: str, target: str) -> str:
    """The whole id of what a ref of that name may point at."""
    Refs(store).get(name)
    if not target:
        raise UsageError(f"No target was named for {name!r}; give an id, or the start of one.")
    group = name.partition("/")[0]
    if group == REFS:
        return find_model(store, target)
    datasets = store.names(SNAPSHOTS)
    if group not in datasets:
        raise UsageError.unknown("group", group, [REFS, *datasets])
    found = SnapshotStore(store).find(target)
    if found.dataset != group:
        raise UsageError(
            f"Snapshot {found.id} is of {found.dataset}, so {name!r} cannot name it; see `silverspan snapshots list`."
        )
    return found.id
