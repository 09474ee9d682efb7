"""A client that is killed again and again: nothing that was answered is asked for twice."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from storage.memory import TranslationMemory

KILLS, WORKERS, SEGMENTS, TEXTS = 8, 8, 3, 600

CLIENT = """
import os, sys, time
from storage.memory import TranslationMemory
from storage.states import SharedStates
from tasks.mt.budget import Budget
from tasks.mt.client import translate
from tasks.mt.engine import Billing, Identity, Limits
from tasks.mt.markup import Markup
from tasks.mt.pace import Pace

class Logged:
    name, markup, markups, billing, price_per_million = "logged", Markup.HTML, (Markup.HTML,), Billing.NONE, None
    limits, workers = Limits(SEGMENTS, 1000), WORKERS
    def identity(self, source, target): return Identity(self.name, "1")
    def targets(self, source): return ["es"]
    def translate(self, texts, source, target):
        os.write(log, "".join(text + "\\n" for text in texts).encode())
        time.sleep(0.004)
        return ["" if text.endswith("7") else text.upper() for text in texts]

log = os.open(sys.argv[2], os.O_APPEND | os.O_CREAT | os.O_WRONLY)
engine = Logged()
with TranslationMemory(sys.argv[1]) as memory:
    states = SharedStates(memory)
    print("ready", flush=True)
    translate(
        engine, [f"text {n}" for n in range(TEXTS)], "en", "es", memory=memory.of("g", "en", "es"),
        pace=Pace(states, "logged"), budget=Budget(states, "run", engine),
    )
"""


def test_what_was_answered_is_not_asked_again_after_a_kill(tmp_path: Path) -> None:
    """Texts that end in 7 are answered unusably, and so are asked for three times."""
    code = CLIENT
    for name, value in (("SEGMENTS", SEGMENTS), ("WORKERS", WORKERS), ("TEXTS", TEXTS)):
        code = code.replace(name, str(value))
    memory, log = tmp_path / "memory.sqlite", tmp_path / "log"
    chance, kills = random.Random(1), 0
    for attempt in range(100):
        process = subprocess.Popen(
            [sys.executable, "-c", code, memory, log], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        process.stdout.readline()
        if attempt < KILLS:
            time.sleep(chance.uniform(0, 0.06))
            process.send_signal(signal.SIGKILL)
        process.stdout.close()
        if process.wait() == 0:
            break
        kills += 1
    sent = Counter(log.read_text().splitlines())
    expected = {f"text {n}": 3 if n % 10 == 7 else 1 for n in range(TEXTS)}
    assert sent.keys() == expected.keys()
    again = sum(count - expected[text] for text, count in sent.items())
    assert kills >= 1
    assert all(count >= expected[text] for text, count in sent.items())
    assert again <= kills * WORKERS * SEGMENTS
    with TranslationMemory(str(memory)) as known:
        scope = known.of("g", "en", "es")
        usable = [text for text, asks in expected.items() if asks == 1]
        assert scope.lookup(list(expected)) == {text: text.upper() for text in usable}
        assert len(scope.refusals(list(expected))) == TEXTS // 10
    before = log.stat().st_size
    assert (
        subprocess.run([sys.executable, "-c", code, memory, log], stdout=subprocess.DEVNULL).returncode == 0
    )
    assert log.stat().st_size == before
