"""Benchmarks read from their authors' files, as pairs of a context's and a question's language."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storage.errors import InputError, UsageError
from storage.examples import Example
from storage.squad import read_squad
from tasks.scoring.metrics import Metric
from tasks.scoring.picking import picked


@dataclass(frozen=True, slots=True)
class Pair:
    """The questions of a benchmark that are asked in one language on contexts of one language."""

    context_language: str
    question_language: str
    examples: list[Example]

    @property
    def name(self) -> str:
        """The pair as MLQA names its files.

        >>> Pair("es", "en", []).name
        'context-es-question-en'
        """
        return f"context-{self.context_language}-question-{self.question_language}"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """How a benchmark is read (from its path and split) and by which metric its authors score it."""

    label: str
    metric: Metric
    english_questions: tuple[int, ...]
    """How many English questions on English contexts its splits have, as published."""
    read: Callable[[Path, str], list[Pair]]


def read_benchmark(name: str, path: Path, split: str = "test") -> list[Pair]:
    """The pairs of a benchmark, sorted by context language, then question language.

    `split` chooses between MLQA's `test` and `dev`; the other benchmarks have one split each.

    Raises:
        UsageError: there is no benchmark of that name.
        InputError: the files are not there, or one of them is not what it should be.
    """
    return sorted(
        benchmark(name).read(path, split), key=lambda pair: (pair.context_language, pair.question_language)
    )


def benchmark(name: str) -> Benchmark:
    """The benchmark of that name; `UsageError` lists the valid ones."""
    if name not in BENCHMARKS:
        raise UsageError.unknown("benchmark", name, BENCHMARKS)
    return BENCHMARKS[name]


_MLQA_FILE = re.compile(r"context-([a-zA-Z-]+)-question-([a-zA-Z-]+)\.json")


def _read_mlqa(path: Path, split: str) -> list[Pair]:
    """Any of the 49 files `{split}-context-{c}-question-{q}.json` of MLQA_V1.zip (Lewis et al., 2020)."""
    for folder in (path, path / split, path / "MLQA_V1" / split):
        pairs = [_mlqa_pair(file, split) for file in _files(folder, f"{split}-context-*-question-*.json")]
        if pairs:
            return pairs
    raise InputError(
        f"{path}: there is no {split}-context-*-question-*.json here, in {split}/ or in MLQA_V1/{split}/; "
        "give the folder that MLQA_V1.zip was unpacked to."
    )


def _mlqa_pair(file: Path, split: str) -> Pair:
    languages = _MLQA_FILE.fullmatch(file.name.removeprefix(f"{split}-"))
    if not languages:
        raise InputError(f"{file}: the name does not tell the languages; keep the names of MLQA's own files.")
    return Pair(languages[1], languages[2], read_squad(file).examples)


def _read_xquad(path: Path, split: str) -> list[Pair]:
    """All pairs of the files `xquad.{language}.json` of google-deepmind/xquad, parallel by id.

    They lie in the folder itself, or in one below it as in an archive of the repository.
    """
    found = _files(path, "xquad.*.json") or _files(path, "*/xquad.*.json")
    files = {file.name.split(".")[1]: file for file in found}
    if not files:
        raise InputError(f"{path}: there is no xquad.<language>.json here; give the folder of XQuAD's files.")
    languages = {language: {e.id: e for e in read_squad(file).examples} for language, file in files.items()}
    _check_parallel(path, languages)
    return [
        Pair(context_language, question_language, _asked_in(contexts, questions))
        for context_language, contexts in languages.items()
        for question_language, questions in languages.items()
    ]


def _check_parallel(path: Path, languages: dict[str, dict[str, Example]]) -> None:
    first, *others = languages
    for other in others:
        differing = languages[first].keys() ^ languages[other].keys()
        if differing:
            raise InputError(
                f"{path}: xquad.{first}.json and xquad.{other}.json are not parallel: only one of them "
                f"has the question {min(differing)!r}; give files of one release."
            )


def _asked_in(contexts: dict[str, Example], questions: dict[str, Example]) -> list[Example]:
    return [replace(example, question=questions[key].question) for key, example in contexts.items()]


def _read_squad(path: Path, split: str) -> list[Pair]:
    """One English SQuAD file, or the one file of v1.1 dev in a folder."""
    files = [path] if not path.is_dir() else _files(path, "**/*dev*v1.1*.json") or _files(path, "*.json")
    if len(files) != 1:
        raise InputError(
            f"{path}: there are {len(files)} JSON files that could be SQuAD's here; give dev-v1.1.json itself."
        )
    return [Pair("en", "en", read_squad(files[0]).examples)]


def _files(folder: Path, pattern: str) -> list[Path]:
    """The files of a pattern, sorted, without those that macOS adds to its archives."""
    return [file for file in sorted(folder.glob(pattern)) if not file.name.startswith("._")]


TYDIQA_LANGUAGES = {
    "arabic": "ar",
    "bengali": "bn",
    "english": "en",
    "finnish": "fi",
    "indonesian": "id",
    "korean": "ko",
    "russian": "ru",
    "swahili": "sw",
    "telugu": "te",
}
"""The languages of TyDiQA's gold passage task by the names that begin its ids (Clark et al., 2020)."""


