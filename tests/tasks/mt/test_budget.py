"""The budget: never passed, shared by all workers of a run, and what stops one stops all."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import EngineError, UsageError
from storage.memory import TranslationMemory
from storage.states import LocalStates, SharedStates, States
from tasks.mt.budget import FINAL, Allowance, Budget
from tasks.mt.client import translate
from tasks.mt.engine import Billing, Limits
from tasks.mt.errors import (
    BrokenAnswer,
    BudgetSpent,
    FinalError,
    KeyRefused,
    RetryLater,
    SlowDown,
    TooLarge,
    UnknownPair,
)
from tests.tasks.mt.doubles import Declared, Memory


@dataclass
class Paid(Declared):
    """An engine that raises what stands in `errors`, one after another."""

    name: str = "paid"
    limits: Limits = field(default_factory=lambda: Limits(max_segments=1, max_chars=1000))
    billing: Billing = Billing.CHARACTERS
    price_per_million: float | None = 20.0
    workers: int = 4
    errors: list[EngineError] = field(default_factory=list)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str | None]:
        with self.lock:
            if self.errors:
                raise self.errors.pop(0)
            self.sent += sum(map(len, texts))
        return [text.upper() for text in texts]


def no_pause(_seconds: float) -> None:
    pass


TEXTS = [f"text {n:05}" for n in range(30)]
"""Of ten characters each."""


@pytest.mark.parametrize(
    ("text", "characters", "dollars"),
    [
        ("0", 0, None),
        ("1_000", 1000, None),
        ("20USD", None, 20.0),
        ("$0.50", None, 0.5),
        ("$1,000", None, 1000.0),
        (" 5 USD + 7 ", 7, 5.0),
    ],
)
def test_a_budget_is_characters_or_money(text: str, characters: int | None, dollars: float | None) -> None:
    assert Allowance.parse(text) == Allowance(characters, dollars)


@pytest.mark.parametrize("text", ["", "much", "1.5", "-1", "-2USD", "$nan", "$inf", "20EUR", "$"])
def test_what_is_no_budget_is_bad_usage(text: str) -> None:
    with pytest.raises(UsageError, match="2500000 or 20USD"):
        Allowance.parse(text)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("allowance", [Allowance(characters=105), Allowance(dollars=0.0021)])
def test_a_run_stops_before_its_budget_is_passed_and_keeps_what_was_done(
    allowance: Allowance, workers: int
) -> None:
    engine, memory = Paid(), Memory()
    budget = Budget(LocalStates(), "run", engine, allowance)
    with pytest.raises(BudgetSpent, match=r"would pass the budget \(.*--budget"):
        translate(engine, TEXTS, "en", "es", memory=memory, workers=workers, budget=budget)
    assert engine.sent == budget.characters == 100
    assert len(memory) == 10
    assert budget.dollars == pytest.approx(0.002)


def test_exactly_enough_is_enough() -> None:
    engine = Paid()
    for allowance in (Allowance(characters=300), Allowance(dollars=0.006)):
        budget = Budget(LocalStates(), "run", engine, allowance)
        usage = translate(engine, TEXTS, "en", "es", memory=Memory(), budget=budget)
        assert usage.characters_sent == budget.characters == 300


def test_a_budget_of_nothing_sends_nothing() -> None:
    engine = Paid()
    with pytest.raises(BudgetSpent):
        translate(
            engine,
            TEXTS,
            "en",
            "es",
            memory=Memory(),
            budget=Budget(LocalStates(), "run", engine, Allowance(characters=0)),
        )
    assert engine.sent == 0


@pytest.mark.parametrize("error", [RetryLater("503"), SlowDown("429"), TooLarge("413")])
def test_what_was_turned_away_costs_nothing(error: EngineError) -> None:
    engine = Paid(limits=Limits(2, 1000), errors=[error])
    budget = Budget(LocalStates(), "run", engine, Allowance(characters=300))
    usage = translate(engine, TEXTS, "en", "es", memory=Memory(), workers=1, budget=budget, pause=no_pause)
    assert budget.characters == 300
    assert usage.characters_sent > 300


def test_what_was_answered_costs_even_if_it_was_nonsense() -> None:
    engine = Paid(errors=[BrokenAnswer("?")])
    budget = Budget(LocalStates(), "run", engine, Allowance(characters=1000))
    translate(engine, TEXTS, "en", "es", memory=Memory(), budget=budget, pause=no_pause)
    assert budget.characters == 310


def test_several_engines_draw_on_one_account_each_at_its_price() -> None:
    states, dear, cheap = LocalStates(), Paid(), Paid(name="cheap", price_per_million=5.0)
    allowance = Allowance(dollars=0.0075)
    budgets = [Budget(states, "run", engine, allowance) for engine in (dear, cheap)]
    for engine, budget in zip((dear, cheap), budgets, strict=True):
        translate(engine, TEXTS, "en", "es", memory=Memory(), budget=budget)
    assert budgets[0].dollars == pytest.approx(0.0075)
    with pytest.raises(BudgetSpent):
        budgets[1].spend(1)


def test_another_run_starts_at_nothing() -> None:
    states, engine = LocalStates(), Paid()
    Budget(states, "one", engine, Allowance(characters=10)).spend(10)
    with pytest.raises(BudgetSpent):
        # Another try of the same run goes on with its account.
        Budget(states, "one#2", engine, Allowance(characters=10)).spend(1)
    Budget(states, "two", engine, Allowance(characters=10)).spend(10)


def test_money_needs_a_price() -> None:
    with pytest.raises(UsageError, match=r"'paid' has no published price.*characters"):
        Budget(LocalStates(), "run", Paid(price_per_million=None), Allowance(dollars=1.0))
    free = Paid(price_per_million=None, billing=Billing.NONE)
    Budget(LocalStates(), "run", free, Allowance(dollars=0.0)).spend(10**9)


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(0, 400))
def test_law_what_was_counted_never_passes_the_allowance(sizes: list[int], most: int) -> None:
    """Every refusal is one that would have passed it."""
    budget = Budget(LocalStates(), "run", Paid(), Allowance(characters=most))
    for size in sizes:
        before = budget.characters
        try:
            budget.spend(size)
        except BudgetSpent:
            assert before + size > most
        assert budget.characters <= most


@pytest.mark.parametrize("kind", FINAL.values(), ids=FINAL)
def test_what_stops_one_worker_stops_all_with_the_same_error(
    kind: type[FinalError], tmp_path: object
) -> None:
    with TranslationMemory(f"{tmp_path}/memory.sqlite") as memory:
        shared: States = SharedStates(memory)
        engine = Paid()
        one, other = (Budget(shared, "run", engine, name="paid:x") for _ in range(2))
        one.spend(1)
        one.halt(kind("the key is refused"))
        one.halt(kind("later"))
        with pytest.raises(kind, match=r"^the key is refused$"):
            other.spend(1)
        Budget(shared, "run", engine, name="paid:y").spend(1)
        Budget(shared, "another run", engine, name="paid:x").spend(1)


def test_every_final_error_can_be_told_to_other_workers() -> None:
    def all_of(kind: type[FinalError]) -> set[type[FinalError]]:
        return {kind}.union(*(all_of(sub) for sub in kind.__subclasses__()))

    assert {kind for kind in all_of(FinalError) if kind.__module__ == "tasks.mt.errors"} <= set(
        FINAL.values()
    )


def test_no_worker_of_the_run_asks_after_a_final_answer() -> None:
    states, engine = LocalStates(), Paid(errors=[KeyRefused("expired")])
    for _ in range(3):
        budget = Budget(states, "run", engine)
        with pytest.raises(KeyRefused, match="expired"):
            translate(engine, TEXTS, "en", "es", memory=Memory(), workers=1, budget=budget)
    assert engine.sent == 0


def test_a_pair_that_is_unknown_stops_only_those_who_want_it() -> None:
    states, engine = LocalStates(), Paid(errors=[UnknownPair("no")])
    with pytest.raises(UnknownPair):
        translate(engine, TEXTS, "en", "xx", memory=Memory(), workers=1, budget=Budget(states, "run", engine))
    translate(engine, TEXTS, "en", "es", memory=Memory(), budget=Budget(states, "run", engine))
    assert engine.sent == 300
