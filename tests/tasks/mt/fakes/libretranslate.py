"""LibreTranslate: what it gives back has its entities undone."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.tasks.mt.fakes.protocol import Asked, Heard, Refused, Reply
from tests.tasks.mt.fakes.respelling import of_html, of_text


def error(status: int, words: str) -> Reply:
    return Reply(status, {"error": words})


TOO_LONG = "Invalid request: request (9000) exceeds text limit (2000)"
SPECIALS = {
    "429 slow down": error(429, "Slowdown: 10 per 1 minute"),
    "403 ban": error(403, "Too many request limits violations"),
    "400 too long": error(400, TOO_LONG),
    "400 key wanted": error(400, "Please contact the server operator to get an API key"),
    "400 language": error(400, "xx is not supported"),
    "500 pair": error(500, "Cannot translate text: 400: German (de) is not available as a target language"),
    "500 anything else": error(500, "Cannot translate text: list index out of range"),
}


@dataclass(frozen=True)
class LibreTranslate:
    keys: Mapping[str, str] = field(default_factory=lambda: {"LIBRETRANSLATE_API_KEY": "s3cr3t-libre"})
    specials: Mapping[str, Reply] = field(default_factory=lambda: SPECIALS)

    def spec(self, url: str) -> str:
        return f"libretranslate:{url}"

    def asked(self, heard: Heard) -> Asked:
        content = heard.json()
        if content.get("api_key") not in self.keys.values():
            raise Refused(self.expired())
        texts = content["q"]
        if heard.path != "/translate" or len(texts) > 50 or sum(map(len, texts)) > 4_000:
            raise Refused(error(400, TOO_LONG))
        return Asked(texts, content["source"], content["target"], content.get("format", "text"))

    def translated(self, text: str, asked: Asked) -> str:
        if asked.style == "html":
            # Its model leaves alone what looks like an entity in the text that it sees.
            return html.unescape(of_html(text, asked.target, of_text))
        return html.unescape(of_text(text, asked.target))

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        return Reply(200, {"translatedText": list(translations)})

    def refusal(self, status: int, words: str) -> Reply:
        return error(status, words)

    def expired(self) -> Reply:
        return error(403, "Invalid API key")
