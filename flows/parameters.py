"""What a run is asked for, checked before anything is started; the UI's forms are made of these types."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from storage.downloads.datasets import DATASETS
from storage.downloads.fetching import obtain
from storage.errors import UsageError
from storage.silver import SilverSet
from storage.squad import read_squad
from tasks.mt.catalogue import open_engine

SAMPLE = "sample"
SAMPLE_FOLDER = Path(__file__).parent / "sample"

ALL_SETS = (SilverSet.TQ, SilverSet.TC, SilverSet.TQC, SilverSet.TALL)


Choice = TypeVar("Choice", bound=StrEnum)


class Benchmark(StrEnum):
    """The benchmarks of the paper's Sec. 4, XQuAD and SQuAD itself."""

    MLQA = "mlqa"
    XQUAD = "xquad"
    TYDIQA = "tydiqa"
    SQUAD = "squad"


def resolve_source(source: str) -> str:
    """The embedded sample by its name; any other source (path, URL, name of a data set) as it is."""
    return str(SAMPLE_FOLDER / "squad.json") if source == SAMPLE else source


def resolve_data(data: str) -> str:
    """The embedded evaluation set by its name; any other folder as it is."""
    return str(SAMPLE_FOLDER / "mlqa") if data == SAMPLE else data


def check_source(source: str) -> None:
    """Refuse a source that cannot be used before anything is started for it.

    Raises:
        InputError: the file is missing or is not what it should be.
        UsageError: there is no data set of that name.
    """
    path = Path(resolve_source(source)).expanduser()
    if path.exists():
        read_squad(path)
    elif "://" not in source and source not in DATASETS:
        obtain(source, path)


def parse_sets(names: Sequence[str]) -> list[SilverSet]:
    """Sets by name, in the paper's order.

    Raises:
        UsageError: an unknown set, or none.
    """
    for name in names:
        if name not in ALL_SETS:
            raise UsageError.unknown("set", name, ALL_SETS)
    if not names:
        raise UsageError(f"No set was named; choose of: {', '.join(ALL_SETS)}.")
    return [silver_set for silver_set in ALL_SETS if silver_set in names]


def parse_choice(kind: type[Choice], name: str) -> Choice:
    """A rule of projection, a preset, a benchmark by its name.

    >>> parse_choice(Benchmark, "mlqa")
    <Benchmark.MLQA: 'mlqa'>

    Raises:
        UsageError: there is none of that name; the valid ones are listed.
    """
    if name not in list(kind):
        raise UsageError.unknown(kind.__name__.lower(), name, kind)
    return kind(name)


def engine_by_language(engine: str, languages: list[str]) -> dict[str, str]:
    """Which engine translates into which language, each checked to be able to.

    Args:
        engine: one name for all (`apertium`), or one per language (`es=apertium,zh=table:zh.tsv`).
        languages: the languages to be translated into.

    Raises:
        UsageError: an unknown engine, a language without an engine, English, none at all.
        EngineError: the engine is missing, or cannot translate into the language.
    """
    if not languages:
        raise UsageError("No language to translate into was named; add --languages, such as --languages es.")
    chosen = _chosen(engine, languages)
    for language, name in chosen.items():
        if language == "en":
            raise UsageError("English is the source and is in every set; name other languages.")
        open_engine(name).identity("en", language)
    return chosen


def _chosen(engine: str, languages: list[str]) -> dict[str, str]:
    if "=" not in engine.partition(":")[0]:
        return dict.fromkeys(languages, engine)
    named = dict(part.split("=", 1) for part in engine.split(",") if "=" in part)
    for language in languages:
        if language not in named:
            raise UsageError(
                f"No engine is named for {language!r}; write --engine {language}=NAME,... for each."
            )
    return {language: named[language] for language in languages}
