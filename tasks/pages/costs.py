"""What a build cost, for a page: requests, characters and money by engine and language."""

from tasks.mt.bill import Bill, Item
from tasks.scoring.markdown import Cell, Figure, table

COLUMNS = ("language", "engine", "for", "requests", "characters", "USD per million", "USD")


def costs_page(bill: Bill) -> str:
    """The page of a bill."""
    return "\n\n".join(["# What this build asked of engines", costs_table(bill), _note(bill)])


def costs_table(bill: Bill) -> str:
    """One row for each language and purpose, and their sum."""
    total: list[Cell] = [
        "all",
        "",
        "",
        bill.sent.requests + bill.canary.requests,
        bill.sent.characters + bill.canary.characters,
        None,
        Figure(money(bill.usd)),
    ]
    return table(COLUMNS, [*map(_row, bill.items), total])


def money(usd: float | None) -> str:
    """Dollars to the cent; what is no cent yet is not nothing.

    >>> money(12.5), money(0.0), money(0.0031), money(None)
    ('12.50', '0.00', 'under 0.01', 'not known')
    """
    if usd is None:
        return "not known"
    return "under 0.01" if 0 < usd < 0.01 else f"{usd:,.2f}"


def _row(item: Item) -> list[Cell]:
    sent = item.sent
    price = "not known" if item.usd_per_million is None else f"{item.usd_per_million:,.2f}"
    return [
        item.language,
        item.engine,
        item.purpose,
        sent.requests,
        sent.characters,
        Figure(price),
        Figure(money(item.usd)),
    ]


def _note(bill: Bill) -> str:
    """How to read it."""
    if not bill.sent.requests and not bill.canary.requests:
        return "Nothing was asked: every translation was at hand, and is not paid for again."
    return (
        "Characters are those sent by steps that came to their end in this run, tags and repetitions included, not "
        "what a step sent before it failed and was tried again; what the translation memory knew was not sent. "
        "Prices are published list prices, yours may be others."
    )
