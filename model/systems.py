"""The systems of the paper's Tables 2 and 5 as data: what each trains on and by which objective."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from storage.errors import UsageError
from storage.silver import SilverSet

ENGLISH = "en"

TYDIQA_LANGUAGES = ("ar", "bn", "fi", "id", "ko", "ru", "te")
"""The languages of TyDiQA GoldP beside English for which the paper had translations (Sec. 3.1): all but sw."""


class Objective(StrEnum):
    """What a training minimises; `model.schedules` says in which order of updates."""

    EXTRACTION = "extraction"
    """L_QA alone (Eq. 2)."""
    ADVERSARIAL = "adversarial"
    """AT: L_QA + L_adv against a discriminator of languages (Eqs. 3 and 4)."""
    SAME_ANSWER = "same-answer"
    """LAF, PSA: L_QA of both questions of a pair, and L_PSA (Eq. 5)."""
    SAME_ANSWER_SIMILARITY = "same-answer-similarity"
    """LAF, PSA+QS: the same with L_QS (Eq. 6)."""

    @property
    def paired(self) -> bool:
        """Whether it trains on pairs: an English question and its translation, on one context."""
        return self in {Objective.SAME_ANSWER, Objective.SAME_ANSWER_SIMILARITY}


Languages = Literal["none", "all", "named", "tydiqa"]


@dataclass(frozen=True, slots=True)
class System:
    """One row of the paper's tables.

    `languages` says what may be named beside English: `none` (it trains on English alone), `all` (the
    languages of the snapshot, or those of them that are named), `named` (exactly one must be named) or
    `tydiqa` (just these seven, which need not be named).
    """

    name: str
    train_set: SilverSet
    languages: Languages
    objective: Objective

    @property
    def sets(self) -> tuple[SilverSet, ...]:
        """The values of the column `set` that it trains on; English belongs to every set (Table 1)."""
        if self.train_set is SilverSet.TALL:
            return (SilverSet.EN, SilverSet.TQ, SilverSet.TC, SilverSet.TQC)
        return tuple(dict.fromkeys((SilverSet.EN, self.train_set)))

    def choose_languages(self, named: Sequence[str]) -> tuple[str, ...]:
        """The languages beside English, sorted, for those that a user named; none means all of the data.

        Raises:
            UsageError: these languages cannot be named for the system.
        """
        chosen = tuple(sorted(set(named) - {ENGLISH}))
        if self.languages == "none" and chosen:
            raise UsageError(f"The system {self.name!r} trains on English alone; name no languages for it.")
        if self.languages == "named" and len(chosen) != 1:
            raise UsageError(
                f"The system {self.name!r} trains on English and one more language; name exactly one."
            )
        if self.languages == "tydiqa":
            return self._tydiqa(chosen)
        return chosen

    def _tydiqa(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        if chosen not in {(), TYDIQA_LANGUAGES}:
            raise UsageError(
                f"The system {self.name!r} trains on {', '.join(TYDIQA_LANGUAGES)}; name no others for it."
            )
        return TYDIQA_LANGUAGES


_PSA, _QS = Objective.SAME_ANSWER, Objective.SAME_ANSWER_SIMILARITY

SYSTEMS: dict[str, System] = {
    # Table 2, from the top.
    "zs": System("zs", SilverSet.EN, "none", Objective.EXTRACTION),
    "tq": System("tq", SilverSet.TQ, "all", Objective.EXTRACTION),
    "tc": System("tc", SilverSet.TC, "all", Objective.EXTRACTION),
    "tqc": System("tqc", SilverSet.TQC, "all", Objective.EXTRACTION),
    "tall": System("tall", SilverSet.TALL, "all", Objective.EXTRACTION),
    "at-en-zh": System("at-en-zh", SilverSet.TQ, "named", Objective.ADVERSARIAL),
    "at-en-all": System("at-en-all", SilverSet.TQ, "all", Objective.ADVERSARIAL),
    "laf-psa-en-zh": System("laf-psa-en-zh", SilverSet.TQ, "named", _PSA),
    "laf-psa-qs-en-zh": System("laf-psa-qs-en-zh", SilverSet.TQ, "named", _QS),
    "laf-psa-en-all": System("laf-psa-en-all", SilverSet.TQ, "all", _PSA),
    "laf-psa-qs-en-all": System("laf-psa-qs-en-all", SilverSet.TQ, "all", _QS),
    # Table 5, the rows without a star: the same on a T(Q) set in TyDiQA's languages.
    "tq-tydiqa": System("tq-tydiqa", SilverSet.TQ, "tydiqa", Objective.EXTRACTION),
    "at-tydiqa": System("at-tydiqa", SilverSet.TQ, "tydiqa", Objective.ADVERSARIAL),
    "laf-psa-qs-tydiqa": System("laf-psa-qs-tydiqa", SilverSet.TQ, "tydiqa", _QS),
}
"""Every system by its name on the command line. `en-zh` stands for English and any one language that is named."""


def system(name: str) -> System:
    """The system of that name; raises `UsageError` that lists the valid ones.

    >>> [str(part) for part in system("tc").sets]
    ['en', 'tc']
    """
    if name not in SYSTEMS:
        raise UsageError.unknown("system", name, SYSTEMS)
    return SYSTEMS[name]
