"""The bill of a build: each engine, language and purpose once, at the engine's own price."""

from storage.generations import Generation
from tasks.back import Judged
from tasks.billing import billed
from tasks.mt.bill import Purpose, Sent
from tasks.mt.budget import price_of
from tasks.mt.catalogue import open_engine
from tasks.mt.markup import Markup
from tasks.projection.again import SecondTry
from tasks.second_try import Again
from tasks.translation import Translated, Translator

NOTHING = Sent()


def translator(engine: str, language: str, sent: Sent = NOTHING) -> Translator:
    return Translator(engine, Generation(engine, language, 1, "1", {}), Markup.TAGS, sent)


def test_every_purpose_stands_on_it_by_language() -> None:
    translators = {"es": translator("deepl", "es", Sent(1, 100)), "hi": translator("google", "hi")}
    texts = [
        Translated({}, {"es": Sent(2, 20), "hi": Sent()}),
        Translated({}, {"es": Sent(3, 30)}),
    ]
    styled = {"es": translator("deepl", "es", Sent(1, 7))}
    again = Again(SecondTry.SINGLE, styled, Translated({}, {"es": Sent(4, 40)}))
    bill = billed(translators, texts, again, Judged({}, {"hi": Sent(5, 50)}), {"hi": "deepl"})
    assert [(item.language, item.engine, item.purpose, item.sent) for item in bill.items] == [
        ("es", "deepl", Purpose.CANARY, Sent(1, 100)),
        ("es", "deepl", Purpose.TEXTS, Sent(5, 50)),
        ("hi", "google", Purpose.TEXTS, Sent()),
        ("es", "deepl", Purpose.AGAIN, Sent(4, 40)),
        ("hi", "deepl", Purpose.BACK, Sent(5, 50)),
    ]
    assert {item.usd_per_million for item in bill.items if item.engine == "deepl"} == {
        price_of(open_engine("deepl"))
    }
    assert (bill.sent, bill.canary) == (Sent(14, 140), Sent(1, 100))


def test_an_engine_that_marks_in_another_style_is_opened_on_the_same_bill() -> None:
    styled = {"es": translator("deepl", "es", Sent(1, 7))}
    again = Again(SecondTry.LETTERS, styled, Translated({}, {"es": Sent(4, 40)}))
    bill = billed({"es": translator("deepl", "es")}, [], again, Judged({}), {})
    assert [item.purpose for item in bill.items] == [Purpose.CANARY, Purpose.TEXTS, Purpose.AGAIN]
    assert (bill.sent, bill.canary) == (Sent(4, 40), Sent(1, 7))
