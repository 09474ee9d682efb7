"""Promotion: who becomes champion, by the test or by a person."""

import random

import pytest

from storage.examples import Answer, Example
from tasks.scoring.benchmarks import Pair
from tasks.scoring.metrics import Metric
from tasks.scoring.promotion import Duel, Promotion, decide, duel
from tasks.scoring.score import PairScore, score_pairs
from tasks.scoring.significance import randomisation_test

IDS = [f"q{number}" for number in range(40)]


def pair(context: str, question: str) -> Pair:
    examples = [Example(i, "", "?", "ja nein", (Answer("ja", 0),)) for i in IDS]
    return Pair(context, question, examples)


PAIRS = [pair("en", "en"), pair("es", "es")]


def scores(right: float, seed: int = 0) -> list[PairScore]:
    """A reader that is right about a share of the questions, in all languages alike."""
    chance = random.Random(seed)
    texts = {i: "ja" if chance.random() < right else "nein" for i in IDS}
    answers = {(p.name, i): text for p in PAIRS for i, text in texts.items()}
    return score_pairs(PAIRS, answers, metric=Metric.MLQA)


def against(challenger: float, champion: float) -> Duel:
    return duel(PAIRS, scores(challenger, 1), scores(champion, 2), Metric.MLQA)


def test_a_question_counts_once_with_all_its_translations() -> None:
    found = against(0.5, 0.6)
    sides = [[one.f1 for one in side[0].statistics] for side in (scores(0.5, 1), scores(0.6, 2))]
    alone = randomisation_test(*sides)
    assert found.test.units == len(IDS)
    assert found.test.p_value == pytest.approx(alone.p_value)
    assert found.test.difference == pytest.approx(alone.difference)
    assert found.challenger_f1 - found.champion_f1 == pytest.approx(100 * alone.difference)
    assert "|pairs:2|test:fisher|" in found.signature


@pytest.mark.parametrize(
    ("challenger", "champion", "promoted"), [(0.1, 0.9, False), (0.9, 0.1, True), (0.55, 0.6, True)]
)
def test_only_a_significantly_worse_one_stays_below(
    challenger: float, champion: float, promoted: bool
) -> None:
    assert decide(Promotion.IF_NOT_WORSE, against(challenger, champion)).promoted is promoted


def test_the_same_reader_is_not_worse() -> None:
    found = duel(PAIRS, scores(0.5), scores(0.5), Metric.MLQA)
    assert (found.test.p_value, found.worse()) == (1.0, False)


def test_without_a_champion_the_first_becomes_one() -> None:
    assert decide(Promotion.IF_NOT_WORSE, None).promoted


@pytest.mark.parametrize(
    ("promotion", "answer", "promoted"),
    [
        (Promotion.NEVER, None, False),
        (Promotion.ALWAYS, None, True),
        (Promotion.ASK, None, False),
        (Promotion.ASK, False, False),
        (Promotion.ASK, True, True),
    ],
)
@pytest.mark.parametrize("challenger", [0.1, 0.9])
def test_a_person_has_the_last_word(
    promotion: Promotion, answer: bool | None, promoted: bool, challenger: float
) -> None:
    decision = decide(promotion, against(challenger, 0.5), answer=answer)
    assert decision.promoted is promoted
    assert decision.why.endswith(".")


def test_the_level_decides() -> None:
    found = against(0.35, 0.65)
    assert found.test.difference < 0
    p_value = found.test.p_value
    assert found.worse(p_value + 1e-9)
    assert not found.worse(p_value)
