"""Apertium, the rule-based engine of Debian (`apt-get install apertium apertium-eng-spa`), as a local program.

A *mode* file of Apertium names the programs of one pair of languages, each a filter from standard input to standard
output. We run them ourselves, one after another over a whole request, each segment ended by NUL ("null flush"), so
that neither the shell nor a document format stands between.

One of them, the part-of-speech tagger for hidden Markov models, does not forget: at a word whose set of possible
tags its model has never seen it overwrites its notion of "unknown word" for the rest of its life
(`find_similar_ambiguity_class` assigns through a reference), so that a translation would depend on what was
translated before it. It says so on standard error in debug mode, and then the request is tagged again in halves
(`_tag`). Hence a segment's translation is a function of that segment alone.
"""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tasks.mt.engine import Billing, Identity, Limits
from tasks.mt.errors import BrokenAnswer, EngineMissing, UnknownPair
from tasks.mt.languages import short
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate
from tasks.mt.stream import from_stream, to_stream

STREAM_VERSION = "1"
"""Version of our side of the conversation (`tasks.mt.stream`, the options below): raise it when output changes."""

CORE_PACKAGES = ("apertium", "lttoolbox", "apertium-lex-tools")
TAGGER = "apertium-tagger"
PROBE = "1"
"""A text that no sound installation fails on."""
LOST = b""
"""Stands for a segment on which a program crashed; a real one holds at least the mark of its end."""

_NEW_CLASS = b"new ambiguity class"
_MODE = re.compile(r"([a-z]{2,3})-([a-z]{2,3})\.mode")


class Apertium:
    """The pairs of languages of one installation of Apertium 3.8 or later.

    Args:
        prefix: where it is installed (`/usr` for Debian); by default found through the search path.
        timeout_s: the longest that one program of a pair may work on one request.
    """

    name = "apertium"
    markup = Markup.HTML
    markups = (Markup.HTML,)
    billing = Billing.NONE
    price_per_million: float | None = None
    limits = Limits(max_segments=128, max_chars=100_000)
    rate = Rate()

    def __init__(self, prefix: Path | None = None, timeout_s: float = 300) -> None:
        program = shutil.which("apertium") if prefix is None else prefix / "bin" / "apertium"
        self._bin = Path(program).parent if program and Path(program).exists() else None
        self._timeout_s = timeout_s
        self.workers = min(8, os.cpu_count() or 1)

    def identity(self, source: str, target: str) -> Identity:
        """Versions of the packages where dpkg knows them, else of the program and its data files by hash."""
        mode = self._mode(source, target)
        return Identity(
            self.name, _version(mode, self._programs()), {"mode": mode.stem, "stream": STREAM_VERSION}
        )

    def targets(self, source: str) -> list[str]:
        """The installed targets, without regional variants of a pair."""
        return sorted(target for known, target in self._modes() if known == short(source))

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        """Each text translated by itself; see the module on why that needs care.

        A text on which a program of the pair crashes is None: it would crash again. That the program is sound
        otherwise shows a probe, which travels at the end of every request.
        """
        segments = [to_stream(text).encode(errors="replace") for text in (*texts, PROBE)]
        for stage in _stages(self._mode(source, target), self._programs()):
            segments = self._tag(stage, segments) if stage[0] == TAGGER else self._run(stage, segments)[0]
            if segments[-1] == LOST:
                raise BrokenAnswer(
                    f"{stage[0]} of Apertium fails on every text; try again, or reinstall Apertium."
                )
        return [
            None if done == LOST else from_stream(done.decode(errors="replace"), text)
            for done, text in zip(segments, texts, strict=False)
        ]

    def _programs(self) -> Path:
        if self._bin is None:
            raise EngineMissing(
                "Apertium is not installed on this machine; install it with its languages, "
                "for instance: apt-get install apertium apertium-eng-spa."
            )
        return self._bin

    def _modes(self) -> dict[tuple[str, str], Path]:
        folder = self._programs().parent / "share" / "apertium" / "modes"
        found = ((_MODE.fullmatch(path.name), path) for path in sorted(folder.glob("*.mode")))
        return {(short(match[1]), short(match[2])): path for match, path in found if match}

    def _mode(self, source: str, target: str) -> Path:
        mode = self._modes().get((short(source), short(target)))
        if mode is None:
            raise UnknownPair.of(self.name, source, target, self.targets(source))
        return mode

    def _tag(self, stage: Sequence[str], segments: list[bytes]) -> list[bytes]:
        """Tag segments so that none feels another: together while the tagger stays as it was, else in halves."""
        tagged, log = self._run([stage[0], "-d", *stage[1:]], segments)
        if _NEW_CLASS not in log or len(segments) == 1:
            return tagged
        middle = len(segments) // 2
        return self._tag(stage, segments[:middle]) + self._tag(stage, segments[middle:])

    def _run(self, stage: Sequence[str], segments: list[bytes]) -> tuple[list[bytes], bytes]:
        """Segments through one program: its answers, LOST for those that crash it, and its standard error."""
        data = b"".join(segment + b"\0" for segment in segments)
        try:
            done = _call(stage, self._programs(), data, self._timeout_s)
        except subprocess.TimeoutExpired as error:
            raise BrokenAnswer(
                f"{stage[0]} of Apertium was still busy with {len(segments)} segments after {self._timeout_s:g} s; "
                "try again, or send fewer at once."
            ) from error
        *answers, rest = done.stdout.split(b"\0", len(segments))
        # At the end of its input a program may flush an empty segment more.
        if not done.returncode and len(answers) == len(segments) and not rest.strip(b"\0"):
            return answers, done.stderr
        if len(segments) == 1:
            return [LOST], done.stderr
        middle = len(segments) // 2
        (left, left_log), (right, right_log) = (
            self._run(stage, segments[:middle]),
            self._run(stage, segments[middle:]),
        )
        return left + right, left_log + right_log


