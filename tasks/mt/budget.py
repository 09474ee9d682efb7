"""What a run may spend, and whether it still may ask at all: known to all its workers in all processes.

Characters are counted before they are sent, so that a budget is never passed, not even by eight workers at once. What
the service turned away unanswered is given back: services bill what they translate.
"""

from dataclasses import dataclass
from typing import Any

from storage.errors import UsageError
from storage.states import State, States
from tasks.mt.engine import Billing, Engine
from tasks.mt.errors import (
    BudgetSpent,
    EngineChanged,
    EngineMissing,
    FinalError,
    KeyRefused,
    QuotaSpent,
    RequestRefused,
    UnknownPair,
)

FINAL: dict[str, type[FinalError]] = {
    kind.__name__: kind
    for kind in (
        FinalError,
        QuotaSpent,
        KeyRefused,
        RequestRefused,
        UnknownPair,
        EngineMissing,
        EngineChanged,
        BudgetSpent,
    )
}
"""Errors by name, so that a worker elsewhere can raise the one that stopped the run."""

UNIT = 1_000_000
"""Prices are given per so many characters."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most that a run may spend; None: no bound."""

    characters: int | None = None
    dollars: float | None = None

    @classmethod
    def parse(cls, text: str) -> "Allowance":
        """Characters, US dollars, or both.

        >>> Allowance.parse("2,500,000"), Allowance.parse("$20"), Allowance.parse("1000000+12.50USD")
        (Allowance(characters=2500000, dollars=None), Allowance(characters=None, dollars=20.0), \
Allowance(characters=1000000, dollars=12.5))

        Raises:
            UsageError: it is neither.
        """
        characters: int | None = None
        dollars: float | None = None
        try:
            for part in text.replace(",", "").replace("_", "").split("+"):
                amount = part.strip().removeprefix("$").removesuffix("USD").strip()
                if amount != part.strip():
                    dollars = float(amount)
                else:
                    characters = int(amount)
        except ValueError:
            raise UsageError(f"The budget {text!r} is no amount; write 2500000 or 20USD.") from None
        if (characters or 0) < 0 or not 0 <= (dollars or 0) < float("inf"):
            raise UsageError(f"The budget {text!r} is below nothing; write 2500000 or 20USD.")
        return cls(characters, dollars)


UNBOUNDED = Allowance()
"""As much as it takes."""


class Budget:
    """What one engine's workers draw from the account of a run.

    Args:
        states: where the account is kept, for as many workers as share it.
        run: the name of the run, and which try of it this is (`RUN#TRY`); another run starts at nothing, another try
            goes on with the account, and may ask engines again that the last one had to leave alone.
        engine: who is paid.
        allowance: the most that the run may spend, with all its engines together.
        name: the engine as it was named, which tells apart two of one kind.

    Raises:
        UsageError: the allowance is in money, and this engine publishes no price per character.
    """

    def __init__(
        self, states: States, run: str, engine: Engine, allowance: Allowance = UNBOUNDED, name: str = ""
    ) -> None:
        self._states = states
        self._account = f"account of {run.partition('#')[0]}"
        self._halt = f"halt of {run} {name or engine.name}"
        self._engine = engine.name
        self._allowance = allowance
        price = price_of(engine)
        if price is None and allowance.dollars is not None:
            raise UsageError(
                f"The engine {engine.name!r} has no published price per character; give the budget in characters."
            )
        self._price = price or 0.0
        self._bounded = allowance != UNBOUNDED

    def spend(self, characters: int) -> None:
        """Count a request before it is sent.

        Raises:
            BudgetSpent: it would pass the allowance; nothing was counted.
            FinalError: another worker of this run has met the end already, and this is what it met.
        """
        self.check()
        if self._bounded and not self._states.update(
            self._account, lambda state: self._charged(state, characters)
        ):
            spent = self._states.read(self._account)
            raise BudgetSpent(
                f"The next request to {self._engine!r} would pass the budget ({self._shown(spent)}); what came back "
                "is kept: start again with a larger --budget to go on."
            )

    def give_back(self, characters: int) -> None:
        """A request was turned away unanswered, and so is not paid for."""
        if self._bounded:
            self._states.update(self._account, lambda state: (self._with(state, -characters), None))

    def halt(self, error: FinalError) -> None:
        """Have every worker of this run stop asking this engine."""
        said = {"kind": type(error).__name__, "message": str(error)}
        self._states.update(self._halt, lambda state: (state or said, None))

    def check(self) -> None:
        """Go on, unless some worker has called `halt`.

        Raises:
            FinalError: what that worker met.
        """
        if said := self._states.read(self._halt):
            raise FINAL.get(said["kind"], FinalError)(said["message"])

    @property
    def characters(self) -> int:
        """What the run has spent, in characters; counted only where there is an allowance."""
        return int(self._states.read(self._account).get("characters", 0))

    @property
    def dollars(self) -> float:
        """What the run has spent, in money; counted only where there is an allowance."""
        return float(self._states.read(self._account).get("dollars", 0.0))

    def _charged(self, state: State, characters: int) -> tuple[State, bool]:
        charged = self._with(state, characters)
        most_characters, most_dollars = self._allowance.characters, self._allowance.dollars
        passed = most_characters is not None and charged["characters"] > most_characters
        # A millionth of a cent for the rounding of sums.
        passed = passed or (most_dollars is not None and charged["dollars"] > most_dollars + 1e-8)
        return (state, False) if passed else (charged, True)

    def _with(self, state: State, characters: int) -> dict[str, Any]:
        dollars = state.get("dollars", 0.0) + characters * self._price / UNIT
        return {"characters": state.get("characters", 0) + characters, "dollars": dollars}

    def _shown(self, spent: State) -> str:
        characters, dollars = spent.get("characters", 0), spent.get("dollars", 0.0)
        parts = []
        if self._allowance.characters is not None:
            parts.append(f"{characters:,} of {self._allowance.characters:,} characters")
        if self._allowance.dollars is not None:
            parts.append(f"{dollars:.2f} of {self._allowance.dollars:.2f} USD")
        return ", ".join(parts)


def price_of(engine: Engine) -> float | None:
    """US dollars per million characters; 0 for engines that cost nothing, None where it is not known."""
    return 0.0 if engine.billing is Billing.NONE else engine.price_per_million
