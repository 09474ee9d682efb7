"""What a run shows in the Prefect UI: tables, pictures and reports, with every text of the data made harmless."""

import base64
import contextlib
import math
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, cast
from uuid import UUID

import httpx
from prefect.artifacts import create_image_artifact, create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactUpdate

from storage.silver import SilverSet
from storage.snapshots import Snapshot
from storage.store import Store
from tasks.cards import statistics_table, yields_table
from tasks.scoring.markdown import code, table
from tasks.scoring.plots import loss_curve, yield_bars
from tasks.scoring.report.summary import PLUMBING
from tasks.scoring.tables import label
from tasks.translation import Sent

REPORT_PICTURES = {
    "heat-map": ("evaluation-heat-map", "F1 by language of context and question."),
    "question-vectors": ("evaluation-question-vectors", "Question vectors in the plane, by language."),
}
"""The pictures of a report that the UI shows: key and description by file."""

MAX_PICTURE_BYTES = 140_000
"""In base64 they grow by a third; artifacts are to stay under about 200 KB."""

LOSS_KEY = "reader-loss"
LOSS = "Training loss by step."

DRAW_S = 20.0
"""Seconds between two drawings of a curve that grows: each is a picture, and a request to the server."""


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
        _image(loss_curve(curve), LOSS_KEY, LOSS)


def show_report(store: Store, folder: str) -> None:
    """The tables of a published report, and those of its pictures that say more than a table."""
    create_markdown_artifact(
        store.read(f"{folder}/report.md").decode(),
        key="evaluation",
        description="The figures of the evaluation; report.html in the store tells them whole.",
    )
    for name, (key, description) in REPORT_PICTURES.items():
        picture = f"{folder}/{name}.png"
        if store.exists(picture) and store.size(picture) <= MAX_PICTURE_BYTES:
            _image(store.read(picture), key, description)


def show_quality(store: Store, folder: str) -> None:
    """The tables of a published report on engines' translations."""
    create_markdown_artifact(
        store.read(f"{folder}/report.md").decode(),
        key="translation-quality",
        description="BLEU and chrF++ of engines' translations; report.html in the store tells them whole.",
    )


class LiveCurve:
    """A training's loss as a picture that is drawn anew while it trains, and a last time when it ends or fails."""

    def __init__(self) -> None:
        self._points: list[tuple[int, float]] = []
        self._artifact: UUID | None = None
        self._drawn_at = -math.inf
        self._drawn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Who cancels is not kept waiting.
        if error is None or isinstance(error, Exception):
            self._draw()

    def add(self, step: int, loss: float) -> None:
        """Takes in a point of the curve; safe to call very often."""
        self._points.append((step, loss))
        if len(self._points) > 1 and time.monotonic() - self._drawn_at > DRAW_S:
            self._draw()

    def _draw(self) -> None:
        if len(self._points) == self._drawn:
            return
        self._drawn_at, self._drawn = time.monotonic(), len(self._points)
        png = loss_curve(self._points)
        # What shows the work must not end it: the server may be away for a while.
        with contextlib.suppress(httpx.HTTPError):
            if self._artifact is None:
                self._artifact = _image(png, LOSS_KEY, LOSS)
            else:
                with get_client(sync_client=True) as client:
                    client.update_artifact(self._artifact, ArtifactUpdate(data=_uri(png)))


def _image(png: bytes, key: str, description: str) -> UUID:
    return cast(UUID, create_image_artifact(image_url=_uri(png), key=key, description=description))


def _uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
