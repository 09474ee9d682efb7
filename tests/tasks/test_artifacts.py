"""What a run shows in the UI: no text of the data, of a reader or of an engine becomes markup."""

from typing import Any

import pytest

import tasks.artifacts
from storage.store import Store

HOSTILE = "[x](javascript:alert)<img src=x>"


def test_what_a_reader_says_of_itself_is_no_markup(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign reader's record may call its system anything."""
    shown: list[str] = []
    monkeypatch.setattr(tasks.artifacts, "create_markdown_artifact", lambda text, **_: shown.append(text))
    figures: dict[str, Any] = dict.fromkeys(("f1", "exact_match", "xlt_f1"), 1.0)
    pair = {
        "context_language": HOSTILE,
        "question_language": HOSTILE,
        "f1": 1.0,
        "exact_match": 1.0,
        "total": 1,
    }
    texts = {"system": HOSTILE, "benchmark": HOSTILE, "signature": "s", "plumbing": False, "pairs": [pair]}
    tasks.artifacts.show_report(store, {**figures, **texts}, {"folder": "reports/r"})
    assert "<img" not in shown[0]
    assert "](" not in shown[0]