def _read_tydiqa(path: Path, split: str) -> list[Pair]:
    """TyDiQA GoldP v1.1 dev: one file, or a folder of them (files of training are left out)."""
    files = [path] if path.is_file() else [f for f in _files(path, "**/*.json") if "train" not in f.name]
    if not files:
        raise InputError(
            f"{path}: there is no JSON file of TyDiQA here; give tydiqa-goldp-v1.1-dev.json or its folder."
        )
    # The published folder may hold the file of all languages beside those of each: an id is one question.
    examples = {example.id: example for file in files for example in read_squad(file).examples}
    return _by_language(path, examples.values())


def _by_language(path: Path, examples: Iterable[Example]) -> list[Pair]:
    languages: dict[str, list[Example]] = {}
    for example in examples:
        languages.setdefault(_tydiqa_language(path, example.id), []).append(example)
    return [Pair(language, language, chosen) for language, chosen in languages.items()]


def _tydiqa_language(path: Path, example_id: str) -> str:
    name, dash, _ = example_id.partition("-")
    code = TYDIQA_LANGUAGES.get(name.lower(), name.lower())
    if not dash or code not in TYDIQA_LANGUAGES.values():
        raise InputError(
            f"{path}: the id {example_id!r} does not begin with a language of TyDiQA and a dash, such as "
            "'finnish-'; give the files of TyDiQA GoldP v1.1."
        )
    return code


BENCHMARKS = {
    "mlqa": Benchmark("MLQA", Metric.MLQA, (11_590, 1_148), _read_mlqa),
    "xquad": Benchmark("XQuAD", Metric.SQUAD, (1_190,), _read_xquad),
    "squad": Benchmark("SQuAD v1.1", Metric.SQUAD, (10_570, 87_599), _read_squad),
    "tydiqa": Benchmark("TyDiQA GoldP", Metric.SQUAD, (440,), _read_tydiqa),
}


def limited(pairs: Sequence[Pair], limit: int) -> list[Pair]:
    """At most so many questions of each pair, in their order; all for 0.

    They are drawn by lot of their ids, so that the pairs of a parallel benchmark stay parallel.
    """
    if not limit:
        return list(pairs)
    chosen = [picked((example.id for example in pair.examples), limit) for pair in pairs]
    return [
        replace(pair, examples=[example for example in pair.examples if example.id in ids])
        for pair, ids in zip(pairs, chosen, strict=True)
    ]


def languages_of(pairs: Sequence[Pair]) -> list[str]:
    """The languages of contexts and questions, sorted."""
    return sorted({code for pair in pairs for code in (pair.context_language, pair.question_language)})
