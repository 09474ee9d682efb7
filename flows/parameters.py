"""What a run is asked for, checked before anything is started; the UI's forms are made of these types."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from storage.downloads.datasets import DATASETS, OFFICIAL
from storage.downloads.fetching import obtain
from storage.errors import UsageError
from storage.examples import Example
from storage.silver import SilverSet
from storage.squad import check_squad, read_squad
from tasks.mt.catalogue import open_engine, split, styled
from tasks.projection.again import SecondTry
from tasks.projection.filters.settings import Filter, parse_filters
from tasks.projection.rules import Rule

SAMPLE = "sample"
SAMPLE_FOLDER = Path(__file__).parent / "sample"

STATISTICAL = "statistical"
"""The word aligner that is fitted on nothing but the translations at hand."""

ALL_SETS = (SilverSet.TQ, SilverSet.TC, SilverSet.TQC, SilverSet.TALL)


Choice = TypeVar("Choice", bound=StrEnum)

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")


class Benchmark(StrEnum):
    """The benchmarks of the paper's Sec. 4, XQuAD and SQuAD itself."""

    MLQA = "mlqa"
    XQUAD = "xquad"
    TYDIQA = "tydiqa"
    SQUAD = "squad"


def resolve_source(source: str) -> str:
    """The embedded sample by its name; any other source (path, URL, name of a data set) as it is."""
    return str(SAMPLE_FOLDER / "squad.json") if source == SAMPLE else source


def sample_examples() -> list[Example]:
    """The embedded questions, of which the canary set is made."""
    return read_squad(SAMPLE_FOLDER / "squad.json").examples


def resolve_data(data: str, benchmark: str = Benchmark.MLQA) -> str:
    """The embedded evaluation set of a benchmark (MLQA, TyDiQA) by its name; any other folder as it is.

    Raises:
        UsageError: none is embedded of that benchmark.
    """
    if data != SAMPLE:
        return data
    folder = SAMPLE_FOLDER / benchmark
    if not folder.is_dir():
        raise UsageError(
            f"No sample of {benchmark} is embedded; add --data with its folder, or --data official to download it."
        )
    return str(folder)


CHECKED_BYTES = 8 << 20
"""A source that is no larger is read before a build is started; a larger one when it is imported."""


def check_source(source: str, *, whole: bool = True) -> None:
    """Refuse a source that cannot be used before anything is started for it.

    A large file takes seconds to read. Not `whole`, its content is left to the import, the first step of a build, which
    refuses it with the same words and before any engine is asked.

    Raises:
        InputError: the file is missing or is not what it should be.
        UsageError: there is no data set of that name.
    """
    path = Path(resolve_source(source)).expanduser()
    if not whole and path.is_file() and path.stat().st_size > CHECKED_BYTES:
        return
    if path.exists():
        check_squad(path)
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
    """A rule of projection, a preset, a benchmark, an order of updates by its name.

    >>> parse_choice(Benchmark, "mlqa")
    <Benchmark.MLQA: 'mlqa'>

    Raises:
        UsageError: there is none of that name; the valid ones are listed.
    """
    if name not in list(kind):
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).lower()
        raise UsageError.unknown(words, name, filter(None, kind))
    return kind(name)


def filters_of(text: str, rule: Rule) -> str:
    """Settings of filters in their canonical form; nothing is filtered by the paper's rule unless it is asked for.

    Raises:
        UsageError: an unknown filter, or what is no setting of one.
    """
    return str(parse_filters(f"none,{text}" if rule is Rule.PAPER else text))


def parse_dev(text: str) -> tuple[Benchmark, str]:
    """A benchmark, and where its questions to choose a step by lie.

    >>> parse_dev("squad:dev.json")
    (<Benchmark.SQUAD: 'squad'>, 'dev.json')
    >>> parse_dev("mlqa")
    (<Benchmark.MLQA: 'mlqa'>, 'official')

    Raises:
        UsageError: there is no benchmark of that name; the valid ones are listed, and how a file is named.
    """
    name, _, data = text.partition(":")
    if name not in {*Benchmark} and Path(name).suffix == ".json":
        raise UsageError(
            f"The questions to choose by are named BENCHMARK:FILE: write squad:{text} if it is SQuAD's format."
        )
    return parse_choice(Benchmark, name), data or OFFICIAL


