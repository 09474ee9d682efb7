"""What each filter costs in rows and gains in F1, what it finds of planted faults, and how fast all of them are.

    python -m tests.benchmarks.filters TABLE.json [BACKS.json]

TABLE.json holds an engine's Spanish for XQuAD's English contexts, by marked text; BACKS.json translations back into
English by Spanish answer, for the filter `back`. XQuAD is looked for in `../shared/data/xquad`. A weight is chosen on
the articles of even index; all figures of F1 are those of the odd ones, against the human Spanish answers (MLQA's F1).
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from storage.examples import Answer, Example
from storage.squad import read_squad
from tasks.mt.markup import Markup
from tasks.projection.contexts import AnsweredContext, project_examples
from tasks.projection.curves import yield_curve
from tasks.projection.filters.rows import ANSWER_SCORES, CONTEXT_SCORES, Texts, filtered
from tasks.projection.filters.settings import DEFAULT, LEAST, Filter, Filters
from tasks.projection.rules import Rule
from tasks.scoring.metrics import Metric, f1

XQUAD = Path(__file__).parents[3] / "shared" / "data" / "xquad"
TARGETS = ("es", "de", "ar", "hi", "zh")
SCORES = {**CONTEXT_SCORES, **ANSWER_SCORES}
WEIGHTS = (0.9, 0.7, 0.5, 0.3, 0.1)
SHARES = [round(float(share), 2) for share in np.linspace(0.5, 1.0, 51)]
ROUNDS = 3

Floats = npt.NDArray[np.float64]
Found = dict[str, AnsweredContext]


def area(confidence: Floats, quality: Floats) -> float:
    """The mean F1 over all yields from 50 to 100 %."""
    points = yield_curve(list(confidence), list(quality), total=len(quality), shares=SHARES)
    return float(np.mean([point.f1 for point in points]))


def texts_of(example: Example, found: AnsweredContext, target: str, backs: Mapping[str, str]) -> Texts:
    """A row as the filters see it."""
    answer = found.answers[0].text
    return Texts(
        example.context, found.context, "en", target, example.answers[0].text, answer, backs.get(answer)
    )


def print_gains(examples: Sequence[Example], found: Found, backs: Mapping[str, str]) -> None:
    """Cost and gain of each filter alone, and of all as they are by default."""
    human = {e.id: e.answers[0].text for e in read_squad(XQUAD / "xquad.es.json").examples}
    rows = [e for e in examples if found[e.id].answers]
    quality = np.array([f1(found[e.id].answers[0].text, [human[e.id]], Metric.MLQA, "es") for e in rows])
    confidence = np.array([found[e.id].confidence for e in rows])
    titles = list(dict.fromkeys(e.title for e in examples))
    odd = np.array([titles.index(e.title) % 2 == 1 for e in rows])
    base = area(confidence[odd], quality[odd])
    print(f"{odd.sum()} rows of odd articles, F1 {quality[odd].mean():.4f}, area {base:.4f}")
    print(f"{'filter':15}{'on':>5}{'rejected':>10}{'their F1':>10}{'kept F1':>9}{'weight':>8}{'area':>9}")
    for name, score in SCORES.items():
        if name is Filter.BACK and not backs:
            continue
        scores = np.array([score(texts_of(e, found[e.id], "es", backs)) for e in rows])
        lost = odd & (scores < LEAST[name])
        weighted = {w: confidence * (1 - (1 - w) * (1 - scores)) for w in WEIGHTS}
        weight = max(WEIGHTS, key=lambda w: area(weighted[w][~odd], quality[~odd]))
        gain = area(weighted[weight][odd], quality[odd]) - base
        theirs = f"{quality[lost].mean():.3f}" if lost.any() else "-"
        kept = quality[odd & ~lost].mean()
        print(f"{name:15}{LEAST[name]:5.2f}{lost.sum():10}{theirs:>10}{kept:9.4f}{weight:8.1f}{gain:+9.4f}")
    after = filtered(examples, found, DEFAULT, source="en", target="es", backs=backs)
    kept_rows = [(e.id, q) for e, q, o in zip(rows, quality, odd, strict=True) if o and after[e.id].answers]
    new = area(np.array([after[i].confidence for i, _ in kept_rows]), np.array([q for _, q in kept_rows]))
    print(
        f"default {DEFAULT}: {odd.sum() - len(kept_rows)} rows rejected, area {new:.4f} ({new - base:+.4f})"
    )


Fault = Callable[[Example, AnsweredContext, AnsweredContext], AnsweredContext]
"""Spoils a good row, given the same row in another language."""


def _with_text(found: AnsweredContext, context: str) -> AnsweredContext:
    return replace(found, context=context)


def _looping(found: AnsweredContext) -> AnsweredContext:
    half = found.context[: len(found.context) // 2]
    return _with_text(found, half + half[-40:] * (len(half) // 40))


def _without_digits(found: AnsweredContext) -> AnsweredContext:
    text = "".join(char for char in found.answers[0].text if not char.isdigit()) or "-"
    return replace(found, answers=(Answer(text, 0),))


def _swollen(found: AnsweredContext) -> AnsweredContext:
    return replace(found, answers=(Answer(found.context[: 8 * len(found.answers[0].text) + 60], 0),))


FAULTS: Mapping[str, Fault] = {
    "context copied": lambda e, f, o: _with_text(f, e.context),
    "half copied": lambda e, f, o: _with_text(
        f, f.context[: len(f.context) // 2] + e.context[len(e.context) // 2 :]
    ),
    "looping": lambda e, f, o: _looping(f),
    "other language": lambda e, f, o: _with_text(f, o.context),
    "cut text": lambda e, f, o: _with_text(f, f.context[: 2 * len(f.context) // 5]),
    "no digits": lambda e, f, o: _without_digits(f),
    "answer copied": lambda e, f, o: replace(f, answers=e.answers[:1]),
    "answer swollen": lambda e, f, o: _swollen(f),
}
MEANT_FOR = {
    "context copied": lambda e: True,
    "no digits": lambda e: any(char.isdigit() for char in e.answers[0].text),
    "answer copied": lambda e: any(w.islower() and len(w) > 3 for w in e.answers[0].text.split()),
}
"""The rows in which a fault is one at all, where those are not all rows."""


def print_faults(examples: Sequence[Example]) -> None:
    """For each planted fault and filter: the share that is found; and what each rejects of people's translations."""
    people = {language: _people(language) for language in TARGETS}
    names = [name for name in Filter if name is not Filter.BACK]
    print(f"\n{'share rejected':16}{'rows':>7}" + "".join(f"{name:>15}" for name in names))
    good = [texts_of(e, people[to][e.id], to, {}) for to in TARGETS for e in examples]
    false = {name: _rejected(name, good) for name in names}
    planted = {}
    for fault, spoil in FAULTS.items():
        meant = MEANT_FOR.get(fault, lambda e: True)
        bad = [
            texts_of(e, spoil(e, people[to][e.id], people[other][e.id]), to, {})
            for to, other in zip(TARGETS, TARGETS[1:] + TARGETS[:1], strict=True)
            for e in examples
            if meant(e)
        ]
        planted[fault] = {name: _rejected(name, bad) for name in names}
        print(f"{fault:16}{len(bad):7}" + "".join(f"{planted[fault][name]:15.1%}" for name in names))
    print(f"{'people':16}{len(good):7}" + "".join(f"{false[name]:15.2%}" for name in names))
    precision = {
        n: max((p[n] / (p[n] + false[n]) for p in planted.values() if p[n]), default=0) for n in names
    }
    print(f"{'precision':16}{'':7}" + "".join(f"{precision[name]:15.1%}" for name in names))


