"""What builds, trainings and evaluations show in the Prefect UI; the pages themselves are made in `tasks.pages`."""

import contextlib
import json
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, cast
from uuid import UUID

import httpx
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactUpdate

from storage.models import model_folder
from storage.silver import SilverSet
from storage.snapshots import Snapshot
from storage.store import Store
from tasks.examples import Drawn, examples_of_build
from tasks.mt.bill import Bill
from tasks.pages.chain import Way, chain_page
from tasks.pages.costs import costs_page
from tasks.pages.evaluation import Evaluated, evaluation_page, pictures_page
from tasks.pages.examples import examples_page
from tasks.pages.pictures import MAX_PICTURE_BYTES, picture
from tasks.pages.reader import reader_page
from tasks.pages.silver import parts_of, silver_page
from tasks.scoring.plots import loss_curve, yield_bars
from tasks.steps import Json
from tasks.trail import Thing, bear, leading_to
from tasks.trail import page as page_of

LOSS_KEY = "reader-loss"
LOSS = "Training loss by step, drawn anew while it trains."

HEAT_MAP, VECTORS = "heat-map", "question-vectors"

REPORT_PICTURES = {
    HEAT_MAP: ("evaluation-heat-map", "F1 by language of context and question"),
    VECTORS: ("evaluation-question-vectors", "Question vectors in the plane, by language"),
}
"""The pictures of a report that the UI shows: key and title by what their files' names begin with."""

DRAW_S = 20.0
"""Seconds between two drawings of a curve that grows: each is a picture, and a request to the server."""


def show_build(snapshots: Mapping[SilverSet, Snapshot], bill: Bill, drawn: Iterable[Drawn]) -> None:
    """Snapshots and yields, examples of what was kept and rejected, and the costs."""
    bars = _yield_picture(snapshots)
    also = _also(
        {
            "examples of kept and rejected rows": _show(
                examples_page(examples_of_build(drawn)),
                "silver-examples",
                "A few kept and rejected rows beside their English.",
            ),
            "costs": _show(
                costs_page(bill), "silver-costs", "Requests, characters and money by engine and language."
            ),
            "yields": _show(
                pictures_page("Rows kept and rejected", [("", bars)]),
                "silver-yield",
                "Rows kept and rejected, by set and language.",
            ),
        }
    )
    _show(silver_page(snapshots, bill, also, bars), "silver-build", "Snapshots, yields, and Table 1.")
    bear(Thing.SNAPSHOT, (snapshot.id for snapshot in snapshots.values()))


def show_reader(model_id: str, manifest: Mapping[str, Any], curve: Sequence[tuple[int, float]]) -> None:
    """What the reader is, what it was trained on, and how its training went."""
    drawn = picture(loss_curve(curve), "training loss by step") if curve else ""
    snapshots = [leading_to(Thing.SNAPSHOT, name) for name in manifest["recipe"].get("snapshots", [])]
    _show(
        reader_page(model_id, model_folder(model_id), manifest, snapshots, drawn),
        "reader",
        "A reader's recipe and how its training went.",
    )
    bear(Thing.READER, [model_id])


def show_report(store: Store, folder: str) -> None:
    """The tables of a published report, and those of its pictures that say more than a table."""
    figures: Json = json.loads(store.read(f"{folder}/report.json"))
    pictures = {
        HEAT_MAP: [system["label"] for system in figures["systems"]],
        VECTORS: list(dict.fromkeys(one["run"] for one in figures["invariance"])),
    }
    drawn = {name: _report_pictures(store, folder, name, whose) for name, whose in pictures.items()}
    shown = {
        title: _show(pictures_page(title, drawn[name]), key, f"{title}.")
        for name, (key, title) in REPORT_PICTURES.items()
        if drawn[name]
    }
    heat_map = drawn[HEAT_MAP][0][1] if drawn[HEAT_MAP] else ""
    report = store.read(f"{folder}/report.md").decode()
    _show(
        evaluation_page(report, _evaluated(figures["systems"]), heat_map, _also(shown)),
        "evaluation",
        "The figures of an evaluation; report.html has more.",
    )
    bear(Thing.REPORT, [folder.rpartition("/")[2]])


def show_chain(way: Way) -> None:
    """What the whole way made, one from the other."""
    made = ((Thing.SNAPSHOT, way.snapshot), (Thing.READER, way.reader), (Thing.REPORT, way.report))
    snapshot, reader, report = (leading_to(thing, name) for thing, name in made)
    _show(
        chain_page(way, snapshot, reader, report),
        "silver-reader",
        "Silver data, reader and report of one run.",
    )


def show_quality(store: Store, folder: str) -> None:
    """The tables of a published report on engines' translations."""
    _show(
        store.read(f"{folder}/report.md").decode(),
        "translation-quality",
        "BLEU and chrF++ of engines' translations.",
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
        drawn = pictures_page(
            "Training loss", [("", picture(loss_curve(self._points), "training loss by step"))]
        )
        # What shows the work must not end it: the server may be away for a while.
        with contextlib.suppress(httpx.HTTPError):
            if self._artifact is None:
                self._artifact = _show(drawn, LOSS_KEY, LOSS)
            else:
                with get_client(sync_client=True) as client:
                    client.update_artifact(self._artifact, ArtifactUpdate(data=drawn))


def _show(markdown: str, key: str, description: str) -> UUID:
    """A new version of the artifact of that key."""
    return cast(UUID, create_markdown_artifact(markdown, key=key, description=description))


def _also(pages: Mapping[str, UUID]) -> str:
    """The way to other pages of the same run."""
    links = [f"[{title}]({page_of(artifact)})" for title, artifact in pages.items()]
    return f"Also of this run: {', '.join(links)}." if links else ""


def _yield_picture(snapshots: Mapping[SilverSet, Snapshot]) -> str:
    translated = {name: part for name, part in parts_of(snapshots).items() if name != SilverSet.EN}
    kept = {name: part["kept"] for name, part in translated.items()}
    rejected = {name: part["reasons"] for name, part in translated.items()}
    return picture(yield_bars(kept, rejected), "share of rows kept, and of those rejected by each reason")


def _report_pictures(store: Store, folder: str, name: str, whose: Sequence[str]) -> list[tuple[str, str]]:
    """The pictures of one kind, each with whose it is where there are several; too large ones are left to the page."""
    files = [f"{folder}/{name}{f'-{place}' if place > 1 else ''}.png" for place in range(1, len(whose) + 1)]
    return [
        (one if len(whose) > 1 else "", picture(store.read(file), REPORT_PICTURES[name][1]))
        for one, file in zip(whose, files, strict=True)
        if store.exists(file) and store.size(file) <= MAX_PICTURE_BYTES
    ]


def _evaluated(systems: Sequence[Json]) -> list[Evaluated]:
    return [
        Evaluated(
            system["label"],
            run["seed"],
            leading_to(Thing.READER, run["model"]),
            [leading_to(Thing.SNAPSHOT, name) for name in run["recipe"].get("snapshots", [])],
        )
        for system in systems
        for run in system["runs"]
    ]
