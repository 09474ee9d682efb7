"""Which figure tells a broken training from a sound one: of each measure the values of all seeds, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

from tasks.scoring.agreement import agreement
from tasks.scoring.inquiry import Twin
from tasks.scoring.measures import ABOUT, Measure
from tasks.scoring.report.data import ReportData, Run
from tasks.scoring.report.vectors import AFTER, Invariance
from tasks.scoring.transfer import f1_by_pair, transfer

Values = Sequence[float]
"""A measure's value of each seed that has it."""

Measured = Mapping[str, Mapping[Measure, Values]]
"""By row, then by measure."""

TELLING = tuple(measure for measure in Measure if measure is not Measure.STEPS)
"""Measures by which a training may be told to be broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One measure of a sound row and of its broken twin; `apart` says whether it tells the one from the other."""

    measure: Measure
    sound: Values
    broken: Values
    apart: bool

    @property
    def clearness(self) -> float:
        """The gap between the two, in units of what would be a gap by chance; below 0 where they overlap."""
        wide = max(_range(self.sound), _range(self.broken), ABOUT[self.measure].resolution)
        return _gap(self.sound, self.broken) / wide

    def to_json(self) -> dict[str, object]:
        """All of it."""
        return {**asdict(self), "measure": str(self.measure)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinFound:
    """A broken twin: the figure that was to tell it apart, and all others that both rows have."""

    twin: Twin
    telling: Told | None
    """None where the figure was not measured."""
    others: Sequence[Told]

    def to_json(self) -> dict[str, object]:
        """All of it, the twin's own fields first."""
        return {
            **asdict(self.twin),
            "telling": self.telling.to_json() if self.telling else None,
            "others": [one.to_json() for one in self.others],
        }


def measured_rows(data: ReportData, invariance: Mapping[str, Mapping[str, Invariance]]) -> Measured:
    """Every measure of every row."""
    found: dict[str, dict[Measure, list[float]]] = {}
    for name, runs in data.systems.items():
        values = found.setdefault(name, {})
        for run in runs:
            for measure, value in _measures(data, run, invariance.get(run.name, {})).items():
                values.setdefault(measure, []).append(value)
    return found


def twins_found(rows: Measured, twins: Sequence[Twin]) -> list[TwinFound]:
    """Each twin beside its sound row."""
    return [_found(rows, twin) for twin in twins]


def clearly_apart(sound: Values, broken: Values, resolution: float) -> bool:
    """Whether the gap between two sets of values is wider than either of them, and than chance would make it.

    >>> clearly_apart([60.0, 61.0], [50.0, 52.0], 2.0), clearly_apart([60.0, 61.0], [58.5, 59.0], 2.0)
    (True, False)
    """
    return _gap(sound, broken) > max(_range(sound), _range(broken), resolution)


def split_by(bound: float, sound: Values, broken: Values) -> bool:
    """Whether a bound lies between two sets of values.

    >>> split_by(0.1, [0.01, 0.02], [1.9, 2.0]), split_by(0.1, [0.01, 0.2], [1.9, 2.0])
    (True, False)
    """
    return max(sound) < bound <= min(broken) or max(broken) < bound <= min(sound)


def _found(rows: Measured, twin: Twin) -> TwinFound:
    sound, broken = rows.get(twin.of, {}), rows.get(twin.twin, {})
    both = [
        _told(twin, measure, sound[measure], broken[measure])
        for measure in TELLING
        if measure in sound and measure in broken
    ]
    if twin.figure:
        telling = next((one for one in both if one.measure is twin.figure), None)
    else:
        telling = max(both, key=lambda one: one.clearness, default=None)
    return TwinFound(twin=twin, telling=telling, others=[one for one in both if one is not telling])


def _told(twin: Twin, measure: Measure, sound: Values, broken: Values) -> Told:
    if twin.bound is not None and measure is twin.figure:
        apart = split_by(twin.bound, sound, broken)
    else:
        apart = clearly_apart(sound, broken, ABOUT[measure].resolution)
    return Told(measure=measure, sound=sound, broken=broken, apart=apart)


def _measures(data: ReportData, run: Run, stages: Mapping[str, Invariance]) -> dict[Measure, float]:
    figures = transfer(f1_by_pair(run.answers.scores))
    alike = agreement(data.pairs, run.answers)
    found: dict[Measure, float | None] = {
        Measure.G_XLT: figures.overall,
        Measure.XLT: figures.xlt,
        Measure.AGREEMENT: None if alike is None else 100 * alike,
    }
    if inside := stages.get(AFTER):
        found[Measure.RETRIEVAL] = 100 * inside.retrieval.accuracy
        found[Measure.ANGLE] = inside.cosines.angle
        found[Measure.PROBE] = 100 * inside.probe.accuracy
    if run.training:
        found.update(run.training.measures())
    return {measure: value for measure, value in found.items() if value is not None}


def _range(values: Values) -> float:
    return max(values) - min(values)


def _gap(one: Values, other: Values) -> float:
    """From the end of the lower to the beginning of the higher; negative where they overlap."""
    low, high = sorted((one, other), key=fmean)
    return min(high) - max(low)
