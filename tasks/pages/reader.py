"""The page of a reader: what it was trained on, how its training went, and its recipe."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.scoring.markdown import Cell, Code, Lines, Link, Stack, code, table
from tasks.scoring.report.summary import PLUMBING
from tasks.scoring.tables import label

FIGURES = {
    "steps": ("steps", "{:,}"),
    "rows": ("rows", "{:,}"),
    "features": ("windows", "{:,}"),
    "loss": ("loss at the end, nats", "{:.3f}"),
    "best_step": ("best step, which was kept", "{:,}"),
    "score": ("F1 at the best step", "{:.2f}"),
    "seconds": ("seconds", "{:,.0f}"),
    "samples_per_s": ("samples/s", "{:,.1f}"),
    "tokens_per_s": ("tokens/s", "{:,.0f}"),
    "mfu": ("share of the device's peak (MFU)", "{:.1%}"),
    "peak_memory_bytes": ("peak memory, bytes", "{:,}"),
    "resumed_at": ("taken up at step", "{:,}"),
}
"""What a job tells of its training in this order, and how a page says it; anything else is shown as it is."""

UNTOLD = {"job", "logic", "snapshots"}
"""What machines want to know, and what stands elsewhere on the page."""

WIDTH = 60


def reader_page(
    model_id: str, folder: str, manifest: Mapping[str, Any], snapshots: Sequence[Link], picture: str
) -> str:
    """The page.

    Args:
        model_id: the reader's id.
        folder: where it lies in the store.
        manifest: its manifest; that of a foreign reader may say anything.
        snapshots: what it was trained on.
        picture: of its training's loss, as Markdown; empty where there is none.
    """
    recipe, training = manifest["recipe"], manifest["training"]
    sections = [
        f"# Reader {code(model_id)}",
        PLUMBING if recipe.get("preset") == "tiny" else "",
        table(["reader", ""], _facts(recipe, folder, snapshots)),
        "## How its training went",
        picture,
        table(["training", "figure"], _figures(training)),
        "## Recipe",
        table(["field", "value"], _fields(recipe)),
    ]
    return "\n\n".join(section for section in sections if section)


def _facts(recipe: Mapping[str, Any], folder: str, snapshots: Sequence[Link]) -> list[list[Cell]]:
    return [
        ["system", label(str(recipe.get("system", "not known")))],
        ["seed", str(recipe.get("seed", "not known"))],
        ["trained on snapshot", Stack(tuple(snapshots)) if snapshots else "not known"],
        ["in the store", Code(folder)],
    ]


def _figures(training: Mapping[str, Any]) -> list[list[Cell]]:
    known = [name for name in FIGURES if name in training]
    others = sorted(training.keys() - FIGURES.keys() - UNTOLD)
    # Zero would say that it was taken up where it began.
    rows = [
        _figure(name, training[name]) for name in [*known, *others] if name != "resumed_at" or training[name]
    ]
    return [row for row in rows if row[1] is not None]


def _figure(name: str, value: Any) -> list[Cell]:
    title, form = FIGURES.get(name, (name, ""))
    numeric = isinstance(value, int | float)
    return [title, form.format(value) if form and numeric else _value(value)]


def _fields(recipe: Mapping[str, Any]) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [name, _value(value)] for name, value in sorted(recipe.items()) if name not in UNTOLD
    ]
    return [row for row in rows if row[1] is not None]


def _value(value: Any) -> Cell:
    """A value as text; None where it says nothing."""
    return None if value in (None, "", [], {}, ()) else Lines(str(value), WIDTH)
