"""The bill of a build: what its steps asked of engines, put together by language and purpose."""

from collections.abc import Iterator, Mapping, Sequence

from tasks.back import Judged
from tasks.mt.bill import Bill, Item, Purpose, Sent
from tasks.mt.catalogue import open_engine
from tasks.second_try import Again
from tasks.translation import Translated, Translator


def billed(
    translators: Mapping[str, Translator],
    texts: Sequence[Translated],
    again: Again,
    judged: Judged,
    back: Mapping[str, str],
) -> Bill:
    """What was sent in this run; an engine that had nothing left to translate stands on it with nothing.

    Args:
        translators: who translates into each language.
        texts: what was sent of each kind of text.
        again: what was sent once more.
        judged: what was translated back.
        back: what opens the engine that did that, by language.
    """
    return Bill(
        [
            *_canaries(translators),
            *_canaries(again.opened),
            *(
                _item(language, one.engine, Purpose.TEXTS, _sum(language, texts))
                for language, one in translators.items()
            ),
            *(
                _item(language, again.translators[language].engine, Purpose.AGAIN, sent)
                for language, sent in again.translated.by_language.items()
            ),
            *(
                _item(language, back[language], Purpose.BACK, sent)
                for language, sent in judged.by_language.items()
            ),
        ]
    )


def _canaries(translators: Mapping[str, Translator]) -> Iterator[Item]:
    for language, translator in translators.items():
        if translator.sent != Sent():
            yield _item(language, translator.engine, Purpose.CANARY, translator.sent)


def _sum(language: str, texts: Sequence[Translated]) -> Sent:
    return sum((made.by_language.get(language, Sent()) for made in texts), Sent())


def _item(language: str, spec: str, purpose: Purpose, sent: Sent) -> Item:
    return Item.of(language, open_engine(spec), purpose, sent)
