"""The engines that exist, by name."""

import re
from collections.abc import Callable
from pathlib import Path

from storage.errors import UsageError
from tasks.mt.amazon import Amazon
from tasks.mt.apertium import Apertium
from tasks.mt.apertium_apy import ApertiumApy
from tasks.mt.azure import Azure
from tasks.mt.deepl import DeepL
from tasks.mt.engine import Engine, Keys, no_keys
from tasks.mt.google import Google
from tasks.mt.laboratory import open_laboratory
from tasks.mt.libretranslate import LibreTranslate
from tasks.mt.markup import Markup
from tasks.mt.openai import OpenAI
from tasks.mt.table import Table
from tasks.mt.watson import Watson


def _apertium(argument: str, _keys: Keys) -> Engine:
    if argument:
        raise UsageError("The engine 'apertium' takes no argument; write just: apertium.")
    return Apertium()


def _table(argument: str, _keys: Keys) -> Engine:
    if not argument:
        raise UsageError(
            "The engine 'table' needs the path of its file; write for instance: table:translations.tsv."
        )
    return Table(Path(argument))


def _laboratory(argument: str, _keys: Keys) -> Engine:
    return open_laboratory(argument)


# The local engines come in only when they are asked for: with torch it takes seconds.
def _transformers(argument: str, _keys: Keys) -> Engine:
    from tasks.mt.local import open_transformers

    return open_transformers(argument)


def _ctranslate2(argument: str, _keys: Keys) -> Engine:
    from tasks.mt.local import open_ctranslate2

    return open_ctranslate2(argument)


ENGINES: dict[str, Callable[[str, Keys], Engine]] = {
    "amazon": Amazon,
    "apertium": _apertium,
    "apertium-apy": ApertiumApy,
    "azure": Azure,
    "ctranslate2": _ctranslate2,
    "deepl": DeepL,
    "google": Google,
    "laboratory": _laboratory,
    "libretranslate": LibreTranslate,
    "openai": OpenAI,
    "table": _table,
    "transformers": _transformers,
    "watson": Watson,
}
"""Name to factory; the factory gets what stands after the colon of `name:argument`, and where to find keys."""


IN_MEMORY = frozenset({"ctranslate2", "transformers"})
"""Engines that hold their model in the memory of the process: it is to be loaded once, not once a process."""


def holds_model(spec: str) -> bool:
    """Whether the engine of that name works within this process, and takes much of its memory.

    >>> holds_model("transformers:facebook/nllb-200-distilled-600M"), holds_model("apertium")
    (True, False)
    """
    return split(spec)[0] in IN_MEMORY


def split(spec: str) -> tuple[str, str]:
    """Name and argument.

    >>> split("table:C:\\\\x.tsv"), split("google?markup=tags")
    (('table', 'C:\\\\x.tsv'), ('google', '?markup=tags'))
    """
    name = re.split("[:?]", spec, maxsplit=1)[0]
    return name, spec[len(name) :].removeprefix(":")


def styled(spec: str, style: Markup) -> str:
    """What opens the same engine with marks in another style.

    Raises:
        UsageError: it cannot be sent that style, or is sent it already.

    >>> styled("google", Markup.TAGS), styled("openai:https://host/v1?model=m", Markup.BRACKETS)
    ('google?markup=tags', 'openai:https://host/v1?model=m&markup=brackets')
    """
    engine, argument = open_engine(spec), split(spec)[1]
    if style not in engine.markups or style is engine.markup:
        others = ", ".join(other for other in engine.markups if other is not engine.markup)
        choice = f"choose of: {others}" if others else "it takes no other"
        raise UsageError(
            f"The engine {engine.name!r}, which is sent marks in the style {engine.markup}, cannot be sent {style} "
            f"instead; {choice}."
        )
    return f"{spec}{'&' if '?' in argument else '?'}markup={style}"


def open_engine(spec: str, keys: Keys = no_keys) -> Engine:
    """The engine that `spec` names: `apertium`, `table:PATH`, `google`, `openai:https://host/v1?model=NAME` ...

    What an argument may be stands with each engine, and for services in `tasks.mt.service`; options may follow the
    bare name, as in `google?markup=tags`. A missing key is no error before the first request, so that a run can be
    planned without it.

    Raises:
        UsageError: no such engine, or its argument is missing, too much or wrong.
        InputError: the file of a table cannot be used.
        EngineMissing: the packages of a local engine are not installed.
    """
    name, argument = split(spec)
    if name not in ENGINES:
        raise UsageError.unknown("engine", name, ENGINES)
    return ENGINES[name](argument, keys)
