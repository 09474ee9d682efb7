"""IBM Watson Language Translator v3, as it was."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.tasks.mt.fakes.protocol import Asked, Heard, Refused, Reply
from tests.tasks.mt.fakes.respelling import of_text


def error(status: int, words: str) -> Reply:
    return Reply(status, {"code": status, "error": words})


SPECIALS = {
    "400 too large": error(400, "Request size is too large. Limit is 51200 bytes."),
    "404 no model": error(404, "Unable to find model for specified languages"),
    "400 anything else": error(400, "Bad request"),
}


@dataclass(frozen=True)
class Watson:
    keys: Mapping[str, str] = field(default_factory=lambda: {"WATSON_API_KEY": "s3cr3t-watson"})
    specials: Mapping[str, Reply] = field(default_factory=lambda: SPECIALS)

    def spec(self, url: str) -> str:
        return f"watson:{url}"

    def asked(self, heard: Heard) -> Asked:
        tokens = {base64.b64encode(f"apikey:{key}".encode()).decode() for key in self.keys.values()}
        if heard.headers.get("authorization", "").removeprefix("Basic ") not in tokens:
            raise Refused(self.expired())
        if heard.path != "/v3/translate?version=2018-05-01":
            raise Refused(error(404, "Not Found"))
        if len(heard.body) > 51_200:
            raise Refused(SPECIALS["400 too large"])
        content = heard.json()
        source, target = content["model_id"].split("-")
        return Asked(content["text"], source, target)

    def translated(self, text: str, asked: Asked) -> str:
        return of_text(text, asked.target)

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        content = [{"translation": text} for text in translations]
        return Reply(
            200,
            {"model_id": f"{asked.source}-{asked.target}", "word_count": 1, "translations": content},
        )

    def refusal(self, status: int, words: str) -> Reply:
        return error(status, words)

    def expired(self) -> Reply:
        return error(401, "Unauthorized")
