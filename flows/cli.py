"""The command line: one word for each thing that people do, the same flows behind it that deployments run."""

import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from flows.commands import (
    asking,
    building,
    demonstration,
    deploying,
    evaluating,
    looking,
    models,
    operating,
    planning,
    projecting,
    refs,
    remembering,
    reproducing,
    scoring,
    snapshots,
    training,
)
from flows.commands.common import visible
from storage.errors import SilverspanError, UsageError

HELP = """Silver multilingual question-answering data by machine translation: built, used for training, measured.

Start with `silverspan demo`. Every command has `--help` with an example."""

COMMANDS: dict[str, Callable[..., int | None]] = {
    "demo": demonstration.demo,
    "plan": planning.plan,
    "build": building.build,
    "segments": planning.segments,
    "train": training.train,
    "evaluate": evaluating.evaluate,
    "ask": asking.ask,
    "score": scoring.score,
    "compare": scoring.compare,
    "project-eval": projecting.project_eval,
    "watch": operating.watch,
    "rebuild": operating.rebuild,
    "reproduce": reproducing.reproduce,
    "doctor": looking.doctor,
    "deploy": deploying.deploy,
}
"""Single commands by name; groups of commands come below."""

VALUE_OPTIONS = {"--store", "--memory"}
FLAG_OPTIONS = {"--json", "--debug"}


def make_app() -> App:
    """The whole command line."""
    quiet = Parameter(negative=())
    app = App(
        "silverspan",
        help=HELP,
        help_format="markdown",
        default_parameter=quiet,
        version_flags="--version",
        result_action="return_int_as_exit_code_else_zero",
        suppress_keyboard_interrupt=False,
    )
    for name, function in COMMANDS.items():
        app.command(function, name=name)
    app.command(snapshots.app)
    app.command(models.app)
    app.command(refs.app)
    app.command(looking.engines)
    app.command(remembering.app)
    return app


def main() -> None:
    """The entry point of the program `silverspan`."""
    sys.exit(run(sys.argv[1:]))


def run(tokens: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 bad usage.

    Whatever goes wrong is told in one sentence on standard error; `--debug` shows where it happened.
    """
    debug = "--debug" in tokens
    _quiet_prefect(debug)
    _write_any_text()
    try:
        return int(make_app()(global_options_last(tokens), exit_on_error=False, print_error=False))
    except CycloptsError as error:
        return _say(f"{error} See `silverspan --help`.", UsageError.exit_code)
    except SilverspanError as error:
        if debug:
            _say(traceback.format_exc(), error.exit_code)
        return _say(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _say("Stopped; what was done is kept, and the same command goes on from there.", 130)
    except Exception as error:
        if debug:
            raise
        return _say(f"{type(error).__name__}: {error} (run again with --debug to see where).", 1)


def global_options_last(tokens: Sequence[str]) -> list[str]:
    """Options that every command has may also stand before its name.

    >>> global_options_last(["--store", "s", "--json", "build", "--source", "x"])
    ['build', '--source', 'x', '--store', 's', '--json']
    """
    first = 0
    while first < len(tokens) and tokens[first].partition("=")[0] in VALUE_OPTIONS | FLAG_OPTIONS:
        first += 2 if tokens[first] in VALUE_OPTIONS else 1
    return [*tokens[first:], *tokens[:first]]


def _quiet_prefect(debug: bool) -> None:
    """Prefect's log goes to its database and UI; on the terminal there are our own words, unless asked otherwise."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "DEBUG" if debug else "CRITICAL")
    # Nor does a tool that people run on their own texts phone home unless they want it to.
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


def _write_any_text() -> None:
    """What the terminal's encoding lacks is written as an escape: no output fails over a name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _say(sentence: str, code: int) -> int:
    """Tell an error without letting its text (names of files, of a user's languages) style or steer the terminal."""
    Console(stderr=True, markup=False, highlight=False, soft_wrap=True).print(visible(sentence))
    return code
