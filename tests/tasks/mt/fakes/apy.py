"""Apertium-apy: one text a call, as a form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.tasks.mt.fakes.protocol import Asked, Heard, Refused, Reply
from tests.tasks.mt.fakes.respelling import of_html, of_text


def error(status: int, words: str) -> Reply:
    return Reply(status, {"status": "error", "code": status, "message": "Error", "explanation": words})


SPECIALS = {
    "400 pair": error(400, "That pair is not installed"),
    "400 form": error(400, "Missing argument q"),
    "503 stuck": error(503, "internal error"),
}


@dataclass(frozen=True)
class Apy:
    keys: Mapping[str, str] = field(default_factory=dict)
    specials: Mapping[str, Reply] = field(default_factory=lambda: SPECIALS)

    def spec(self, url: str) -> str:
        return f"apertium-apy:{url}"

    def asked(self, heard: Heard) -> Asked:
        form = {name: values[0] for name, values in parse_qs(heard.body.decode()).items()}
        source, _, target = form["langpair"].partition("|")
        if (source, form["markUnknown"]) != ("eng", "no"):
            raise Refused(SPECIALS["400 pair"])
        return Asked([form["q"]], source, target, form["deformat"])

    def translated(self, text: str, asked: Asked) -> str:
        return (of_html if asked.style == "html" else of_text)(text, asked.target)

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        data = {"translatedText": translations[0] if len(translations) == 1 else list(translations)}
        return Reply(200, {"responseData": data, "responseDetails": None, "responseStatus": 200})

    def refusal(self, status: int, words: str) -> Reply:
        return error(status, words)

    def expired(self) -> Reply:
        return error(401, "This server wants a key")
