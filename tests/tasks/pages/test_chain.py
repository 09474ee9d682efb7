"""The page of the whole way: each thing leads to its own page."""

from tasks.pages.chain import Way, chain_page
from tasks.scoring.markdown import Link
from tests.tasks.pages.rendering import harmless

WAY = Way(
    system="tall",
    snapshot="db90",
    rows=1806,
    reader="c69e",
    steps=342,
    report="2235",
    f1=61.66,
    plumbing=False,
)


def test_the_page_in_full() -> None:
    page = chain_page(WAY, Link("db90", "../artifact/1"), Link("c69e", "../artifact/2"), Link("2235", ""))
    assert page == (
        "# T\\(ALL\\) from the source to the report\n\n"
        "|  | id |  |\n| :--- | :--- | :--- |\n"
        "| silver data | [db90](../artifact/1) | 1\\,806 rows |\n"
        "| reader | [c69e](../artifact/2) | 342 steps |\n"
        "| report | `2235` | F1 61\\.7 |"
    )
    assert harmless(page).targets == ["../artifact/1", "../artifact/2"]
