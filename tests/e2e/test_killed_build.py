"""Builds killed at random moments: what was answered is never asked for twice, and the end is that of an unbroken one.

The program runs as users run it, in a process group of its own that is killed as a whole. One store is killed until its
build completes, then a new one is begun, until there were `KILLS`. Moments are drawn over the first `SPAN` of the time
that an unbroken build takes once its flow has begun; as every kill leaves less to be done, they fall on all steps.
"""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from storage.memory import TRANSLATIONS, TranslationMemory
from tests.prefect_server import BIN
from tests.tasks.mt.fakes.apy import Apy
from tests.tasks.mt.fakes.player import Fake

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(3600)]

KILLS = 50
WORKERS = 8
SPAN = 1 / 3
ANSWER_S = 0.2
BEGUN = b"Beginning flow run"


@dataclass
class Toll:
    """What kills cost: characters in flight when they came, and characters that were sent again for them."""

    kills: int = 0
    stores: int = 0
    most_in_flight: int = 0
    in_flight_chars: int = 0
    again_chars: int = 0
    once_chars: int = 0
    phases: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills ({dict(self.phases)}) on {self.stores} stores: {self.again_chars:,} characters sent "
            f"again, {self.in_flight_chars:,} in flight when it was killed (at most {self.most_in_flight} requests), "
            f"{self.once_chars:,} sent in all unbroken builds of them"
        )


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake(Apy(), ANSWER_S) as running:
        yield running


def command(fake: Fake, store: Path) -> list[str]:
    program, given = (
        str(BIN / "silverspan"),
        ["--languages", "es", "--engine", fake.spec, "--filters", "none"],
    )
    return [program, "build", *given, "--workers", str(WORKERS), "--store", str(store), "--json"]


def environment(server: dict[str, str], store: Path) -> dict[str, str]:
    """Results of steps beside the store, so that a new store begins at nothing; and a log that tells of the flow."""
    own = {"PREFECT_LOCAL_STORAGE_PATH": f"{store}-results", "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO"}
    return {**server, **own}


def finished(fake: Fake, store: Path, server: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        command(fake, store), env=environment(server, store), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def killed(fake: Fake, store: Path, server: dict[str, str], moment_s: float) -> bool:
    """Start a build and kill it so long after its flow began; false if it ended before that."""
    log = store.with_suffix(".log")
    with log.open("wb") as said:
        process = subprocess.Popen(
            command(fake, store),
            env=environment(server, store),
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
    while BEGUN not in log.read_bytes():
        assert process.poll() is None, log.read_text()
        time.sleep(0.01)
    try:
        code = process.wait(moment_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(2 * ANSWER_S)  # what it had sent may still lie before the service unread
        return True
    assert code == 0, log.read_text()
    return False


def texts(fake: Fake, since: int = 0) -> Counter[str]:
    """How often each text was sent."""
    return Counter(text for heard in fake.heard[since:] for text in fake.service.asked(heard).texts)


def characters(sent: Counter[str]) -> int:
    return sum(len(text) * count for text, count in sent.items())


def remembered(store: Path) -> set[str]:
    if not (store / "memory.sqlite").exists():
        return set()
    with TranslationMemory(str(store / "memory.sqlite")) as memory:
        return {row.text for row in memory.select(TRANSLATIONS.select())}


def phase(store: Path, wanted: Counter[str]) -> str:
    """What a build was at when it was killed, by what it left."""
    if not (store / "engines").exists():
        return "opening the generation"
    return "translating" if wanted.keys() - remembered(store) else "projecting and publishing"


def published(store: Path) -> dict[str, bytes]:
    root = store / "snapshots"
    return {
        str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
    }


def test_kills_cost_what_was_in_flight_and_change_nothing(
    fake: Fake, server: dict[str, str], tmp_path: Path, record_property: Any
) -> None:
    whole = finished(fake, tmp_path / "whole", server)
    once, expected = texts(fake), published(tmp_path / "whole")
    assert set(once.values()) == {1}
    chance, toll = random.Random(2022), Toll()
    moments = iter(lambda: chance.uniform(0, SPAN * whole["seconds"]), None)
    while toll.kills < KILLS:
        store = tmp_path / f"store-{toll.stores}"
        fake.clear()
        spoil(fake, store, server, once, moments, toll)
        sent = texts(fake)
        assert sent.keys() == once.keys()
        toll.stores += 1
        toll.again_chars += characters(sent - once)
        toll.once_chars += characters(once)
        assert published(store) == expected
        fake.clear()
        again = finished(fake, store, server)
        assert (again["requests"], fake.heard, again["snapshots"]) == (0, [], whole["snapshots"])
    print(toll)
    record_property("toll", str(toll))
    assert toll.again_chars <= toll.in_flight_chars
    assert toll.most_in_flight <= WORKERS


def spoil(
    fake: Fake, store: Path, server: dict[str, str], once: Counter[str], moments: Iterator[float], toll: Toll
) -> None:
    """Kill builds on a store until one completes."""
    while toll.kills < KILLS:
        since = len(fake.heard)
        if not killed(fake, store, server, next(moments)):
            return
        in_flight = texts(fake, since).keys() - remembered(store)
        toll.kills += 1
        toll.phases[phase(store, once)] += 1
        toll.most_in_flight = max(toll.most_in_flight, len(in_flight))
        toll.in_flight_chars += sum(map(len, in_flight))
    finished(fake, store, server)
