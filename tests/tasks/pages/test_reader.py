"""The page of a reader: figures as people read them, and no markup of what a foreign one says of itself."""

from typing import Any

from tasks.pages.reader import reader_page
from tasks.scoring.markdown import Link
from tests.tasks.pages.rendering import HOSTILE, harmless

RECIPE = {"system": "tall", "seed": 1, "preset": "base", "snapshots": ["db90"], "encoder": "", "dev": []}
TRAINING = {
    "loss": 2.0889928340911865,
    "peak_memory_bytes": 1192402944,
    "resumed_at": 0,
    "job": "train",
    "mfu": 0.5405,
}


def page(recipe: dict[str, Any] = RECIPE, training: dict[str, Any] = TRAINING) -> str:
    manifest = {"recipe": recipe, "training": training}
    return reader_page("c69e", "models/c69e", manifest, [Link("db90", "../artifact/1")], "")


def test_it_leads_to_its_snapshot() -> None:
    assert "| trained on snapshot | [db90](../artifact/1) |" in page()
    assert "| system | T\\(ALL\\) |" in page()
    assert "| in the store | `models/c69e` |" in page()


def test_figures_are_told_as_people_read_them() -> None:
    found = page()
    assert "| loss at the end\\, nats | 2\\.089 |" in found
    assert "| peak memory\\, bytes | 1\\,192\\,402\\,944 |" in found
    assert "| share of the device\\'s peak \\(MFU\\) | 54\\.0\\% |" in found


def test_what_says_nothing_is_left_out() -> None:
    found = page()
    for name in ("encoder", "| dev |", "taken up", "job", "snapshots"):
        assert name not in found
    assert "taken up at step | 160" in page(training={**TRAINING, "resumed_at": 160})


def test_a_toy_is_called_one() -> None:
    assert "Plumbing" in page({**RECIPE, "preset": "tiny"})
    assert "Plumbing" not in page()


def test_what_a_foreign_reader_says_of_itself_is_no_markup() -> None:
    manifest = {
        "recipe": {HOSTILE: HOSTILE, "system": HOSTILE},
        "training": {HOSTILE: HOSTILE, "loss": HOSTILE},
    }
    harmless(reader_page(HOSTILE, HOSTILE, manifest, [Link(HOSTILE, "")], ""))
