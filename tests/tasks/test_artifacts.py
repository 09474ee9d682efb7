"""What a run shows in the UI: which artifacts there are, and how they lead to each other."""

import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

import tasks.artifacts
from storage.publishing import publish
from storage.silver import SilverSet
from storage.store import Store
from tasks.mt.bill import Bill, Item, Purpose, Sent
from tasks.pages.pictures import MAX_PICTURE_BYTES
from tasks.scoring.markdown import Link
from tasks.trail import Thing
from tests.storage.test_diffing import built, kept
from tests.tasks.test_examples import drawn

BILL = Bill([Item("es", "deepl", Purpose.TEXTS, Sent(1, 2), 25.0)])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What would be shown, by key; the id of an artifact is its key."""
    found: dict[str, str] = {}

    def create(text: str, key: str, **_: Any) -> str:
        found[key] = text
        return key

    monkeypatch.setattr(tasks.artifacts, "create_markdown_artifact", create)
    monkeypatch.setattr(
        tasks.artifacts, "leading_to", lambda thing, name: Link(name, f"../artifact/{thing}-{name}")
    )
    monkeypatch.setattr(
        tasks.artifacts, "bear", lambda thing, ids: found.update({f"tag {i}": str(thing) for i in ids})
    )
    return found


def png(width: int = 8) -> bytes:
    buffer = BytesIO()
    Image.effect_noise((width, width), 99).save(buffer, format="png")
    return buffer.getvalue()


def published(store: Store, *systems: str, **files: bytes) -> None:
    runs = [{"model": "c69e", "seed": 1, "recipe": {"snapshots": ["db90"]}}]
    figures = {
        "systems": [{"label": name, "runs": runs} for name in systems],
        "invariance": [{"run": "T(Q), seed 1"}],
    }
    named = {f"{name.replace('_', '-')}.png": content for name, content in files.items()}
    every = {
        "report.md": "# Répôrt\n\n## Tables\n\nx".encode(),
        "report.json": json.dumps(figures).encode(),
        **named,
    }
    publish(store, "reports/r", every, {"kind": "report"})


def test_a_report_leads_to_its_pictures_its_reader_and_its_snapshot(
    store: Store, shown: dict[str, str]
) -> None:
    published(store, "T(Q)", heat_map=png(), question_vectors=png())
    tasks.artifacts.show_report(store, "reports/r")
    keys = {"evaluation", "evaluation-heat-map", "evaluation-question-vectors"}
    assert set(shown) == {*keys, "tag r"}
    page = shown["evaluation"]
    assert page.startswith(
        "# Répôrt\n\nAlso of this run: [F1 by language of context and question](../artifact/"
    )
    assert f"[c69e](../artifact/{Thing.READER}-c69e) | [db90](../artifact/{Thing.SNAPSHOT}-db90) |" in page
    assert page.endswith("## Tables\n\nx")
    assert all("![" in shown[key] for key in keys - {"evaluation-question-vectors"})
    assert shown["tag r"] == Thing.REPORT


def test_each_system_has_its_heat_map(store: Store, shown: dict[str, str]) -> None:
    published(store, "T(Q)", "T(C)", heat_map=png(), heat_map_2=png())
    tasks.artifacts.show_report(store, "reports/r")
    page = shown["evaluation-heat-map"]
    assert page.index("## T\\(Q\\)") < page.index("## T\\(C\\)")
    assert page.count("![") == 2


def test_a_picture_that_is_too_large_is_left_to_the_page(store: Store, shown: dict[str, str]) -> None:
    published(store, "T(Q)", heat_map=b"x" * (MAX_PICTURE_BYTES + 1))
    tasks.artifacts.show_report(store, "reports/r")
    assert set(shown) == {"evaluation", "tag r"}


def test_a_build_leads_to_its_examples_and_costs(store: Store, shown: dict[str, str]) -> None:
    contexts = {"Ana": kept("Ana")}
    snapshot = built(store, contexts)
    tasks.artifacts.show_build({SilverSet.TC: snapshot}, BILL, drawn(contexts))
    assert set(shown) == {
        "silver-build",
        "silver-examples",
        "silver-costs",
        "silver-yield",
        f"tag {snapshot.id}",
    }
    page = shown["silver-build"]
    assert "[examples of kept and rejected rows](../artifact/silver-examples)" in page
    assert "[costs](../artifact/silver-costs)" in page
    assert f"| T\\(C\\) | `{snapshot.id}` | 2 | 0 | `snapshots/squad-tc/{snapshot.id}` |" in page
    assert "| words/question |" in page.replace("\\", "")
    assert "Fue" not in page
    assert "【Ana】 estuvo aquí" in shown["silver-examples"]


def test_a_reader_leads_to_its_snapshot_and_shows_its_curve(shown: dict[str, str]) -> None:
    manifest = {"recipe": {"system": "tq", "snapshots": ["db90"]}, "training": {"steps": 2}}
    tasks.artifacts.show_reader("c69e", manifest, [(1, 2.0), (2, 1.0)])
    assert set(shown) == {"reader", "tag c69e"}
    assert f"(../artifact/{Thing.SNAPSHOT}-db90)" in shown["reader"]
    assert "![training loss by step](data:image/png;base64," in shown["reader"]


def test_a_curve_that_grows_is_drawn_when_it_ends(shown: dict[str, str]) -> None:
    with tasks.artifacts.LiveCurve() as curve:
        curve.add(1, 2.0)
    assert shown["reader-loss"].startswith(
        "# Training loss\n\n![training loss by step](data:image/png;base64,"
    )
