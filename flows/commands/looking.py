"""`silverspan doctor` and `silverspan engines`: is this machine ready, and what can it translate?"""

import importlib.metadata
import shutil
import sys
from dataclasses import asdict, dataclass

from cyclopts import App

from flows.commands.common import COMMON, Common, finish, names
from flows.commands.quality import quality
from flows.parameters import SAMPLE, resolve_source
from storage.errors import SilverspanError
from storage.models import FOLDER as MODELS
from storage.publishing import faults, published
from storage.snapshots import FOLDER as SNAPSHOTS
from storage.snapshots import SnapshotStore
from storage.store import Store

PACKAGES = ("prefect", "torch", "transformers", "pandas", "pyarrow", "requests", "sacrebleu")

REPORTS = "reports"

engines = App("engines", help="Look at translation engines: `silverspan engines list`.")
engines.command(quality)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is as it should be, and what was seen or is to be done."""

    what: str
    well: bool
    seen: str


def doctor(*, common: Common = COMMON) -> int:
    """Look at this machine and the store, say what is missing and how to mend it, and exit with 1 if anything is.

    `silverspan doctor`
    """
    findings = [_python(), *map(_package, PACKAGES), _apertium(), _disk(), _store(common.store)]
    lines = [f"{'well   ' if f.well else 'MISSING'} {f.what:14} {f.seen}" for f in findings]
    well = all(finding.well for finding in findings)
    finish(common, {"well": well, "findings": [asdict(finding) for finding in findings]}, *lines)
    return 0 if well else 1


@engines.command(name="list")
def list_(*, common: Common = COMMON) -> None:
    """List the engines, and what each translates English into.

    `silverspan engines list`
    """
    from tasks.mt.catalogue import ENGINES

    found = {name: _targets(name) for name in ENGINES}
    lines = [
        f"{name:12} {', '.join(targets) or 'nothing on this machine'}" for name, targets in found.items()
    ]
    finish(common, {"engines": found}, *lines)


@engines.command
def check(
    name: str, /, *, languages: str, source: str = SAMPLE, segments: int = 50, common: Common = COMMON
) -> None:
    """Send some fifty marked sentences in every style of marks that the engine takes, and say which style survives.

    `silverspan engines check apertium --languages es,ca`

    `silverspan engines check "transformers:facebook/nllb-200-distilled-600M" --languages es,hi --source mine.json`

    Nothing is kept; what it costs to send is told. Use the best style by naming it: `NAME?markup=letters`.

    Parameters
    ----------
    name:
        The engine, as for `build`.
    languages:
        Languages to translate into, separated by commas.
    source:
        A SQuAD-format file with English paragraphs and answers, or `sample`.
    segments:
        How many sentences to send, each twice per style: with marks and without.
    """
    from flows.probing import checked

    found = checked(name, names(languages), resolve_source(source), segments)
    finish(common, found.to_json(), *found.lines())


def _targets(name: str) -> list[str]:
    from tasks.mt.catalogue import open_engine

    try:
        return open_engine(name).targets("en")
    except SilverspanError:
        return []


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), version)


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "pip install -e . -c deploy/constraints.txt")


def _apertium() -> Finding:
    targets = _targets("apertium")
    remedy = "apt-get install apertium apertium-eng-spa apertium-eng-cat (or use another engine)"
    return Finding("apertium", bool(targets), f"English into {', '.join(targets)}" if targets else remedy)


def _disk() -> Finding:
    free = shutil.disk_usage(".").free
    return Finding("disk", free > 5 * 1024**3, f"{free / 1024**3:.0f} GiB free here")


def _store(url: str) -> Finding:
    try:
        store = Store(url)
        folders = {kind: _published(store, kind) for kind in (SNAPSHOTS, MODELS, REPORTS)}
        lost = [fault for kind in folders.values() for folder in kind for fault in faults(store, folder)]
    except SilverspanError as error:
        return Finding("store", False, str(error))
    if lost:
        return Finding("store", False, f"{' '.join(lost)} Run again what made it, which puts it back.")
    counts = ", ".join(f"{len(found)} {kind}" for kind, found in folders.items())
    return Finding("store", True, f"{url}: {counts}, all whole")


def _published(store: Store, kind: str) -> list[str]:
    """The published folders of one kind; snapshots lie one folder deeper, by data set."""
    if kind == SNAPSHOTS:
        return [f"{SNAPSHOTS}/{dataset}/{i}" for dataset, i in SnapshotStore(store).ids()]
    return [folder for i in store.names(kind) if published(store, folder := f"{kind}/{i}")]
