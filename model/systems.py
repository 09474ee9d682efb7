"""The systems of the paper's Tables 2 and 5 as data: what each trains on and by which objective."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from storage.errors import UsageError
from storage.silver import SilverSet

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class System:
    """One row of the paper's tables.

    `languages` says what may be named beside English: `none` (it trains on English alone), `all` (the
    languages of the snapshot, or those of them that are named) or `named` (exactly one must be named).
    """

    name: str
    train_set: SilverSet
    languages: Literal["none", "all", "named"]
    objective: str

    @property
    def sets(self) -> tuple[SilverSet, ...]:
        """The values of the column `set` that it trains on; English belongs to every set (Table 1)."""
        if self.train_set is SilverSet.TALL:
            return (SilverSet.EN, SilverSet.TQ, SilverSet.TC, SilverSet.TQC)
        return tuple(dict.fromkeys((SilverSet.EN, self.train_set)))

    def check_languages(self, languages: Sequence[str]) -> None:
        """Raises `UsageError` where these languages (English left out) cannot be named for the system."""
        if self.languages == "none" and languages:
            raise UsageError(f"The system {self.name!r} trains on English alone; name no languages for it.")
        if self.languages == "named" and len(languages) != 1:
            raise UsageError(
                f"The system {self.name!r} trains on English and one more language; name exactly one."
            )


SYSTEMS: dict[str, System] = {
    "zs": System("zs", SilverSet.EN, "none", "extraction"),
    "tq": System("tq", SilverSet.TQ, "all", "extraction"),
    "tc": System("tc", SilverSet.TC, "all", "extraction"),
    "tqc": System("tqc", SilverSet.TQC, "all", "extraction"),
    "tall": System("tall", SilverSet.TALL, "all", "extraction"),
}
"""Every system by its name on the command line."""


def system(name: str) -> System:
    """The system of that name; raises `UsageError` that lists the valid ones.

    >>> [str(part) for part in system("tc").sets]
    ['en', 'tc']
    """
    if name not in SYSTEMS:
        raise UsageError.unknown("system", name, SYSTEMS)
    return SYSTEMS[name]
