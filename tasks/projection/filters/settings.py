"""Which filters are in force, and how: what a user writes as `language=on,digits=0.5,copied=off`."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from storage.errors import UsageError
from storage.silver import Reason


class Filter(StrEnum):
    """What is looked at; each gives a score between 0 and 1, where 1 means that there is nothing to object to."""

    SCRIPT = "script"
    LANGUAGE = "language"
    CONTEXT_LENGTH = "context-length"
    REPETITION = "repetition"
    UNTRANSLATED = "untranslated"
    ANSWER_LENGTH = "answer-length"
    DIGITS = "digits"
    COPIED = "copied"
    BACK = "back"


REASONS: Mapping[Filter, Reason] = MappingProxyType(
    {
        Filter.SCRIPT: Reason.WRONG_SCRIPT,
        Filter.LANGUAGE: Reason.WRONG_LANGUAGE,
        Filter.CONTEXT_LENGTH: Reason.CONTEXT_LENGTH,
        Filter.REPETITION: Reason.REPETITION,
        Filter.UNTRANSLATED: Reason.UNTRANSLATED,
        Filter.ANSWER_LENGTH: Reason.ANSWER_LENGTH,
        Filter.DIGITS: Reason.DIGITS_LOST,
        Filter.COPIED: Reason.ANSWER_COPIED,
        Filter.BACK: Reason.BACK_TRANSLATION,
    }
)
"""Why a row is rejected by each filter."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How one filter is used; without arguments it is off.

    A row that scores less than `least` is rejected. The confidence of any other is multiplied by
    `1 - (1 - weight) * (1 - score)`: by 1 where the score is 1, by `weight` where it is 0.
    """

    least: float = 0.0
    weight: float = 1.0

    @property
    def off(self) -> bool:
        """Whether it changes nothing."""
        return self.least <= 0 and self.weight == 1

    def factor(self, score: float) -> float:
        """By what a row's confidence is multiplied."""
        return 1 - (1 - self.weight) * (1 - score)

    def __str__(self) -> str:
        if self.off:
            return "off"
        parts = [f"on:{self.least:g}"] if self.least > 0 else []
        return "+".join([*parts, f"{self.weight:g}"] if self.weight != 1 else parts)


OFF = Setting()

LEAST: Mapping[Filter, float] = MappingProxyType(
    {
        Filter.SCRIPT: 0.4,
        Filter.LANGUAGE: 0.1,
        Filter.CONTEXT_LENGTH: 0.6,
        Filter.REPETITION: 0.6,
        Filter.UNTRANSLATED: 0.6,
        Filter.ANSWER_LENGTH: 0.1,
        Filter.DIGITS: 0.01,
        Filter.COPIED: 0.01,
        Filter.BACK: 0.1,
    }
)
"""The score that `on` alone asks for.

Of the translations that people made of XQuAD, none scores less by the filters down to `answer-length`; by the last
three some do, for people write `XIX` for `19th` and leave `hospital` as it is: these serve better as weights.
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """The setting of every filter; those that are missing are off.

    `str()` is canonical: equal settings write alike, and `parse_filters("none," + it)` reads it back. It belongs into
    cache keys.

    >>> str(Filters({Filter.DIGITS: Setting(weight=0.5)}))
    'digits=0.5'
    """

    settings: Mapping[Filter, Setting]

    def __iter__(self) -> Iterator[tuple[Filter, Setting]]:
        """Those in force, in the order in which they are applied."""
        return ((f, self.settings[f]) for f in Filter if not self.settings.get(f, OFF).off)

    def __str__(self) -> str:
        return ",".join(f"{name}={setting}" for name, setting in self) or "none"


NONE = Filters({})
"""No filter at all."""

_ROUGH = (
    Filter.SCRIPT,
    Filter.LANGUAGE,
    Filter.CONTEXT_LENGTH,
    Filter.REPETITION,
    Filter.UNTRANSLATED,
    Filter.ANSWER_LENGTH,
)
DEFAULT = Filters({**{name: Setting(LEAST[name]) for name in _ROUGH}, Filter.BACK: Setting(weight=0.7)})
"""What rejects rough faults and no good translation, and a weight for those who have back-translations.

`digits` and `copied` are off, and `answer-length` has no weight, because the calibrated confidence of projection knows
all three already: as weights on it they change the mean F1 at yields from 50 to 100 % by less than 0.001.
"""


def parse_filters(text: str) -> Filters:
    """Settings as a user writes them: what is not named stays as it is by default.

    `off`; `on`, or `on:0.4` with a threshold of one's own; a weight such as `0.5`; or both, as `on:0.4+0.5`.
    `none` turns all off that are named before it and by default.

    Raises:
        UsageError: a filter or a value is unknown; the message lists the valid ones.

    >>> str(parse_filters("none,language=on,digits=0.5"))
    'language=on:0.1,digits=0.5'
    """
    settings = dict(DEFAULT.settings)
    for part in (word.strip() for word in text.split(",") if word.strip()):
        if part == "none":
            settings.clear()
            continue
        name, _, value = part.partition("=")
        if name not in list(Filter):
            raise UsageError.unknown("filter", name, Filter)
        settings[Filter(name)] = _setting(Filter(name), value.strip())
    return Filters(settings)


def _setting(name: Filter, value: str) -> Setting:
    setting = OFF
    for part in value.split("+") if value != "off" else ():
        word, _, number = part.partition(":")
        if word == "on":
            least = _number(number, part, name) if number else LEAST[name]
            setting = replace(setting, least=least)
        else:
            setting = replace(setting, weight=_number(part, value, name))
    return setting


def _number(written: str, whole: str, name: Filter) -> float:
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise UsageError(
            f"{name}={whole} is no setting of a filter; write {name}=off, {name}=on, {name}=on:0.4 "
            "(a threshold from 0 to 1) or a weight from 0 to 1, such as 0.5."
        )
    return number
