"""The pages of operations: what they say, and that no text of the data becomes markup on them."""

from typing import Any

import pytest

from storage.diffing import Change, PartDiff, SilverDiff
from tasks.pages.challenge import alarm_page, challenge_page
from tasks.pages.diff import diff_page
from tasks.pages.watch import SHOWN_CHARS, watch_page
from tasks.scoring.markdown import Link
from tasks.scoring.promotion import Decision, Duel
from tasks.scoring.significance import randomisation_test
from tests.tasks.pages.rendering import HOSTILE, harmless

FIGURE = {"score": 60.204, "signature": "nrefs:1|v:2", "margin": 1.5, "p_value": 0.01}


def finding(**changes: Any) -> dict[str, Any]:
    segment = {"text": "Hello", "before": "Hola", "after": None, "chrf": 1.0}
    return {
        "engine": "deepl",
        "language": "es",
        "cause": "version",
        "before": "deepl/es/1-ab",
        "after": "deepl/es/2-cd",
        "versions": ["1", "2"],
        "segments": 200,
        "threshold": 1.0,
        "drift": {"compared": 200, "changed": 3, "moved": 1.54, "segments": [segment]},
        "quality": {"after": {"bleu": FIGURE, "chrf": FIGURE}},
        "sent": {"requests": 2, "characters": 6_898},
        **changes,
    }


def test_a_watch_tells_what_was_found_and_what_has_become_of_it() -> None:
    page = watch_page([finding()], [])
    assert "| es | deepl | changed\\: version | 200 | 3 | 1\\.54 | 1\\.00 | `deepl/es/2-cd` |" in page
    assert "2 requests with 6,898 characters were sent." in page
    assert "| es | after | 60\\.20 ± 1\\.50\\, p \\= 0\\.0100 |" in page
    assert "```text\nnrefs:1|v:2\n```" in page
    assert "| Hello | Hola | nothing usable | 1.0 |" in page
    assert "## Other versions" in page


def test_an_engine_that_has_not_changed_has_a_short_page() -> None:
    quiet = finding(cause=None, versions=["1", "1"], drift=None, quality={})
    assert watch_page([quiet], []).count("##") == 0


def test_nothing_that_an_engine_says_is_markup() -> None:
    segment = {"text": HOSTILE, "before": HOSTILE, "after": HOSTILE, "chrf": 1.0}
    names = dict.fromkeys(("engine", "language", "cause", "before", "after"), HOSTILE)
    drift = {"compared": 2, "changed": 1, "moved": 1.5, "segments": [segment]}
    figures = {"after": {"bleu": {**FIGURE, "signature": HOSTILE}, "chrf": FIGURE}}
    found = finding(**names, versions=[HOSTILE, HOSTILE + "x"], drift=drift, quality=figures)
    page = harmless(watch_page([found], [ValueError(HOSTILE)]))
    assert page.text.count("<img src=x>") >= 4


def test_texts_are_cut() -> None:
    drift = {
        "compared": 1,
        "changed": 1,
        "moved": 9.0,
        "segments": [{"text": "x" * 999, "before": "y", "after": "z", "chrf": 0}],
    }
    page = harmless(watch_page([finding(drift=drift)], []))
    assert page.text.count("x") < SHOWN_CHARS + 9


def difference(text: str) -> SilverDiff:
    row = {"question": text, "answer": text, "context": text}
    changes = [
        Change(text, "changed", "context+answer", row, row),
        Change(text, "lost", "tags-lost", row, None),
        Change(text, "gained", text, None, row),
    ]
    part = PartDiff(61, {text: 1}, {"tags-lost": 1}, {"context+answer": 1}, changes)
    return SilverDiff({"squad-tc": "old"}, {"squad-tc": "new"}, {"tc-es": part})


def test_a_diff_shows_rows_before_and_after_and_why_there_are_none() -> None:
    links = {"new": Link("new", "../artifact/1")}
    page = diff_page(difference("copied"), "diffs/x.json", links)
    assert "| squad\\-tc | `old` | [new](../artifact/1) |" in page
    assert "| es | 61 | 1 | 1 | 1 |" in page
    assert "| tc\\-es | changed | context\\+answer | 1 | another context\\, another answer |" in page
    assert "| row | `copied` | now\\: no tag of the answer came back |" in page
    assert "| row | before\\: the source came back as it was | `copied` |" in page


def test_nothing_of_a_diff_is_markup() -> None:
    hostile = difference(HOSTILE)
    harmless(diff_page(SilverDiff({HOSTILE: HOSTILE}, {}, hostile.parts), HOSTILE, {}))


def test_an_alarm_says_what_to_type() -> None:
    page = alarm_page(HOSTILE, HOSTILE, [HOSTILE], [f"silverspan refs set a b --store '{HOSTILE}'"], "")
    assert "\n```text\nsilverspan refs set" in page
    harmless(page)
    assert "accept" not in alarm_page("Failed rebuild", "It failed.", ["languages: es"], [], "")


@pytest.mark.parametrize(("promoted", "now"), [(True, "[new](../artifact/1)"), (False, "`old`")])
def test_a_challenge_says_who_is_champion(promoted: bool, now: str) -> None:
    duel = Duel(1.0, 2.0, randomisation_test([0.0], [1.0]), HOSTILE)
    readers = (Link("new", "../artifact/1"), Link("old", ""))
    page = challenge_page(*readers, duel, Decision(promoted, HOSTILE), Link("", ""))
    assert f"Champion now: {now}." in page
    assert "The challenger's report: none." in page
    harmless(page)


def test_the_first_champion_has_nobody_to_be_tested_against() -> None:
    page = challenge_page(
        Link("a", ""), Link("", ""), None, Decision(True, "None yet."), Link("r", "../artifact/2")
    )
    assert "Champion now: `a`." in page
    assert "## The test" not in page
