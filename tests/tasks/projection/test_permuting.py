"""Projection against an engine whose true positions are known: every fault of tags, alone and all together."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from typing import NamedTuple

import pytest

from storage.examples import Answer, Example, Span
from tasks.mt.markup import Markup
from tasks.projection.alignment.aligner import Aligner, Alignment, fit
from tasks.projection.contexts import AnsweredContext, mark_contexts, project_examples
from tasks.projection.marking import Marked, mark, plain, recover
from tasks.projection.rules import Rule
from tests.tasks.projection.made_up import examples
from tests.tasks.projection.permuting import Permuting, Truth
from tests.tasks.projection.tag_faults import FAULTS, Fault

CONTEXTS = 100
RATE = 0.5
TARGET = "eo"
"""A language of whose grammar the ladder knows nothing, so that no respelled word is one of its prepositions."""

MISLEADING = {Fault.DROPPED, Fault.MOVED}
"""After these nothing came back of the answer's tags, or what came back says something else."""


class Row(NamedTuple):
    """What became of one answer, and what should have.

    Of marks of equal text that all came back without their numbers nobody can tell which is which: any will do.
    """

    fault: Fault | None
    exact: bool
    found: Answer | None
    confidence: float
    marked: Marked
    truth: Truth
    number: int


def rows(asked: Sequence[Example], engine: Permuting, markup: Markup = Markup.HTML) -> list[Row]:
    """Every answer through marking, the engine and projection."""
    truths: dict[tuple[str, Span], tuple[Marked, Truth, int]] = {}
    translations: dict[str, str] = {}
    for marked in mark_contexts(asked, markup):
        truth = engine.translate(marked)
        translations[marked.text] = truth.text
        truths |= {(marked.context, s): (marked, truth, n) for n, s in enumerate(marked.spans, 1)}
    alone = {
        plain(e.answers[0].text, markup): plain(engine.respelled(e.answers[0].text), markup) for e in asked
    }
    found = project_examples(
        asked,
        translations,
        Rule.BEST,
        markup,
        source="en",
        target=TARGET,
        aligner=remembering(engine.seed),
        alone=alone,
    )
    return [_row(found[example.id], *truths[example.context, example.answers[0].span]) for example in asked]


def _row(got: AnsweredContext, marked: Marked, truth: Truth, number: int) -> Row:
    twins = [number]
    if truth.faults.get(number) is Fault.NAMELESS:
        texts = [marked.context[span.start : span.end] for span in marked.spans]
        same = [n for n, text in enumerate(texts, 1) if text == texts[number - 1]]
        twins = [n for n in same if truth.faults.get(n) is Fault.NAMELESS]
    right = [Answer(truth.context[s.start : s.end], s.start) for s in map(truth.places.__getitem__, twins)]
    answer = got.answers[0] if got.answers else None
    is_exact = got.context == truth.context and answer in right
    return Row(truth.faults.get(number), is_exact, answer, got.confidence, marked, truth, number)


@cache
def asked() -> list[Example]:
    return examples(seed=1, contexts=CONTEXTS)


class Remembering:
    """A fitted aligner that aligns each pair of texts once, for most faults leave the text as it is."""

    def __init__(self, aligner: Aligner) -> None:
        self._align = cache(aligner.align)

    def align_many(self, pairs: Sequence[tuple[str, str]]) -> list[Alignment]:
        return [self._align(*pair) for pair in pairs]


@cache
def remembering(seed: int) -> Remembering:
    """Fitted on what the engine makes of the contexts, as a build does it."""
    engine = Permuting(seed)
    translated = [(m.context, engine.translate(m).context) for m in mark_contexts(asked(), Markup.HTML)]
    return Remembering(fit(sorted(translated), source="en", target=TARGET))


@cache
def one_fault(fault: Fault) -> list[Row]:
    return rows(asked(), Permuting(2, {fault: RATE}))


@cache
def all_faults(seed: int = 3) -> list[Row]:
    """Two marks of three suffer, from any fault at equal rates."""
    return rows(asked(), Permuting(seed, dict.fromkeys(FAULTS, 0.66 / len(FAULTS))))


def share(found: Sequence[Row]) -> float:
    return sum(row.exact for row in found) / len(found)


def surely_wrong(found: Sequence[Row]) -> list[Row]:
    return [row for row in found if row.found and not row.exact and row.confidence > 0.9]


@pytest.mark.parametrize("markup", Markup)
def test_tags_that_are_left_alone(markup: Markup) -> None:
    found = rows(asked(), Permuting(2), markup)
    assert len(found) > 800
    assert share(found) == 1.0


@pytest.mark.parametrize("fault", [f for f in FAULTS if f not in MISLEADING])
def test_a_fault_is_mended(fault: Fault) -> None:
    """The answers whose tags suffered, and those beside them."""
    hit = [row for row in one_fault(fault) if row.fault is fault]
    assert len(hit) > 25
    assert share(hit) >= 0.999
    assert share(one_fault(fault)) >= 0.999


@pytest.mark.parametrize("fault", FAULTS)
def test_no_wrong_answer_is_held_for_certain(fault: Fault) -> None:
    assert not surely_wrong(one_fault(fault))


def test_all_faults_together() -> None:
    found = all_faults()
    came_back = [row for row in found if row.fault not in MISLEADING]
    assert {row.fault for row in found} == {None, *FAULTS}
    assert len(came_back) > 700
    assert share(came_back) >= 0.999
    assert not surely_wrong(found)


