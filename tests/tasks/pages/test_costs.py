"""The bill of a build: its sums, and the page that shows it."""

from tasks.mt.bill import Bill, Item, Purpose, Sent
from tasks.pages.costs import costs_page

PAID = Item("es", "deepl", Purpose.TEXTS, Sent(3, 2_000_000), 25.0)
CANARY = Item("es", "deepl", Purpose.CANARY, Sent(1, 40_000), 25.0)
FREE = Item("ca", "apertium", Purpose.TEXTS, Sent(2, 10), 0.0)
UNKNOWN = Item("hi", "transformers", Purpose.BACK, Sent(1, 5), None)


def test_what_opens_a_generation_is_counted_by_itself() -> None:
    bill = Bill([CANARY, PAID, FREE])
    assert (bill.sent, bill.canary) == (Sent(5, 2_000_010), Sent(1, 40_000))
    assert bill.usd == 51.0


def test_a_sum_with_an_unknown_price_is_not_known_unless_nothing_was_sent() -> None:
    assert Bill([PAID, UNKNOWN]).usd is None
    assert Bill([PAID, Item("hi", "x", Purpose.BACK, Sent(), None)]).usd == 50.0


def test_the_page_in_full() -> None:
    assert costs_page(Bill([CANARY, PAID, UNKNOWN])).split("\n\n")[1] == (
        "| language | engine | for | requests | characters | USD per million | USD |\n"
        "| :--- | :--- | :--- | ---: | ---: | ---: | ---: |\n"
        "| es | deepl | canary set of a new engine | 1 | 40,000 | 25\\.00 | 1\\.00 |\n"
        "| es | deepl | questions and contexts | 3 | 2,000,000 | 25\\.00 | 50\\.00 |\n"
        "| hi | transformers | answers back into English | 1 | 5 | not known | not known |\n"
        "| all |  |  | 5 | 2,040,005 |  | not known |"
    )


def test_a_build_that_found_everything_says_so() -> None:
    page = costs_page(Bill([Item("es", "deepl", Purpose.TEXTS, Sent(), 25.0)]))
    assert "Nothing was asked" in page
    assert "| es | deepl | questions and contexts | 0 | 0 | 25\\.00 | 0\\.00 |" in page
