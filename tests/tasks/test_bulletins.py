"""Bulletins of watches, rebuilds and challenges: no text of the data becomes markup."""

from typing import Any

import pytest

import tasks.bulletins
from storage.diffing import Change, PartDiff, SilverDiff
from tasks.scoring.promotion import Decision, Duel
from tasks.scoring.significance import randomisation_test

HOSTILE = "[x](javascript:alert)<img src=x>|`<b1>`\n# heading"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    pages: list[str] = []
    monkeypatch.setattr(tasks.bulletins, "create_markdown_artifact", lambda text, **_: pages.append(text))
    return pages


def harmless(page: str) -> None:
    """Outside of code spans nothing of it is a tag, a link or a heading."""
    outside = "".join(page.split("``")[::2])
    assert "<img" not in outside
    assert "](" not in outside
    assert "\n# heading" not in page


def finding(**changes: Any) -> dict[str, Any]:
    segment = {"text": HOSTILE, "before": HOSTILE, "after": None, "chrf": 1.0}
    drift = {"compared": 2, "changed": 1, "moved": 1.5, "segments": [segment]}
    names = dict.fromkeys(("engine", "language", "cause", "before", "after"), HOSTILE)
    return {**names, "segments": 2, "threshold": 1.0, "noise": None, "drift": drift, "quality": {}, **changes}


def test_a_watch(shown: list[str]) -> None:
    figure = {"score": 1.0, "signature": HOSTILE, "margin": None, "p_value": 0.01}
    quality = {"after": {"bleu": figure, "chrf": figure}}
    tasks.bulletins.show_watch([finding(), finding(quality=quality)], [ValueError(HOSTILE)])
    harmless(shown[0])
    assert r"1\.00\, p \= 0\.0100" in shown[0]


def test_a_diff(shown: list[str]) -> None:
    row = {"question": HOSTILE, "answer": HOSTILE, "context": HOSTILE}
    change = Change(HOSTILE, "changed", HOSTILE, row, None)
    part = PartDiff(1, {HOSTILE: 1}, {}, {}, [change])
    diff = SilverDiff({HOSTILE: HOSTILE}, {}, {f"tc-{HOSTILE}": part})
    tasks.bulletins.show_diff(diff, HOSTILE)
    harmless(shown[0])


def test_an_alarm_and_a_challenge(shown: list[str]) -> None:
    tasks.bulletins.show_alarm(HOSTILE, HOSTILE, [HOSTILE])
    duel = Duel(1.0, 2.0, randomisation_test([0.0], [1.0]), HOSTILE)
    tasks.bulletins.show_challenge(HOSTILE, HOSTILE, duel, Decision(False, HOSTILE))
    for page in shown:
        harmless(page)
