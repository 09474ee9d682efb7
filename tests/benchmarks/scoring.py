"""The speed of scoring and of the randomisation test, beside the tools that people use for them.

    python -m tests.benchmarks.scoring [--peer DIR] [--data DIR] [--rounds 5]

`--peer` is a folder with the official scorer, `mlqa_evaluation_v1.py` of facebookresearch/MLQA; `--data` the folder
of XQuAD's files. What is absent is skipped, with the reason. All in one thread; rounds alternate, and ratios are
medians of the rounds' ratios. The figures of both sides are compared as well. Prints one JSON object last.
"""

import argparse
import importlib.util
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from storage.examples import Example
from storage.squad import read_squad
from tasks.scoring.benchmarks import Pair
from tasks.scoring.metrics import MLQA_LANGUAGES, Metric, tokenizer
from tasks.scoring.score import best_of, score_examples, score_pairs
from tasks.scoring.significance import PERMUTATIONS, randomisation_test

XQUAD = Path(__file__).parents[3] / "shared" / "data" / "xquad"
QUESTIONS = 12_000
PAIR_QUESTIONS = 3_000
LOOP_PERMUTATIONS = 100
GOALS = {"metric": 2.4, "metric zh": 4.0, "loop": 200.0, "scipy": 100.0, "pairs_s": 5.0}

Ways = Mapping[str, Callable[[], Any]]


