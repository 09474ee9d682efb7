"""The engine as a process of its own, so that its time and memory are not the build's; it speaks Azure's protocol.

    python -m tests.benchmarks.full_size.engine SQUAD_FILE

It first prints the two editions' names for `--engine`; on each line of standard input it prints what it was asked
since the line before: `{"requests": n, "characters": n, "cpu_s": s}`.
"""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from storage.squad import read_squad
from tests.benchmarks.full_size.voices import Voice, voices
from tests.tasks.mt.fakes.azure import Azure
from tests.tasks.mt.fakes.player import Fake
from tests.tasks.mt.fakes.protocol import Asked

EDITIONS = ("first", "second")
CODES = {"zh-Hans": "zh"}


@dataclass(frozen=True)
class Made(Azure):
    """The service with made translations."""

    voices: Mapping[str, Voice] = field(default_factory=dict)

    def translated(self, text: str, asked: Asked) -> str:
        return self.voices[CODES.get(asked.target, asked.target)].translated(text)


def main() -> None:
    """Serve until standard input ends."""
    examples = read_squad(Path(sys.argv[1])).examples
    services = [Fake(Made(voices=voices(examples, edition))) for edition in EDITIONS]
    print(json.dumps([service.spec for service in services]), flush=True)
    began = time.process_time()
    for _line in sys.stdin:
        requests, characters = (sum(len(s.heard) for s in services), sum(s.characters for s in services))
        now = time.process_time()
        print(json.dumps({"requests": requests, "characters": characters, "cpu_s": now - began}), flush=True)
        began = now
        for service in services:
            service.clear()
    for service in services:
        service.close()


if __name__ == "__main__":
    main()
