"""The pages of a report: the way back to readers and snapshots, and what is left to the report where it is too much."""

from tasks.pages.evaluation import REST, Evaluated, evaluation_page, pictures_page
from tasks.pages.fitting import MAX_BYTES
from tasks.scoring.markdown import Link
from tests.tasks.pages.rendering import HOSTILE, harmless

REPORT = "# T(ALL) on MLQA\n\n| system |\n\n## Table 2\n\nx\n\n## Every pair\n\ny"
READERS = [Evaluated("T(ALL)", 1, Link("c69e", "../artifact/1"), [Link("db90", "../artifact/2")])]


def test_the_way_back_stands_before_the_tables() -> None:
    page = evaluation_page(REPORT, READERS, "![F1](data:image/png;base64,eA==)", "Also of this run: nothing.")
    places = [
        page.index(text)
        for text in ("# T(ALL)", "Also of", "[c69e](../artifact/1)", "![F1]", "## Table 2", "## Every pair")
    ]
    assert places == sorted(places)
    assert "| T\\(ALL\\) | 1 | [c69e](../artifact/1) | [db90](../artifact/2) |" in page


def test_a_folder_has_neither_seed_nor_snapshot() -> None:
    page = evaluation_page(REPORT, [Evaluated(HOSTILE, None, Link(HOSTILE, ""), [])], "", "")
    assert "| not known |" in page
    assert "F1 by pair" not in page
    harmless(page)


def test_what_does_not_fit_is_left_to_the_report() -> None:
    page = evaluation_page(REPORT + "z" * MAX_BYTES, READERS, "", "")
    assert page.endswith(f"## Table 2\n\nx\n\n{REST}")


def test_a_picture_takes_no_tables_place() -> None:
    """A heat map of very many languages: the tables stay, and so does the way to the page of the heat maps."""
    large = f"![F1](data:image/png;base64,{'e' * (MAX_BYTES - 300)})"
    page = evaluation_page(REPORT, READERS, large, "Also of this run: [F1](../artifact/3).")
    assert "![F1]" not in page
    assert REST not in page
    assert page.endswith("## Table 2\n\nx\n\n## Every pair\n\ny")
    assert "[F1](../artifact/3)" in page
    beside = evaluation_page(REPORT, READERS, large[: -MAX_BYTES // 2] + ")", "")
    assert "![F1]" in beside
    assert beside.endswith("## Every pair\n\ny")


def test_pictures_stand_below_their_systems() -> None:
    page = pictures_page(
        "F1",
        [("AT (en-zh)", "![a](data:image/png;base64,eA==)"), (HOSTILE, "![b](data:image/png;base64,eA==)")],
    )
    assert page.startswith("# F1\n\n## AT \\(en\\-zh\\)\n\n![a]")
    assert len(harmless(page).pictures) == 2