def alternating(ways: Ways, rounds: int) -> tuple[dict[str, float], dict[str, float], dict[str, Any]]:
    """Median seconds of each way, how many times as long as it the first one took, and what each returned."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    results: dict[str, Any] = {}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            results[name] = way()
            times[name].append(time.perf_counter() - began)
    first = next(iter(times.values()))
    ratios = {
        name: statistics.median(a / b for a, b in zip(first, own, strict=True)) for name, own in times.items()
    }
    return {name: statistics.median(own) for name, own in times.items()}, ratios, results


def load(path: Path) -> ModuleType:
    """A peer's file as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def questions(folder: Path, language: str, count: int) -> list[Example]:
    """XQuAD's questions over and over, under ids of their own."""
    examples = read_squad(folder / f"xquad.{language}.json").examples
    rounds = range(count // len(examples) + 1)
    repeated = [
        Example(f"{n}-{e.id}", e.title, e.question, e.context, e.answers) for n in rounds for e in examples
    ]
    return repeated[:count]


def predictions(examples: Sequence[Example], seed: int = 0) -> dict[str, str]:
    """Right answers, spans that overlap them, and others, about as often as a reader gives them."""
    chance = random.Random(seed)
    found = {}
    for example in examples:
        gold, luck = example.answers[0], chance.random()
        if luck < 0.45:
            start, end = gold.span.start, gold.span.end
        elif luck < 0.7:
            start, end = (
                max(0, gold.span.start - chance.randint(0, 15)),
                gold.span.end + chance.randint(0, 15),
            )
        else:
            start = chance.randrange(max(1, len(example.context) - 40))
            end = start + chance.randint(5, 40)
        found[example.id] = example.context[start:end].strip()
    return found


def as_squad(examples: Sequence[Example]) -> list[dict[str, Any]]:
    """The questions as the official scorer takes them."""
    paragraphs = [
        {"context": e.context, "qas": [{"id": e.id, "answers": [{"text": a.text} for a in e.answers]}]}
        for e in examples
    ]
    return [{"title": "", "paragraphs": paragraphs}]


def uncached(examples: Sequence[Example], answers: Mapping[str, str], language: str) -> dict[str, float]:
    """Each example on its own: nothing is remembered from one to the next."""
    tokens = tokenizer(Metric.MLQA, language)
    matches = total_f1 = 0.0
    for example in examples:
        found = best_of(tokens(answers[example.id]), [tokens(answer.text) for answer in example.answers])
        matches += found.exact_match
        total_f1 += found.f1
    return {"exact_match": 100.0 * matches / len(examples), "f1": 100.0 * total_f1 / len(examples)}


def scored(examples: Sequence[Example], answers: Mapping[str, str], language: str) -> dict[str, float]:
    """As the product scores a file: texts that repeat are normalised once."""
    score = score_examples(examples, answers, metric=Metric.MLQA, language=language)
    return {"exact_match": score.exact_match, "f1": score.f1}


def metric(peer: Path, data: Path, rounds: int) -> dict[str, Any]:
    """The official scorer against ours, for each of XQuAD's languages."""
    official = load(peer / "mlqa_evaluation_v1.py")
    found = {}
    for language in ("en", "es", "de", "ar", "hi", "zh"):
        examples = questions(data, language, QUESTIONS)
        answers, squad = predictions(examples), as_squad(examples)
        ways: Ways = {
            "official": lambda s=squad, a=answers, c=language: official.evaluate(s, a, c),
            "uncached": lambda e=examples, a=answers, c=language: uncached(e, a, c),
            "ours": lambda e=examples, a=answers, c=language: scored(e, a, c),
        }
        seconds, ratios, results = alternating(ways, rounds)
        assert results["official"] == results["uncached"] == results["ours"], language
        found[language] = {name: round(ratios[name], 2) for name in ("uncached", "ours")}
        print(
            f"metric {language}: official {seconds['official']:.3f} s, uncached {ratios['uncached']:.2f}x, "
            f"as a file is scored {ratios['ours']:.2f}x, figures equal",
            flush=True,
        )
    return found


def f1_like(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores of two readers of answers of a few words, which differ on two questions in five."""
    chance = np.random.default_rng(seed)
    gold, told = chance.integers(1, 9, (2, 2, count))
    shared = np.minimum(chance.integers(0, 9, (2, count)), np.minimum(gold, told))
    a, b = 2.0 * shared / (gold + told)
    return np.where(chance.random(count) < 0.6, b, a), b


def loop(a: Sequence[float], b: Sequence[float], permutations: int) -> float:
    """The test as its definition reads, in plain Python."""
    chance, observed, hits = random.Random(0), abs(sum(a) - sum(b)), 0
    for _ in range(permutations):
        first = second = 0.0
        for x, y in zip(a, b, strict=True):
            if chance.random() < 0.5:
                x, y = y, x
            first += x
            second += y
        hits += abs(first - second) >= observed - 1e-9
    return (hits + 1) / (permutations + 1)


def randomisation(rounds: int) -> dict[str, Any]:
    """10,000 permutations of 12,000 examples: ours, a loop (100 of them, scaled up) and scipy's `permutation_test`."""
    a, b = f1_like(QUESTIONS)
    lists = a.tolist(), b.tolist()
    ways: dict[str, Callable[[], float]] = {
        "loop": lambda: loop(*lists, LOOP_PERMUTATIONS),
        "ours": lambda: randomisation_test(a, b).p_value,
    }
    seconds, ratios, results = alternating(ways, rounds)
    scale = PERMUTATIONS / LOOP_PERMUTATIONS
    found: dict[str, Any] = {"ours_s": round(seconds["ours"], 4), "loop": round(scale * ratios["ours"], 1)}
    print(
        f"randomisation: loop {scale * seconds['loop']:.1f} s, ours {seconds['ours']:.4f} s, {found['loop']:.0f}x; "
        f"p {results['ours']:.4f}",
        flush=True,
    )
    if importlib.util.find_spec("scipy") is None:
        print("randomisation: scipy is not installed, so its permutation_test is skipped")
        return found
    from scipy.stats import permutation_test

    def theirs() -> float:
        outcome = permutation_test(
            (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples",
            n_resamples=PERMUTATIONS, vectorized=True, batch=250, rng=0,
        )  # fmt: skip
        return float(outcome.pvalue)

    ours = ways["ours"]
    seconds, ratios, results = alternating({"scipy": theirs, "ours": ours}, min(rounds, 3))
    found["scipy"] = round(ratios["ours"], 1)
    print(
        f"randomisation: scipy {seconds['scipy']:.1f} s, ours {seconds['ours']:.4f} s, {found['scipy']:.0f}x; "
        f"p {results['scipy']:.4f} and {results['ours']:.4f}"
    )
    return found


def all_pairs(data: Path, rounds: int) -> dict[str, float]:
    """49 pairs of 3,000 questions in one process: every pair with predictions of its own."""
    available = {code: code if (data / f"xquad.{code}.json").is_file() else "es" for code in MLQA_LANGUAGES}
    contexts = {code: questions(data, file, PAIR_QUESTIONS) for code, file in available.items()}
    pairs = [Pair(c, q, contexts[c]) for c in MLQA_LANGUAGES for q in MLQA_LANGUAGES]
    answers = {
        (pair.name, key): text
        for seed, pair in enumerate(pairs)
        for key, text in predictions(pair.examples, seed).items()
    }
    began = time.process_time()
    seconds, _, results = alternating(
        {"pairs": lambda: score_pairs(pairs, answers, metric=Metric.MLQA)}, rounds
    )
    processor = (time.process_time() - began) / rounds
    total = sum(score.score.total for score in results["pairs"])
    print(
        f"pairs: {len(pairs)} pairs, {total:,} questions in {seconds['pairs']:.2f} s ({processor:.2f} s of processor)"
    )
    return {"pairs_s": round(seconds["pairs"], 2), "pairs_processor_s": round(processor, 2)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", type=Path, default=Path("peer"))
    parser.add_argument("--data", type=Path, default=XQUAD)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    found: dict[str, Any] = {"randomisation": randomisation(given.rounds)}
    if not given.data.is_dir():
        print(f"metric, pairs: {given.data} is not here (XQuAD's files), so they are skipped")
    else:
        found |= all_pairs(given.data, given.rounds)
        if (given.peer / "mlqa_evaluation_v1.py").is_file():
            found["metric"] = metric(given.peer, given.data, given.rounds)
        else:
            print(f"metric: {given.peer}/mlqa_evaluation_v1.py is not here (--peer), so it is skipped")
    print(json.dumps({**found, "goals": GOALS, "python": sys.version.split()[0], "numpy": np.__version__}))


if __name__ == "__main__":
    main()
