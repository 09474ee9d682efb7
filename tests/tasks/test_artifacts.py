"""What a run shows in the UI: no text of the data, of a reader or of an engine becomes markup."""

import pytest

import tasks.artifacts
from storage.publishing import publish
from storage.store import Store

HOSTILE = "[x](javascript:alert)<img src=x>"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What would be shown, by key."""
    found: dict[str, str] = {}
    monkeypatch.setattr(
        tasks.artifacts, "create_markdown_artifact", lambda text, key, **_: found.update({key: text})
    )
    monkeypatch.setattr(
        tasks.artifacts, "create_image_artifact", lambda image_url, key, **_: found.update({key: image_url})
    )
    return found


def test_a_report_is_shown_as_it_was_published(store: Store, shown: dict[str, str]) -> None:
    files = {"report.md": "# Répôrt".encode(), "heat-map.png": b"png", "question-vectors.png": b"png"}
    publish(store, "reports/r", files, {"kind": "report"})
    tasks.artifacts.show_report(store, "reports/r")
    assert shown["evaluation"] == "# Répôrt"
    assert shown["evaluation-heat-map"] == "data:image/png;base64,cG5n"
    assert set(shown) == {"evaluation", "evaluation-heat-map", "evaluation-question-vectors"}


def test_a_picture_that_is_too_large_is_left_to_the_page(store: Store, shown: dict[str, str]) -> None:
    files = {"report.md": b"#", "heat-map.png": b"x" * (tasks.artifacts.MAX_PICTURE_BYTES + 1)}
    publish(store, "reports/r", files, {"kind": "report"})
    tasks.artifacts.show_report(store, "reports/r")
    assert set(shown) == {"evaluation"}


def test_what_a_reader_says_of_itself_is_no_markup(store: Store, shown: dict[str, str]) -> None:
    """A foreign reader's record may call itself anything."""
    manifest = {"recipe": {HOSTILE: HOSTILE, "preset": "tiny"}, "training": {HOSTILE: HOSTILE}}
    tasks.artifacts.show_reader(HOSTILE, manifest, [])
    assert "<img" not in shown["reader"].replace(f"`{HOSTILE}`", "")
    assert "](" not in shown["reader"].replace(f"`{HOSTILE}`", "")
