"""The pictures of a report as PNG by file name, each for a light page and for a dark one."""

from collections.abc import Callable, Mapping

from tasks.scoring.plots import DARK, LIGHT, Theme, heat_map, loss_curve, loss_curves, yield_bars
from tasks.scoring.price_curves import price_curves
from tasks.scoring.report.analysis import Analysis
from tasks.scoring.report.price import PriceFound
from tasks.scoring.report.vectors import Invariance
from tasks.scoring.scatter import scatter
from tasks.scoring.tables import label
from tasks.scoring.transfer import f1_by_pair

DARK_SUFFIX = "-dark"

PRICE = "price"

Drawing = Callable[[Theme], bytes]


def report_pictures(found: Analysis) -> dict[str, bytes]:
    """Every picture twice; the dark one's name ends in `-dark`."""
    pictures: dict[str, bytes] = {}
    for name, draw in _drawings(found).items():
        pictures[f"{name}.png"] = draw(LIGHT)
        pictures[f"{name}{DARK_SUFFIX}.png"] = draw(DARK)
    return pictures


def picture_names(found: Analysis) -> list[str]:
    """What the files of `report_pictures` are called, without drawing them."""
    return [f"{name}{suffix}.png" for name in _drawings(found) for suffix in ("", DARK_SUFFIX)]


def heat_map_name(place: int) -> str:
    """The picture of the system at a place of the report; the first one's has the plain name.

    >>> heat_map_name(0), heat_map_name(2)
    ('heat-map', 'heat-map-3')
    """
    return _numbered("heat-map", place)


def scatter_name(place: int) -> str:
    """The picture of the question vectors of the run at a place among those that have some."""
    return _numbered("question-vectors", place)


def _drawings(found: Analysis) -> dict[str, Drawing]:
    data, drawings = found.data, dict[str, Drawing]()
    if data.crosses_languages:
        for place, system in enumerate(found.systems):
            drawings[heat_map_name(place)] = _heat_map(f1_by_pair(system.scores))
    for place, stages in enumerate(found.invariance.values()):
        drawings[scatter_name(place)] = _scatter(stages)
    curves = {run.name: run.curve for run in data.runs if run.curve}
    if len(curves) == 1:
        drawings["loss"] = lambda theme: loss_curve(next(iter(curves.values())), theme)
    elif curves:
        drawings["loss"] = lambda theme: loss_curves(curves, theme)
    if found.findings and found.findings.price:
        drawings[PRICE] = _price(found.findings.price)
    if data.yields:
        kept = {_part_label(one.part): one.kept for one in data.yields}
        rejected = {_part_label(one.part): one.reasons for one in data.yields}
        drawings["yields"] = lambda theme: yield_bars(kept, rejected, theme)
    return drawings


def _heat_map(figures: Mapping[tuple[str, str], float]) -> Drawing:
    return lambda theme: heat_map(figures, theme)


def _price(found: PriceFound) -> Drawing:
    lines = {
        name: [(one.share, one.f1.mean, one.f1.deviation or 0.0) for one in points]
        for name, points in found.lines.items()
    }
    return lambda theme: price_curves(lines, x=found.price.x, y=f"{found.figure}, %", theme=theme)


def _scatter(stages: Mapping[str, Invariance]) -> Drawing:
    panels = {f"{stage} training": (one.projection, one.languages) for stage, one in stages.items()}
    return lambda theme: scatter(panels, theme)


def _part_label(part: str) -> str:
    """The set as the paper writes it, then the language."""
    name, slash, rest = part.partition("/")
    return f"{label(name)}{slash}{rest}"


def _numbered(name: str, place: int) -> str:
    return name if place == 0 else f"{name}-{place + 1}"
