"""Both rules on real data with the real engine: XQuAD's English answers projected into Apertium's Spanish."""

import shutil
from pathlib import Path

import pytest

from storage.examples import Answer, Example, Span
from storage.squad import read_squad
from tasks.mt.apertium import Apertium
from tasks.mt.client import Usage, translate
from tasks.mt.markup import Markup
from tasks.projection.cases import Known
from tasks.projection.marking import Marked, mark
from tasks.projection.rules import Projection, Rule, project
from tasks.projection.trials.figures import Figures, Judge, figures
from tasks.projection.trials.methods import Sighting, paper
from tasks.projection.trials.rows import machine_rows
from tests.tasks.mt.doubles import Memory

XQUAD = Path(__file__).parents[4] / "shared" / "data" / "xquad"
Run = tuple[list[Example], list[Marked], dict[str, str], Usage]


@pytest.fixture(scope="module")
def run() -> Run:
    """The English examples, their marked contexts and what Apertium makes of them."""
    if not XQUAD.is_dir():
        pytest.skip("XQuAD is not beside this checkout")
    if shutil.which("apertium") is None or "es" not in Apertium().targets("en"):
        pytest.skip("Apertium with apertium-eng-spa is not installed")
    examples = read_squad(XQUAD / "xquad.en.json").examples
    spans: dict[str, list[Answer]] = {}
    for example in examples:
        spans.setdefault(example.context, []).extend(example.answers)
    copies = [
        copy for context, answers in spans.items() for copy in mark(context, [each.span for each in answers])
    ]
    memory = Memory()
    usage = translate(Apertium(), [copy.text for copy in copies], "en", "es", memory=memory)
    return examples, copies, memory, usage


def scored(run: Run, rule: Rule) -> Figures:
    examples, copies, translations, _ = run
    known = Known("en", "es")
    seen: dict[tuple[str, Span], Sighting] = {}
    for copy in copies:
        projected = project(copy, translations[copy.text], rule, known)
        for outcome in projected.outcomes:
            if isinstance(outcome, Projection):
                assert projected.context[outcome.span.start : outcome.span.end] == outcome.text
                sighting = Sighting(outcome.span, outcome.confidence, outcome.method)
                seen[copy.context, outcome.source] = sighting
    human = read_squad(XQUAD / "xquad.es.json").examples
    rows = machine_rows(examples, human, translations, Markup.HTML, known)
    found = [seen.get((example.context, example.answers[0].span)) for example in examples]
    if rule is Rule.PAPER:
        assert [one and one.span for one in found] == [one and one.span for one in paper(rows)]
    return figures(rows, found, Judge("es", same_context=False), regret=False)


def test_the_best_rule_keeps_nearly_all_at_good_quality(run: Run) -> None:
    score = scored(run, Rule.BEST)
    assert score.kept / score.total >= 0.99
    assert score.f1 >= 0.684


def test_the_papers_rule_trades_rows_for_quality(run: Run) -> None:
    score = scored(run, Rule.PAPER)
    assert 0.80 <= score.kept / score.total <= 0.88
    assert score.f1 >= 0.71


def test_each_context_is_sent_once_with_short_tags(run: Run) -> None:
    assert run[3].characters_sent <= 225_000


def test_clean_contexts_hold_nothing_that_the_source_lacked(run: Run) -> None:
    _, copies, translations, _ = run
    for copy in copies:
        context = project(copy, translations[copy.text]).context
        assert not {char for char in "<>&*@#~\\^[]{}" if context.count(char) > copy.context.count(char)}
        assert "  " not in context or "  " in copy.context