def _call(
    command: Sequence[str], programs: Path, data: bytes = b"", timeout_s: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """Run one program of Apertium. The locale is fixed because some of its programs decode by it."""
    environment = {"LC_ALL": "C.UTF-8", "PATH": f"{programs}:/usr/bin:/bin"}
    try:
        return subprocess.run(
            command, input=data, capture_output=True, timeout=timeout_s, env=environment, check=False
        )
    except FileNotFoundError as error:
        raise EngineMissing(
            f"The program {command[0]} that Apertium needs is not installed; "
            "install it, for instance: apt-get install --reinstall apertium cg3 apertium-lex-tools."
        ) from error


@cache
def _stages(mode: Path, programs: Path) -> tuple[tuple[str, ...], ...]:
    """The commands of a mode, made fit for null flush and word-bound blanks by Apertium's own tool.

    `$1` of a mode is the generator's option: `-n` writes unknown words without a mark; `$2`, the tagger's, stays empty.
    """
    done = _call(["apertium-wblank-mode", "-z", str(mode)], programs)
    if done.returncode:
        raise BrokenAnswer(
            f"Apertium cannot read its mode {mode.name}; reinstall apertium (3.8 or later) and its language pair."
        )
    line = done.stdout.decode().replace("$1", "-n").replace("$2", "")
    return tuple(tuple(shlex.split(stage)) for stage in line.split("|") if stage.strip())


@cache
def _version(mode: Path, programs: Path) -> str:
    owner = _call(["dpkg-query", "-S", str(mode)], programs) if shutil.which("dpkg-query") else None
    if owner is None or owner.returncode:
        return _data_version(mode, programs)
    packages = [*CORE_PACKAGES, owner.stdout.decode().split(":")[0]]
    shown = _call(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages], programs)
    return ", ".join(sorted(shown.stdout.decode().splitlines()))


def _data_version(mode: Path, programs: Path) -> str:
    """For an Apertium that no package manager knows: what it calls itself, and a hash of the pair's data."""
    digest = hashlib.sha256()
    for stage in _stages(mode, programs):
        for path in (Path(argument) for argument in stage if argument.startswith("/")):
            digest.update(path.read_bytes() if path.exists() else b"")
    program = _call(["apertium", "-V"], programs).stdout.decode().strip()
    return f"{program}, data sha256:{digest.hexdigest()}"
