"""What a poor projection costs a reader: F1 by the share of tags that come back, one line for each way to project."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tasks.scoring.inquiry import Line, Price
from tasks.scoring.intervals import Spread, over_seeds
from tasks.scoring.measures import Measure
from tasks.scoring.report.data import ReportData, Run
from tasks.scoring.report.twins import Measured
from tasks.scoring.tables import Cell, Row, Table, label, signed
from tasks.scoring.transfer import f1_by_pair, transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A row at a share (0 to 1): its F1 over the seeds, and how many rows trained it, where that is known."""

    share: float
    row: str
    f1: Spread
    rows: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFound:
    """The curve: by name of each line its points, by rising share."""

    price: Price
    lines: dict[str, list[Point]]

    @property
    def figure(self) -> str:
        """What the F1 is of."""
        return f"F1 on {self.price.context} contexts" if self.price.context else "G-XLT F1"

    @property
    def table(self) -> Table:
        """By falling share, each line's F1 and rows; of further lines by how much they are better than the first."""
        first, *others = self.lines
        columns = [self.price.x]
        for name in self.lines:
            columns += [name, "±", "rows trained"]
        columns += [f"{name} − {first}" for name in others]
        return Table(tuple(columns), tuple(self._row(share, first, others) for share in self._shares()))

    def to_json(self) -> dict[str, object]:
        """The question and its curve."""
        lines = {name: [asdict(point) for point in points] for name, points in self.lines.items()}
        return {**asdict(self.price), "figure": self.figure, "lines": lines}

    def _shares(self) -> list[float]:
        return sorted({point.share for points in self.lines.values() for point in points}, reverse=True)

    def _row(self, share: float, first: str, others: Sequence[str]) -> Row:
        here = {
            name: next((one for one in points if one.share == share), None)
            for name, points in self.lines.items()
        }
        cells: list[Cell] = [f"{100 * share:.0f} %"]
        for point in here.values():
            rows = None if point is None or point.rows is None else round(point.rows)
            cells += [point.f1.mean, point.f1.deviation, rows] if point else [None] * 3
        base = here[first]
        for name in others:
            one = here[name]
            cells.append(signed(one.f1.mean - base.f1.mean) if one and base else None)
        return tuple(cells)


def price_found(data: ReportData, price: Price, rows: Measured) -> PriceFound | None:
    """The curve of the rows that are there; None where none is."""
    lines = {line.name: _points(data, price, line, rows) for line in price.lines}
    known = {name: points for name, points in lines.items() if points}
    return PriceFound(price=price, lines=known) if known else None


def _points(data: ReportData, price: Price, line: Line, rows: Measured) -> list[Point]:
    points = []
    for share, row in sorted(line.points):
        figures = [one for run in data.systems.get(row, ()) if (one := _f1(run, price.context)) is not None]
        counts = rows.get(row, {}).get(Measure.ROWS)
        if figures:
            mean = sum(counts) / len(counts) if counts else None
            points.append(Point(share=share, row=label(row), f1=over_seeds(figures), rows=mean))
    return points


def _f1(run: Run, context: str) -> float | None:
    figures = transfer(f1_by_pair(run.answers.scores))
    return figures.by_context.get(context) if context else figures.overall
