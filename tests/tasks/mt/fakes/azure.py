"""Azure Translator 3.0: errors have six-digit codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.tasks.mt.fakes.protocol import Asked, Heard, Refused, Reply
from tests.tasks.mt.fakes.respelling import of_html, of_text


def error(code: int, words: str) -> Reply:
    return Reply(code // 1000, {"error": {"code": code, "message": words}})


SPECIALS = {
    "403001 quota": error(
        403001, "The operation isn't allowed because the subscription has exceeded its free quota."
    ),
    "403000 not allowed": error(403000, "The operation isn't allowed."),
    "408001 preparing": error(408001, "The translation system requested is being prepared. Please retry."),
    "429001 burst": error(
        429001, "The server rejected the request because the client exceeded request limits."
    ),
    "400050 too long": error(400050, "The input text is too long."),
    "400072 too many": error(400072, "The array of input text contains too many elements."),
    "400077 too large": error(400077, "The maximum request size has been exceeded."),
    "400036 target": error(400036, "The target language ('To' field) is missing or invalid."),
    "400023 pair": error(400023, "One of the specified language pair isn't valid."),
    "400074 body": error(400074, "The body of the request isn't valid JSON."),
    "401 without a body": Reply(401, b""),
}


@dataclass(frozen=True)
class Azure:
    keys: Mapping[str, str] = field(default_factory=lambda: {"AZURE_TRANSLATOR_KEY": "s3cr3t-azure"})
    specials: Mapping[str, Reply] = field(default_factory=lambda: SPECIALS)

    def spec(self, url: str) -> str:
        return f"azure:{url}?region=westeurope"

    def asked(self, heard: Heard) -> Asked:
        if heard.headers.get("ocp-apim-subscription-key") not in self.keys.values():
            raise Refused(self.expired())
        if heard.headers.get("ocp-apim-subscription-region") != "westeurope":
            raise Refused(self.expired())
        query = {name: values[0] for name, values in parse_qs(urlsplit(heard.path).query).items()}
        if query.get("api-version") != "3.0":
            raise Refused(error(400021, "The API version parameter is missing or invalid."))
        texts = [item["Text"] for item in heard.json()]
        if len(texts) > 1000:
            raise Refused(SPECIALS["400072 too many"])
        if sum(map(len, texts)) > 50_000:
            raise Refused(SPECIALS["400077 too large"])
        return Asked(texts, query["from"], query["to"], query.get("textType", "plain"))

    def translated(self, text: str, asked: Asked) -> str:
        return (of_html if asked.style == "html" else of_text)(text, asked.target)

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        content = [{"translations": [{"text": text, "to": asked.target}]} for text in translations]
        return Reply(
            200, content, {"X-MT-System": "Team", "X-Metered-Usage": str(sum(map(len, asked.texts)))}
        )

    def refusal(self, status: int, words: str) -> Reply:
        return error(status * 1000, words)

    def expired(self) -> Reply:
        return error(401000, "The request isn't authorized because credentials are missing or invalid.")
