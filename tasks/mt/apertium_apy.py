"""Apertium behind its own web service. Source: https://wiki.apertium.org/wiki/Apertium-apy."""

from urllib.parse import urlencode

from tasks.mt.engine import Billing, Limits
from tasks.mt.errors import UnknownPair
from tasks.mt.http import Meaning
from tasks.mt.languages import THREE_LETTERS
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate
from tasks.mt.service import Service


class ApertiumApy(Service):
    """`apertium-apy[:ADDRESS]`, without a key; a server of one's own is `apertium-apy:http://localhost:2737`.

    Which pairs there are depends on the server, so all languages are tried and it says which it lacks. It takes one
    text at a time and gives up on it after ten seconds (503). Where words move, its HTML reader splits tags: the
    engine `apertium`, which speaks to the programs directly, is the better one where they can be installed.
    """

    name = "apertium-apy"
    official = "https://apertium.org/apy"
    limits = Limits(max_segments=1, max_chars=5_000)
    workers = 2
    # A cautious guess: nothing is said of the official server, which is a gift.
    rate = Rate(requests_per_s=2)
    billing = Billing.NONE
    markups = (Markup.HTML, Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)
    languages = THREE_LETTERS
    meanings = (Meaning(400, "pair is (invalid|not installed)|[Ll]anguages? that", UnknownPair),)

    def _ask(self, texts: list[str], source: str, target: str) -> list[str]:
        style = "html" if self.markup is Markup.HTML else "txt"
        form = {
            "langpair": f"{source}|{target}",
            "markUnknown": "no",
            "deformat": style,
            "reformat": style,
            "q": texts[0],
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._sent("/translate", urlencode(form).encode(), headers)
        return self._found(answer.content, len(texts), "responseData", "translatedText")
