from dataclasses import replace

import pytest

import tasks.scoring.report.summary
from tasks.scoring.report import Analysis, ReportData, analyse, report_markdown


def test_the_ui_is_shown_every_table(several: Analysis) -> None:
    text = report_markdown(several, "reports/r/report.html")
    for heading in (
        "# 2 systems on",
        "## Table 2",
        "## Differences",
        "## By language of the context",
        "## By question language",
        "## Language invariance",
        "## Every pair",
        "## Where one is right and another wrong",
    ):
        assert heading in text
    assert "`reports/r/report.html`" in text


def test_no_text_of_the_data_becomes_markup(evil: Analysis) -> None:
    text = report_markdown(evil, "r")
    assert "<img" not in text.replace(r"\`", "")
    assert "<script" not in text


def test_the_ui_is_shown_what_was_found(asked: Analysis) -> None:
    text = report_markdown(asked, "r")
    headings = [
        "## What was found",
        "## The price of a poor projection",
        "## Broken twins",
        "## What training moved",
        "## Seconds per stage",
        "## Table 2",
    ]
    assert [text.index(heading) for heading in headings] == sorted(
        text.index(heading) for heading in headings
    )
    assert "ZS reaches 50" in text
    assert "not measured" in text
    assert "<script" not in text
    assert "<img" not in text


def test_what_does_not_fit_is_left_to_the_page(several: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.scoring.report.summary, "MAX_BYTES", 1_500)
    text = report_markdown(several, "r")
    assert text.endswith("see the page.")
    assert len(text.encode()) < 1_600


def test_a_toy_is_called_one(data: ReportData) -> None:
    assert "Plumbing, not quality" in report_markdown(analyse(data), "r")
    serious = replace(data, runs=[replace(data.runs[0], plumbing=False)])
    assert "Plumbing" not in report_markdown(analyse(serious), "r")
