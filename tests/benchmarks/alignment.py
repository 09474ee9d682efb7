"""How well, and how fast, answers are found through word alignment alone, where the truth is known.

    python -m tests.benchmarks.alignment XQUAD_FOLDER [--languages es,de,ar,hi,zh] [--peer]

Projects the English answers of XQuAD onto the translations that people made: character F1 (Dice of the ranges) and the
share of exact offsets, on the articles of even index (on which whatever is tuned was tuned), on the odd ones, and on
all. The aligner is fitted on the paragraphs and questions of the language alone. `--peer` prints eflomal's figures
(GPL, not part of this project: `pip install eflomal`) beside ours, its links being read by the same rule.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from pathlib import Path

import numpy as np

from storage.examples import Example
from storage.squad import read_squad
from tasks.projection.alignment.aligner import Alignment, Floats, Pair, fit
from tasks.projection.alignment.beads import Bead
from tasks.projection.alignment.corpus import corpus
from tasks.projection.alignment.forms import normal
from tasks.projection.alignment.spans import find_span
from tasks.projection.alignment.words import Words
from tasks.projection.outcomes import Method
from tasks.projection.rungs.case import Case
from tasks.projection.trials.figures import Figures, Judge, figures
from tasks.projection.trials.methods import Sighting
from tasks.projection.trials.rows import Row

LANGUAGES = "es,de,ar,hi,zh"

Aligned = Mapping[Pair, Alignment]
Outcome = tuple[Aligned, float, float]
"""Alignments by pair, seconds of fitting, seconds of aligning."""


def segments(english: Sequence[Example], human: Sequence[Example]) -> tuple[list[Pair], list[Pair]]:
    """The distinct pairs of contexts, and of questions."""
    both = list(zip(english, human, strict=True))
    contexts = dict.fromkeys((one.context, other.context) for one, other in both)
    questions = dict.fromkeys((one.question, other.question) for one, other in both)
    return list(contexts), list(questions)


def ours(contexts: list[Pair], questions: list[Pair], language: str) -> Outcome:
    """Alignments, and the seconds of processor time that fitting and aligning took."""
    began = time.process_time()
    aligner = fit([*contexts, *questions], source="en", target=language)
    fitted = time.process_time()
    alignments = aligner.align_many(contexts)
    return dict(zip(contexts, alignments, strict=True)), fitted - began, time.process_time() - fitted


def peers(contexts: list[Pair], questions: list[Pair], language: str, *, whole: bool) -> Outcome:
    """The same by eflomal: the links of both directions united, of whole texts or of the beads that ours gets.

    Words are cut and normalised as ours are; the seconds are by the clock, for eflomal is another process.
    """
    import eflomal  # type: ignore[import-not-found]

    pairs = [*contexts, *questions]
    data = corpus(pairs, "en", language)
    beads = list(data.beads)
    if whole:
        beads = [(n, Bead(0, len(one), 0, len(other))) for n, (one, other) in enumerate(data.texts)]
    ours = [_line(data.texts[n][0], bead.source_start, bead.source_end) for n, bead in beads]
    theirs = [_line(data.texts[n][1], bead.target_start, bead.target_end) for n, bead in beads]
    links = [np.zeros((len(one), len(other)), np.float32) for one, other in data.texts]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "forward", Path(folder) / "backward"]
        eflomal.Aligner().align(
            ours, theirs, links_filename_fwd=str(files[0]), links_filename_rev=str(files[1])
        )
        spent = time.perf_counter() - began
        for file in files:
            for (number, bead), line in zip(beads, file.read_text().splitlines(), strict=True):
                for link in line.split():
                    s, t = map(int, link.split("-"))
                    links[number][bead.source_start + s, bead.target_start + t] = 1
    return {pair: _united(*data.texts[n], links[n]) for n, pair in enumerate(pairs)}, spent, 0.0


def _line(text: Words, start: int, end: int) -> str:
    return " ".join(normal(form) for form in text.forms[start:end]) + "\n"


def _united(one: Words, other: Words, links: Floats) -> Alignment:
    ways = [links / np.maximum(links.sum(axis=axis, keepdims=True), 1) for axis in (0, 1)]
    return Alignment(one, other, *ways)


def score(name: str, english: Sequence[Example], human: Sequence[Example], aligned: Aligned) -> str:
    """Character F1 and exact offsets on the even articles, the odd ones, and all."""
    parts = []
    for parities in ({False}, {True}, {False, True}):
        found = projected(english, human, aligned, parities)
        # A word that is linked with nothing scores nothing.
        share = found.kept / found.total
        parts.append(f"{share * (found.char_f1 or 0):.3f} / {share * (found.exact_offsets or 0):.3f}")
    return f"{name:14}" + "   ".join(parts)


def projected(
    english: Sequence[Example],
    human: Sequence[Example],
    aligned: Aligned,
    parities: Set[bool] = frozenset({False, True}),
) -> Figures:
    """The figures of the aligned answers, on the articles of odd index, of even index, or on both."""
    titles = list(dict.fromkeys(example.title for example in english))
    gold = {example.id: example for example in human}
    rows, seen = [], []
    for example in english:
        odd, other, span = titles.index(example.title) % 2 == 1, gold[example.id], example.answers[0].span
        if odd not in parities:
            continue
        case = Case(example.context, span, other.context, alignment=aligned[example.context, other.context])
        rows.append(Row(example.id, example.question, case, other.answers[0], odd))
        found = find_span(aligned[example.context, other.context], span)
        seen.append(Sighting(found.span, found.score, Method.ALIGNED) if found else None)
    return figures(rows, seen, Judge("en", same_context=True), regret=False)


def main() -> None:
    """Print one line for each language and aligner."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--languages", default=LANGUAGES)
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    ways: dict[str, Callable[..., Outcome]] = {"ours": ours}
    if options.peer:
        ways["eflomal"] = partial(peers, whole=True)
        ways["+ beads"] = partial(peers, whole=False)
    english = read_squad(options.folder / "xquad.en.json").examples
    print(f"{'':14}{'even':16}{'odd':16}{'all':16}fit s   align ms")
    for language in options.languages.split(","):
        human = read_squad(options.folder / f"xquad.{language}.json").examples
        contexts, questions = segments(english, human)
        for name, way in ways.items():
            aligned, fitting, aligning = way(contexts, questions, language)
            line = score(f"{language} {name}", english, human, aligned)
            print(f"{line}   {fitting:5.1f}   {1000 * aligning / len(contexts):8.2f}", flush=True)


if __name__ == "__main__":
    main()
