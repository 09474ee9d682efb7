"""What a grid found: who answers best, what became of claims, which broken twins are seen, what projection costs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from tasks.scoring import paper
from tasks.scoring.inquiry import Inquiry, RowAbout, World
from tasks.scoring.intervals import Spread
from tasks.scoring.measures import Measure
from tasks.scoring.report.claims import ClaimFound, claims_found
from tasks.scoring.report.data import ReportData
from tasks.scoring.report.figures import SystemFigures
from tasks.scoring.report.price import PriceFound, price_found
from tasks.scoring.report.twins import Measured, TwinFound, measured_rows, twins_found
from tasks.scoring.report.vectors import Invariance
from tasks.scoring.report.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A row in the order of its figure: what it is in plain words, and whether the test tells it from the best."""

    row: str
    label: str
    says: str
    f1: Spread
    xlt: Spread | None
    apart: bool

    def to_json(self) -> dict[str, object]:
        """All of it."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The answers to a plan's questions."""

    inquiry: Inquiry
    ranking: Sequence[Placed]
    """Sound rows, the best first."""
    claims: Sequence[ClaimFound]
    twins: Sequence[TwinFound]
    price: PriceFound | None
    measured: Measured

    @property
    def worlds(self) -> Sequence[World]:
        """The made-up worlds that the figures are of."""
        return self.inquiry.worlds

    @property
    def tests(self) -> int:
        """How many there are in the family."""
        keys = {
            (held.better, held.than, found.claim.figure)
            for found in self.claims
            for held in found.against
            if held
        }
        return len(keys)

    def to_json(self) -> dict[str, object]:
        """All of it, unrounded."""
        return {
            "worlds": [asdict(world) for world in self.worlds],
            "ranking": [one.to_json() for one in self.ranking],
            "claims": [one.to_json() for one in self.claims],
            "twins": [one.to_json() for one in self.twins],
            "price": self.price.to_json() if self.price else None,
            "measures": {
                row: {str(measure): list(values) for measure, values in found.items()}
                for row, found in self.measured.items()
            },
        }


def findings_of(
    data: ReportData,
    systems: Sequence[SystemFigures],
    verdicts: Sequence[Verdict],
    invariance: Mapping[str, Mapping[str, Invariance]],
) -> Findings | None:
    """What was found; None where nothing was asked."""
    inquiry = data.inquiry
    if inquiry is None:
        return None
    rows = measured_rows(data, invariance)
    return Findings(
        inquiry=inquiry,
        ranking=_ranking(inquiry, systems, verdicts),
        claims=claims_found(data, inquiry.claims),
        twins=twins_found(rows, inquiry.twins),
        price=price_found(data, inquiry.price, rows) if inquiry.price else None,
        measured=rows,
    )


def shown_measures(found: Findings) -> list[Measure]:
    """The measures that any row has, but those that the ranking shows."""
    ranked = {Measure.G_XLT, Measure.XLT}
    return [
        measure
        for measure in Measure
        if measure not in ranked and any(measure in values for values in found.measured.values())
    ]


def _ranking(inquiry: Inquiry, systems: Sequence[SystemFigures], verdicts: Sequence[Verdict]) -> list[Placed]:
    sound = [one for one in systems if one.system not in inquiry.broken] or list(systems)
    order = sorted(sound, key=lambda one: one.f1_spread.mean, reverse=True)
    best = order[0].label
    apart = {
        frozenset((one.a, one.b))
        for one in verdicts
        if one.family == "systems" and one.figure == verdicts[0].figure and one.significant
    }
    about = {row.row: row for row in inquiry.rows}
    return [
        Placed(
            row=one.system,
            label=one.label,
            says=_says(about[one.system]) if one.system in about else "",
            f1=one.f1_spread,
            xlt=one.xlt_spread,
            apart=frozenset((best, one.label)) in apart,
        )
        for one in order
    ]


def _says(row: RowAbout) -> str:
    """What the plan says of the row; one under the system's own name is what the paper says of that."""
    said = row.says or (paper.PLAIN.get(row.system, "") if row.row == row.system else "")
    # The paper's names of systems end in their languages: at-en-zh.
    others = "" if row.system.endswith("-".join(row.languages)) else ", ".join(row.languages)
    return f"{said} (here: {others})" if said and others else said
