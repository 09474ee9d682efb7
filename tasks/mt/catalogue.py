"""The engines that exist, by name."""

from collections.abc import Callable
from pathlib import Path

from storage.errors import UsageError
from tasks.mt.apertium import Apertium
from tasks.mt.engine import Engine
from tasks.mt.table import Table


def _apertium(argument: str) -> Engine:
    if argument:
        raise UsageError("The engine 'apertium' takes no argument; write just: apertium.")
    return Apertium()


def _table(argument: str) -> Engine:
    if not argument:
        raise UsageError(
            "The engine 'table' needs the path of its file; write for instance: table:translations.tsv."
        )
    return Table(Path(argument))


ENGINES: dict[str, Callable[[str], Engine]] = {"apertium": _apertium, "table": _table}
"""Name to factory; the factory gets what stands after the colon of `name:argument`."""


def open_engine(spec: str) -> Engine:
    """The engine that `spec` names: `apertium`, or `table:PATH`.

    Raises:
        UsageError: no such engine, or its argument is missing or too much.
        InputError: the file of a table cannot be used.
    """
    name, _, argument = spec.partition(":")
    if name not in ENGINES:
        raise UsageError.unknown("engine", name, ENGINES)
    return ENGINES[name](argument)