def parse_aligner(text: str) -> str:
    """The encoder of a neural aligner, by its folder or name; empty for the statistical aligner.

    >>> parse_aligner("statistical"), parse_aligner("neural=models/mbert")
    ('', 'models/mbert')

    Raises:
        UsageError: it is neither.
    """
    kind, _, name = text.partition("=")
    if kind == "neural" and name:
        return name
    if text != STATISTICAL:
        raise UsageError(f"Unknown aligner {text!r}; write {STATISTICAL}, or neural=FOLDER (of an encoder).")
    return ""


def back_engines(engine: str, languages: list[str], filters: str) -> dict[str, str]:
    """Which engine translates answers back into English, by language; none where none is named.

    Args:
        engine: one name for all languages, or one per language, as in `engine_by_language`; empty for none.
        languages: the languages that are translated back.
        filters: the canonical text of the settings of the filters.

    Raises:
        UsageError: an unknown engine or language; or the filter that would look at what it makes is off.
        EngineError: the engine is missing, or cannot translate the language into English.
    """
    if not engine:
        return {}
    if Filter.BACK not in parse_filters(f"none,{filters}").settings:
        raise UsageError(
            "--back-translation is of no use while the filter that looks at it is off;"
            " add --filters back=0.7 or back=on."
        )
    chosen = _chosen(engine, languages, "--back-translation")
    for language, name in chosen.items():
        open_engine(name).identity(language, "en")
    return chosen


def check_second_try(form: SecondTry, engines: Mapping[str, str]) -> None:
    """Refuse a style of marks that one of the engines cannot be sent.

    Raises:
        UsageError: it cannot; those that it can are listed.
    """
    if form.style:
        for engine in engines.values():
            styled(engine, form.style)


def check_language(code: str) -> None:
    """Refuse what is no code of a language; codes are parts of names of files.

    Raises:
        UsageError: it is none.
    """
    if not _LANGUAGE.fullmatch(code):
        raise UsageError(f"{code!r} is not the code of a language; write one such as es, hi or zh-Hant.")


def check_workers(workers: int | None) -> None:
    """Refuse a number of requests at once that lets nothing be done.

    Raises:
        UsageError: it is less than one.
    """
    if workers is not None and workers < 1:
        raise UsageError(f"--workers {workers} would send nothing; give 1 or more.")


def check_least(option: str, number: int, least: int) -> None:
    """Refuse a number that is too small to mean anything.

    Raises:
        UsageError: it is below `least`.
    """
    if number < least:
        raise UsageError(f"--{option} {number} means nothing; give {least} or more.")


def engine_by_language(engine: str, languages: list[str]) -> dict[str, str]:
    """Which engine translates into which language, each checked to be able to.

    Args:
        engine: one name for all (`apertium`), or one per language (`es=apertium,zh=table:zh.tsv`).
        languages: the languages to be translated into.

    Raises:
        UsageError: an unknown engine, a language without an engine or an engine without a language, what is no code
            of a language, English, none at all.
        EngineError: the engine is missing, or cannot translate into the language.
    """
    if not languages:
        raise UsageError("No language to translate into was named; add --languages, such as --languages es.")
    for language in languages:
        check_language(language)
    chosen = _chosen(engine, languages)
    for language, name in chosen.items():
        if language == "en":
            raise UsageError("English is the source and is in every set; name other languages.")
        open_engine(name).identity("en", language)
    return chosen


def _chosen(engine: str, languages: list[str], option: str = "--engine") -> dict[str, str]:
    if "=" not in split(engine)[0]:
        return dict.fromkeys(languages, engine)
    parts = [part.partition("=") for part in engine.split(",")]
    named = {language: name for language, _, name in parts}
    for language, equals, _ in parts:
        if not equals or language not in languages:
            raise UsageError(
                f"{option} names {language!r}, which is none of the languages {', '.join(languages)};"
                " write LANGUAGE=NAME,... for just these."
            )
    for language in languages:
        if language not in named:
            raise UsageError(
                f"No engine is named for {language!r}; write {option} {language}=NAME,... for each."
            )
    return {language: named[language] for language in languages}
