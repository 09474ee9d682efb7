"""The paper's 1.23 million rows: what building them takes, from a made corpus of SQuAD's shape.

    python -m tests.benchmarks.full_size [--scale 0.1] [--source SQUAD_FILE] [--folder FOLDER]

Four sets in five languages go through `silverspan build` against a Prefect server, with an engine that treats tags as
engines do, at rates such that the paper's rule keeps the paper's counts to the row. Then the same again, with the
engine of one language changed, with one paragraph changed, and with a filter's threshold changed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from flows.parameters import SAMPLE, resolve_source
from storage.examples import Example
from storage.snapshots import SnapshotStore
from storage.squad import read_squad
from storage.store import Store
from tests.benchmarks.full_size.checks import contexts_sent, expected, one_copy_each, reconciled
from tests.benchmarks.full_size.corpus import Shape, corpus, write_squad
from tests.benchmarks.full_size.measuring import Taken, timed
from tests.benchmarks.full_size.phases import THRESHOLD, Builds, Phase, all_phases
from tests.benchmarks.full_size.plain import PROCESSES
from tests.benchmarks.full_size.reading import READERS
from tests.benchmarks.full_size.services import running
from tests.benchmarks.full_size.sizes import sizes


def main() -> None:
    """Run all builds and print the table."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        examples = corpus(
            Shape().scaled(options.scale), [e.context for e in read_squad(options.source).examples]
        )
        squad = folder / "squad.json"
        write_squad(examples, squad)
        with running(folder, squad) as services:
            builds = Builds(services, folder, ("--runner", f"local:{PROCESSES}"))
            phases = list(_shown(all_phases(builds, examples, squad)))
            plainly = timed(
                _plain(squad, folder, services.specs[0]), services.environment, folder / "plain.log"
            )
        _judge(phases, plainly, examples, Store(str(builds.store)))
        _read(builds.store, phases[0].result["snapshots"]["tall"], services.environment, folder)
    print(json.dumps({"phases": [asdict(phase) for phase in phases], "plain": asdict(plainly)}))


def _plain(squad: Path, folder: Path, spec: str) -> list[str]:
    module = "tests.benchmarks.full_size.plain"
    return [sys.executable, "-m", module, str(squad), str(folder / "plain"), spec, THRESHOLD]


def _read(store: Path, snapshot: str, environment: Mapping[str, str], folder: Path) -> None:
    for name in READERS:
        module = ("-m", "tests.benchmarks.full_size.reading")
        taken = timed([sys.executable, *module, name, str(store), snapshot], environment, folder / "read.log")
        figures = f"{taken.seconds:,.1f} s, {taken.cpu_s:,.1f} CPU s, {taken.peak_mib:,.0f} MiB"
        print(f"{name} of T(ALL): {figures}, {taken.result}", flush=True)


def _judge(phases: list[Phase], plainly: Taken, examples: list[Example], store: Store) -> None:
    """Each goal beside what was reached."""
    full = phases[0]
    seconds = {phase.name: phase.seconds for phase in phases}
    counts = reconciled(store, full.result["snapshots"]["tc"], len(examples))
    kept = {language: of_language["kept"] for language, of_language in counts.items() if language != "en"}
    if kept != expected(examples):
        raise AssertionError(f"kept {kept}, not {expected(examples)}")
    found = sizes(store, SnapshotStore(store).find(full.result["snapshots"]["tall"]))
    copies = one_copy_each(examples) * len(kept)
    sent = contexts_sent(examples) * len(kept)
    print(f"kept {kept}; with the rejected rows {len(examples):,} of each language")
    print(f"rows of T(ALL) a second: {full.result['rows']['tall'] / (full.flow_s - full.engine_s / 2):,.0f}")
    print(f"T(ALL): {found.parquet:,} bytes, {found.share:.1%} of {found.json_lines:,} of JSON lines")
    print(f"through Prefect / in a plain loop: {full.flow_s / plainly.result['seconds']:.3f}")
    print(f"one language / all: {seconds[phases[2].name] / full.seconds:.1%}")
    print(f"characters of contexts / of one tagged copy per question: 1 / {copies / sent:.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=float, default=1.0, help="1 is SQuAD's size")
    parser.add_argument(
        "--source", type=Path, default=Path(resolve_source(SAMPLE)), help="whose words are used"
    )
    parser.add_argument("--folder", type=Path, help="where to work; all of it is removed in the end")
    return parser.parse_args()


def _shown(phases: Iterable[Phase]) -> Iterator[Phase]:
    """The phases, each printed as a line of a table when it is done."""
    columns = (
        "s",
        "CPU s",
        "engine s",
        "server s",
        "peak MiB",
        "disk MiB",
        "requests",
        "characters",
        "tasks",
    )
    print(f"| | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}", flush=True)
    for p in phases:
        figures = (p.seconds, p.cpu_s, p.engine_s, p.server_s, p.peak_mib, p.disk_mib)
        counts = (p.requests, p.characters, p.task_runs)
        cells = (p.name, *(f"{x:,.1f}" for x in figures), *(f"{n:,}" for n in counts))
        print(f"| {' | '.join(cells)} |", flush=True)
        yield p


if __name__ == "__main__":
    main()
