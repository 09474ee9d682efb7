"""What a grid is asked, stated in its plan before anything is trained.

So the family of tests is fixed beforehand, and neither a claim nor the figure that tells a broken twin is chosen by
how it came out. A row is named as the plan names it.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from tasks.scoring.measures import Measure

_STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)
"""A misspelt field of a plan is told of; what a field is for is told with it."""

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One row is said to answer better than another."""

    __pydantic_config__ = _STRICT

    says: str
    """The claim in words."""
    better: str
    """The row that is said to be better."""
    than: str
    """The row that it is said to be better than."""
    controls: tuple[str, ...] = ()
    """Rows that the better one is held against as well: they have what it has, without what is claimed to help."""
    figure: Literal[Measure.G_XLT, Measure.XLT] = Measure.G_XLT
    """What is compared: `g-xlt` or `xlt`."""
    paper: float | None = None
    """By how many points of this figure it is better in the paper."""

    def others(self) -> tuple[str, ...]:
        """The rows that the better one is held against."""
        return (self.than, *self.controls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A row that is broken on purpose, beside the sound one that it is to be told from."""

    __pydantic_config__ = _STRICT

    of: str
    """The sound row."""
    twin: str
    """The broken row."""
    says: str
    """What is broken, in words."""
    figure: Measure | None = None
    """The figure that tells them apart; by default whichever does so most clearly."""
    bound: float | None = None
    """Between the two: every seed of the sound row on one side, every seed of the broken one on the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One way to project answers, at several shares."""

    __pydantic_config__ = _STRICT

    name: str
    """What it is called, such as `full projection`."""
    points: Annotated[tuple[tuple[Share, str], ...], Field(min_length=1)]
    """Shares from 0 to 1, each with the row that was trained on what is left."""

    def rows(self) -> tuple[str, ...]:
        """The rows of its points."""
        return tuple(row for _, row in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a poor projection costs a reader: its F1 by the share of tags that come back."""

    __pydantic_config__ = _STRICT

    x: str
    """What the shares are of."""
    lines: Annotated[tuple[Line, ...], Field(min_length=1)]
    """The ways that are compared; the first one is what the others are held against."""
    context: str = ""
    """F1 on contexts of this language alone; by default G-XLT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """A setting of a made-up world: its name, its value, and what it is."""

    name: str
    value: str
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A made-up world that readers were trained on and put to, told by its knobs."""

    name: str
    knobs: tuple[Knob, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAbout:
    """A row of the plan: what the paper calls such a system, and what is special about this row."""

    row: str
    system: str
    says: str = ""
    languages: tuple[str, ...] = ()
    """Those that it is trained on beside English, where the plan names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Everything that a report of a grid is to answer."""

    rows: tuple[RowAbout, ...] = ()
    worlds: tuple[World, ...] = ()
    claims: tuple[Claim, ...] = ()
    twins: tuple[Twin, ...] = ()
    price: Price | None = None

    @property
    def broken(self) -> frozenset[str]:
        """The rows that are broken on purpose."""
        return frozenset(twin.twin for twin in self.twins)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Inquiry":
        """What `to_json` wrote."""
        return TypeAdapter(cls).validate_python(data)


NOTHING = Inquiry()
"""No question at all."""
