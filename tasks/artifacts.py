"""What a run shows in the Prefect UI: tables, pictures and reports, with every text of the data made harmless."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from prefect.artifacts import create_image_artifact, create_markdown_artifact

from storage.publishing import published
from storage.silver import SilverSet
from storage.snapshots import Snapshot
from storage.store import Store
from tasks.cards import statistics_table, yields_table
from tasks.scoring.markdown import code, escape, table
from tasks.scoring.plots import loss_curve, yield_bars
from tasks.scoring.tables import label
from tasks.translation import Sent

PLUMBING = "> **Plumbing, not quality.** This reader is a toy that shows that everything fits together.\n"


def show_build(snapshots: Mapping[SilverSet, Snapshot], sent: Sent) -> None:
    """Snapshots, yields and Table 1, and a picture of rows kept and rejected."""
    statistics = {str(s): snapshot.manifest["statistics"] for s, snapshot in snapshots.items()}
    parts = {name: part for figures in statistics.values() for name, part in figures["parts"].items()}
    lines = [[label(s), x.id, x.rows, x.manifest["rejected"]] for s, x in snapshots.items()]
    sections = [
        "# Silver data",
        table(["set", "snapshot", "rows", "rejected"], lines),
        f"{sent.requests:,} requests with {sent.characters:,} characters were sent in this run.",
        "## Kept and rejected, by set and language",
        yields_table(parts),
        "## Table 1",
        statistics_table({name: figures["table1"] for name, figures in statistics.items()}),
    ]
    create_markdown_artifact(
        "\n\n".join(sections),
        key="silver-build",
        description="Snapshots, yields with methods and reasons, and the statistics of Table 1.",
    )
    translated = {name: part for name, part in parts.items() if name != "en"}
    kept = {name: part["kept"] for name, part in translated.items()}
    rejected = {name: part["reasons"] for name, part in translated.items()}
    _image(yield_bars(kept, rejected), "silver-yield", "Rows kept and rejected, by set and language.")


def show_reader(model_id: str, manifest: Mapping[str, Any], curve: Sequence[tuple[int, float]]) -> None:
    """What the reader is and how its training went."""
    recipe, training = manifest["recipe"], manifest["training"]
    rows = [[name, str(value)] for name, value in sorted(recipe.items())]
    figures = [[name, str(value)] for name, value in sorted(training.items())]
    banner = PLUMBING if recipe.get("preset") == "tiny" else ""
    create_markdown_artifact(
        f"# Reader {code(model_id)}\n\n{banner}\n{table(['training', 'value'], figures)}\n\n"
        f"## Recipe\n\n{table(['field', 'value'], rows)}",
        key="reader",
        description="The reader's recipe and how its training went.",
    )
    if curve:
        _image(loss_curve(curve), "reader-loss", "Training loss by step.")


def show_report(store: Store, figures: Mapping[str, Any], report: Mapping[str, Any]) -> None:
    """Headline figures, F1 by pair, and the heat map."""
    pairs = [
        [p["context_language"], p["question_language"], p["f1"], p["exact_match"], p["total"]]
        for p in figures["pairs"]
    ]
    headline = [["F1", figures["f1"]], ["exact match", figures["exact_match"]], ["XLT F1", figures["xlt_f1"]]]
    title = f"# {escape(figures['system'])} on {escape(figures['benchmark'])}"
    create_markdown_artifact(
        f"{title}\n\n{PLUMBING if figures['plumbing'] else ''}\n"
        f"{table(['figure', 'percent'], headline)}\n\nSignature: {code(figures['signature'])}\n\n"
        f"The whole report: {code(report['folder'] + '/report.html')}\n\n"
        f"{table(['context', 'question', 'F1', 'EM', 'questions'], pairs)}",
        key="evaluation",
        description="The figures of the evaluation; report.html in the store tells them whole.",
    )
    picture = f"{report['folder']}/heat-map.png"
    if published(store, report["folder"]) and store.exists(picture):
        _image(store.read(picture), "evaluation-heat-map", "F1 by language of context and question.")


def _image(png: bytes, key: str, description: str) -> None:
    uri = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    create_image_artifact(image_url=uri, key=key, description=description)
