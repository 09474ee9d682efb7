"""The report as one HTML page.

Questions, contexts, predictions and names come from files and models: the template escapes all of them, and
the page's own policy lets no script or style run but the two it was written with.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tasks.scoring.languages import direction
from tasks.scoring.measures import ABOUT
from tasks.scoring.report import views, words
from tasks.scoring.report.analysis import Analysis
from tasks.scoring.report.findings import shown_measures
from tasks.scoring.report.pictures import heat_map_name, report_pictures, scatter_name
from tasks.scoring.samples import highlight
from tasks.scoring.tables import label, table3

_HERE = Path(__file__).parent


def render_report(found: Analysis, pictures: Mapping[str, bytes] | None = None) -> str:
    """The report as one HTML page: no network, light and dark, readable on a phone and without scripts.

    `pictures` are those of `report_pictures`, where they were drawn already.
    """
    drawn = report_pictures(found) if pictures is None else pictures
    data = found.data
    crossing = data.crosses_languages
    return page(
        "page.html",
        found=found,
        data=data,
        heading=views.heading(found),
        headlines=views.headlines(found),
        several=len(data.runs) > 1,
        crossing=crossing,
        matrices=[table3(one.pair_figures) for one in found.systems] if crossing else [],
        contexts=views.context_rows(found),
        pairs=views.pair_rows(found),
        breakdowns=views.breakdown_rows(found),
        families=views.families(found.verdicts),
        by_context=views.context_verdicts(found),
        partings=found.partings,
        error_pairs=views.error_pairs(found),
        faults=views.fault_rows(found),
        overlaps=views.overlaps(found),
        findings=found.findings,
        pictures={name: data_uri(content) for name, content in drawn.items()},
        heat_map_name=heat_map_name,
        scatter_name=scatter_name,
    )


def page(template: str, **values: object) -> str:
    """A page of a template of this folder, with its style, its script and the policy that allows just these."""
    style, script = ((_HERE / name).read_text("utf-8") for name in ("page.css", "page.js"))
    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            style_hash=_policy_hash(style),
            script_hash=_policy_hash(script),
        )
    )


def data_uri(png: bytes) -> str:
    """A picture as part of a page."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(direction=direction, highlight=highlight, matched_gold=views.matched_gold)
    environment.globals.update(words=words, ABOUT=ABOUT, shown_measures=shown_measures)
    environment.filters.update(
        count="{:,}".format, pretty=_pretty, p_value=views.p_value, label=label, values=views.spread_of
    )
    return environment


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def _policy_hash(source: str) -> str:
    """The source as Content-Security-Policy names it (https://www.w3.org/TR/CSP3/#grammardef-hash-source)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
