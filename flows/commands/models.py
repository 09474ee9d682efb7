"""`silverspan models`: the readers that were trained."""

from typing import Any

from cyclopts import App

from flows.commands.common import COMMON, Common, finish
from storage.models import REFS, Reader, readers
from storage.refs import Refs
from storage.store import Store

app = App("models", help="Look at the readers that were trained: `silverspan models list`.")


@app.command(name="list")
def list_(*, common: Common = COMMON) -> None:
    """List all readers, oldest first, with what was trained, when (in UTC), and the refs that name them.

    `silverspan models list --store ./silverspan-store`
    """
    store = Store(common.store)
    found, damaged = readers(store)
    refs = {name: target for name, target in Refs(store).all().items() if name.startswith(f"{REFS}/")}
    listed = [
        _told(reader, [name for name, target in refs.items() if target == reader.id]) for reader in found
    ]
    lines = [*map(_line, listed), *damaged]
    finish(
        common,
        {"models": listed, "damaged": damaged},
        *(lines or [f"{common.store} holds no reader yet."]),
    )


def _told(reader: Reader, refs: list[str]) -> dict[str, Any]:
    recipe = reader.manifest["recipe"]
    return {
        "id": reader.id,
        **{name: recipe.get(name) for name in ("system", "preset", "languages", "seed")},
        "snapshots": reader.manifest.get("parents", []),
        "published": reader.published.isoformat(timespec="seconds"),
        "refs": refs,
    }


def _line(told: dict[str, Any]) -> str:
    """Such as `c69ef7bd497ffdf5  tq es  tiny, seed 1  2026-11-22 03:14  models/latest`."""
    system = f"{told['system']} {','.join(told['languages'] or [])}"
    when = told["published"][:16].replace("T", " ")
    return (
        f"{told['id']}  {system:18} {told['preset']}, seed {told['seed']}  {when}  {', '.join(told['refs'])}"
    )