def _people(language: str) -> Found:
    return {
        e.id: AnsweredContext(e.context, e.answers[:1], "human", 1.0)
        for e in read_squad(XQUAD / f"xquad.{language}.json").examples
    }


def _rejected(name: Filter, rows: Sequence[Texts]) -> float:
    return float(np.mean([SCORES[name](row) < LEAST[name] for row in rows]))


def print_speed(examples: Sequence[Example], found: Found, table: Mapping[str, str]) -> None:
    """Rows per second of one core's own time: the filters alone, and with marking and recovering."""

    def rate(work: Callable[[], object]) -> float:
        times = []
        for _ in range(ROUNDS):
            began = time.process_time()
            work()
            times.append(time.process_time() - began)
        return len(examples) / min(times)

    def alone(filters: Filters) -> Callable[[], object]:
        return lambda: filtered(examples, found, filters, source="en", target="es")

    def project() -> Found:
        return project_examples(examples, table, Rule.BEST, Markup.HTML, source="en", target="es")

    print(f"\nfilters alone: {rate(alone(DEFAULT)):,.0f} rows/s")
    for name, setting in DEFAULT:
        print(f"  {name:15}{rate(alone(Filters({name: setting}))):12,.0f} rows/s")
    print(f"marking and recovering alone: {rate(project):,.0f} rows/s")
    both = rate(lambda: filtered(examples, project(), DEFAULT, source="en", target="es"))
    print(f"all three: {both:,.0f} rows/s")


def main(table: str, backs: str | None = None) -> None:
    """Print all of it."""
    examples = read_squad(XQUAD / "xquad.en.json").examples
    translations = json.loads(Path(table).read_text())
    found = project_examples(examples, translations, Rule.BEST, Markup.HTML, source="en", target="es")
    print_gains(examples, found, json.loads(Path(backs).read_text()) if backs else {})
    print_faults(examples)
    print_speed(examples, found, translations)


if __name__ == "__main__":
    main(*sys.argv[1:])
