"""What all commands share: their common options, how they show progress, and how they end."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from storage.store import DEFAULT_STORE


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Options that every command has."""

    store: Annotated[str, Parameter(env_var="SILVERSPAN_STORE")] = f"./{DEFAULT_STORE}"
    "Where everything is kept: a folder or an fsspec URL."

    memory: str = ""
    "The translation memory, a file or an SQLAlchemy URL; by default `memory.sqlite` in the store."

    json: bool = False
    "End with one JSON object on the last line of standard output."

    debug: bool = False
    "Show logs and tracebacks."


COMMON = Common()
"""The common options where none is given."""


_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls but line end and tab, what turns the direction of text, and halves of characters."""


def visible(text: str) -> str:
    r"""The text as a terminal may show it: whatever would steer the terminal, or could not be written, as an escape.

    >>> print(visible("a\x1b[2Jb\u202ec"))
    a\x1b[2Jb\u202ec
    """
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def finish(common: Common, result: dict[str, Any], *lines: str) -> None:
    """End a command: with its result as one line of JSON, or with lines for people."""
    if common.json:
        # In ASCII, which says the same on every terminal and steers none.
        print(json.dumps(result))
        return
    console = Console(markup=False, highlight=False, soft_wrap=True)
    for line in lines:
        console.print(visible(line))


def note(line: str) -> None:
    """Say how long work goes, on standard error: the result alone is for standard output."""
    Console(stderr=True, markup=False, highlight=False, soft_wrap=True).print(visible(line))


def names(text: str) -> list[str]:
    """Names separated by commas.

    >>> names("es, ca,")
    ['es', 'ca']
    """
    return [name.strip() for name in text.split(",") if name.strip()]


@contextmanager
def bars() -> Iterator[None]:
    """Show the progress of all steps of this process as bars on standard error, where that is a terminal."""
    from tasks.progress import listen

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        shown: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int | None) -> None:
            if what not in shown:
                shown[what] = progress.add_task(visible(what), total=total)
            progress.update(shown[what], completed=done, total=total)

        stop = listen(show)
        try:
            yield
        finally:
            stop()
