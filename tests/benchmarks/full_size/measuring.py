"""A command run to its end, and what it took: seconds, CPU seconds, memory; and what a folder takes on the disk.

    python -m tests.benchmarks.full_size.measuring LOG COMMAND...

runs one and prints a JSON object; see `timed`.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Taken:
    """What a command took.

    `seconds` of wall time, `cpu_s` of it and of all processes that it started and waited for, `peak_mib` resident
    memory of the largest of them; `result` is the JSON object on its last line.
    """

    seconds: float
    cpu_s: float
    peak_mib: float
    result: dict[str, Any]


def timed(command: Sequence[str | Path], environment: Mapping[str, str], log: Path) -> Taken:
    """Run a command, started by a small process: what one is started by counts as memory of its own at first.

    Raises:
        RuntimeError: it failed; the message names the log.
    """
    measuring = [sys.executable, "-m", "tests.benchmarks.full_size.measuring", str(log), *map(str, command)]
    done = subprocess.run(measuring, env=dict(environment), stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed ({done.returncode}); see {log}.")
    return Taken(**json.loads(done.stdout))


def main() -> None:
    """Run one command; its failure is ours."""
    log, *command = sys.argv[1:]
    began = time.monotonic()
    with Path(log).open("ab") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        output = process.stdout.read() if process.stdout else b""
        # The kernel's account of the process and of those that it waited for: no sampling, and no peak is missed.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if process.returncode:
        sys.exit(process.returncode if process.returncode > 0 else 1)
    result = json.loads(output.decode().strip().splitlines()[-1])
    taken = Taken(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, result)
    print(json.dumps(asdict(taken)))


def cpu_seconds(pid: int) -> float:
    """What a running process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bytes_on_disk(folder: Path) -> int:
    """Of all files below a folder; one with several names (a hard link) counts once."""
    found = (path.lstat() for path in folder.rglob("*") if path.is_file())
    return sum({(s.st_dev, s.st_ino): s.st_blocks * 512 for s in found}.values())


if __name__ == "__main__":
    main()
