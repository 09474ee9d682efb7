"""A standing order on a Prefect server whose database is PostgreSQL, as is the translation memory: runs by the clock.

The server, the deployments, the memory and the worker are those of `deploy/compose.yaml`, from the packages of this
machine: Debian's PostgreSQL, and Prefect's own server.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.generations import Generations
from storage.memory import TRANSLATIONS, TranslationMemory
from storage.refs import Refs
from storage.snapshots import SnapshotStore
from tests.e2e.installation import FINAL, Installation, Json
from tests.e2e.workers import wait_until
from tests.prefect_server import prefect_server
from tests.storage.postgres import missing, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]

TABLES = Path(__file__).parents[1] / "flows" / "engines"

GUIDE = Path(__file__).parents[2] / "README.md"

WATCH, REBUILD = "watch-engine/by-schedule", "rebuild-silver/on-change"

EVERY_MINUTE = "* * * * *"


@dataclass
class Standing:
    """What was ordered: Spanish and Catalan, by tables that stand for their engines."""

    site: Installation
    memory: str

    def give(self, code: str, table: str) -> None:
        shutil.copy(TABLES / f"{table}.tsv", self.site.folder / f"{code}.tsv")

    def order(self) -> None:
        folder = self.site.folder
        self.give("es", "es-before")
        self.give("ca", "ca")
        engines = f"es=table:{folder}/es.tsv,ca=table:{folder}/ca.tsv"
        what = ("--languages", "es,ca", "--engine", engines, "--source", str(TABLES / "squad.json"))
        told = self.site.deploy("--memory", self.memory, *what, "--cron", EVERY_MINUTE)
        assert told["watched"] == {"languages": ["es", "ca"], "engine": engines, "active": True}

    def by_the_clock(self, after: str = "") -> Json:
        """The first run that the clock started, or the first that began later than `after`, once it has ended."""

        def look() -> Json | None:
            runs = [run for run in self.site.runs(WATCH) if run["auto_scheduled"] and run["start_time"]]
            return next((r for r in runs if r["start_time"] > after and r["state_name"] in FINAL), None)

        return wait_until(look, "the clock has started a watch, and it has ended")

    def paid(self) -> set[str]:
        """The generations of which translations are kept."""
        with TranslationMemory(self.memory) as memory:
            return {row.generation for row in memory.select(TRANSLATIONS.select())}


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    with ExitStack() as stack:
        postgres = stack.enter_context(running())
        database = postgres.database("prefect").replace("+psycopg", "+asyncpg")
        settings = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": database}
        server = stack.enter_context(prefect_server(tmp_path / "prefect", **settings))
        yield Standing(Installation(server.environment, tmp_path, stack), postgres.database("memory"))


def test_the_clock_finds_a_changed_engine_and_its_language_is_translated_anew(standing: Standing) -> None:
    site = standing.site
    standing.order()
    site.work("cpu")
    assert site.ended(site.start(REBUILD)) == "Completed"
    first = standing.by_the_clock()
    assert first["state_name"] == "Completed", site.complaints(first["id"])
    assert [run["auto_scheduled"] for run in site.runs(REBUILD)] == [False]
    latest, paid = Refs(site.store).all(), standing.paid()
    (spanish,) = Generations(site.store).list("table", "es")

    standing.give("es", "es-after")
    rebuilt = wait_until(lambda: site.runs(REBUILD)[1:], "the automation has started a rebuild")[0]
    assert site.ended(rebuilt["id"]) == "Completed"
    assert rebuilt["parameters"]["changed"] == ["es"]
    assert rebuilt["parameters"]["order"]["languages"] == ["es", "ca"]
    now = Refs(site.store).all()
    assert all(now[name] != target for name, target in latest.items())
    fresh = Generations(site.store).list("table", "es")[1]
    assert standing.paid() == {*paid, fresh.id}
    assert spanish.id in paid

    quiet = standing.by_the_clock(after=site.run(rebuilt["id"])["end_time"])
    assert quiet["state_name"] == "Completed", site.complaints(quiet["id"])
    assert len(site.runs(REBUILD)) == 2
    check_guide(site)


def check_guide(site: Installation) -> None:
    """The command as the guide has it."""
    (line,) = re.findall(r"^\$ (prefect deployment run 'build-silver/on-demand'.*)", GUIDE.read_text(), re.M)
    run_id = site.start_by(line)
    assert site.ended(run_id) == "Completed"
    assert site.run(run_id)["parameters"]["languages"] == ["es"]
    made = SnapshotStore(site.store).find(Refs(site.store).all()["squad-tall/latest"])
    engines = made.manifest["recipe"]["engines"]
    assert {language: engine["engine"] for language, engine in engines.items()} == {"es": "apertium"}