@pytest.mark.xfail(reason="the confidence of answers in sound tags ends at 0.73", strict=True)
def test_right_answers_are_held_for_certain() -> None:
    """Else it would mean little that wrong ones are not."""
    assert sum(row.exact and row.confidence > 0.9 for row in all_faults()) > 100


def test_the_contexts_hold_all_that_is_asked_of_them() -> None:
    spans: dict[str, list[Span]] = {}
    for example in asked():
        spans.setdefault(example.context, []).append(example.answers[0].span)
    pairs = [(a, b, text) for text, found in spans.items() for a, b in combinations(found, 2)]
    assert sum(a.crosses(b) for a, b, _ in pairs) > 100
    assert sum(a.start <= b.start and b.end <= a.end for a, b, _ in pairs) > 100
    assert sum(text[a.start : a.end] == text[b.start : b.end] for a, b, text in pairs) > 50
    assert all(
        example.answers[0].text == example.context[s.start : s.end]
        for example in asked()
        for s in [example.answers[0].span]
    )


def test_the_engine_knows_where_its_answers_are() -> None:
    """Its own account against the tags that it writes when it does nothing wrong."""
    engine = Permuting(5)
    for marked in mark_contexts(asked(), Markup.HTML):
        truth = engine.translate(marked)
        found = recover(truth.text)
        assert (found.text, not found.unbalanced) == (truth.context, True)
        assert found.pieces == {number: (span,) for number, span in truth.places.items()}
        assert truth == engine.translate(marked) != Permuting(6).translate(marked)
        source = marked.context
        assert len(truth.context) == len(source)
        assert Counter(re.findall(r"\w+", truth.context)) == Counter(
            re.findall(r"\w+", engine.respelled(source))
        )
    assert len(set(map(engine.respelled, source.split()))) == len(set(source.split()))


def test_the_engine_moves_words_and_marks() -> None:
    (marked,) = mark("one two three four five, six.", [Span(4, 13)])
    found = {Permuting(seed).translate(marked).places[1].start for seed in range(20)}
    assert len(found) > 3


SMALLEST: dict[str, tuple[str, str, str]] = {
    "lenticular brackets": ("the [red] car", "ol 【b1】ruj【/b1】 tor", "ruj"),
    "no number, twice": ("the [red] [car]", "ol <fuerte>ruj</fuerte> <fuerte>tor</fuerte>", "ruj"),
    "no closing tag": ("the [red] car", "ol <b1>ruj tor", "ruj"),
    "no opening tag": ("the [red] car", "ol ruj</b1> tor", "ruj"),
    "no closing tag before a twin": ("the [red, car] car", "ol <b1>ruj, tor, tor", "ruj, tor"),
    "pushed out": ("the [red] car", "ol <b1></b1>ruj tor", "ruj"),
    "a word cut at its end": ("the [red] car", "ol <b1>ru</b1>j tor", "ruj"),
    "a word cut at its start": ("the [red] car", "ol r<b1>uj</b1> tor", "ruj"),
    "a bit of the next word": ("the [red] car", "ol <b1>ruj t</b1>or", "ruj"),
    "a bit of the word before": ("the [red] car", "o<b1>l ruj</b1> tor", "ruj"),
    "a space lost behind": ("the [red] car", "ol <b1>ruj</b1>tor", "ruj"),
    "a space lost before": ("the [red] car", "ol<b1>ruj</b1> tor", "ruj"),
    "a comma pulled in": ("the [red], old car", "ol <b1>ruj,</b1> vet tor", "ruj"),
    "a second quote pulled in": ('the ["red"] car', 'ol <b1>""ruj"</b1> tor"', '"ruj"'),
    "a quote moved to the other end": ('the ["red" car]', 'ol <b1>tor "ruj"</b1>', 'tor "ruj"'),
    "a word of the engine's own inside": (
        "the [red a] car",
        "ol <b1>ruj</b1> den <b1>a</b1> tor",
        "ruj den a",
    ),
    "repeated": ("the [red] car", "ol <b1>ruj</b1> <b1>tor</b1>", "ruj"),
    "a short word at the end": ("the [red a] car", "ol <b1>ruj a</b1> tor", "ruj a"),
}
"""The smallest example of a fault: the context with its answers in brackets, what came back, and the first answer."""


@pytest.mark.parametrize("name", SMALLEST)
def test_the_smallest_examples(name: str) -> None:
    shown, back, expected = SMALLEST[name]
    context, answers = re.sub(r"[\[\]]", "", shown), re.findall(r"\[(.*?)\]", shown)
    asked = [
        Example(str(i), "", "?", context, (Answer(answer, context.index(answer)),))
        for i, answer in enumerate(answers)
    ]
    words = {"the": "ol", "red": "ruj", "car": "tor", "old": "vet", "a": "a"}
    alone = {plain(answer): plain(re.sub(r"\w+", lambda word: words[word[0]], answer)) for answer in answers}
    (marked,) = mark_contexts(asked, Markup.HTML)
    found = project_examples(
        asked, {marked.text: back}, Rule.BEST, Markup.HTML, source="en", target=TARGET, alone=alone
    )["0"]
    text = re.sub(r"[<【]/?\w+[>】]", "", back)
    assert found.context == text
    assert found.answers == (Answer(expected, text.index(expected)),)
