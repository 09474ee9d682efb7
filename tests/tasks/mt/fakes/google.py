"""Google Cloud Translation, v2 (a key) or v3 (an access token, a project)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.tasks.mt.fakes.protocol import Asked, Heard, Refused, Reply
from tests.tasks.mt.fakes.respelling import of_html, of_text

PROJECT = "projects/silver/locations/global"


def error(status: int, words: str, reason: str = "", kind: str = "") -> Reply:
    """Google's errors: `reason` in the old list, `status` in capitals."""
    listed = [{"message": words, "domain": "usageLimits", "reason": reason}]
    content = {"error": {"code": status, "message": words, "errors": listed, "status": kind}}
    return Reply(status, content, {"Content-Type": "application/json; charset=UTF-8"})


KEY_EXPIRED = "API key expired. Please renew the API key."
SPECIALS = {
    "403 user rate limit": error(
        403, "User Rate Limit Exceeded", "userRateLimitExceeded", "PERMISSION_DENIED"
    ),
    "403 rate limit": error(403, "Rate Limit Exceeded", "rateLimitExceeded", "PERMISSION_DENIED"),
    "403 daily limit": error(403, "Daily Limit Exceeded", "dailyLimitExceeded", "PERMISSION_DENIED"),
    "403 not enabled": error(
        403,
        "Cloud Translation API has not been used in project 1 before or it is disabled.",
        "accessNotConfigured",
    ),
    "429 resource exhausted": error(429, "Quota exceeded: characters per minute.", "", "RESOURCE_EXHAUSTED"),
    "429 for the day": error(
        429,
        "Quota exceeded for quota metric 'characters' and limit 'characters per day'",
        "",
        "RESOURCE_EXHAUSTED",
    ),
    "400 too many segments": error(400, "Too many text segments", "invalid", "INVALID_ARGUMENT"),
    "400 too large": error(400, "Text is too long.", "invalid", "INVALID_ARGUMENT"),
    "400 bad pair": error(400, "Bad language pair: {0}", "badRequest", "INVALID_ARGUMENT"),
    "400 key not valid": error(
        400, "API key not valid. Please pass a valid API key.", "badRequest", "INVALID_ARGUMENT"
    ),
    "400 anything else": error(400, "Invalid Value", "invalid", "INVALID_ARGUMENT"),
}


@dataclass(frozen=True)
class Google:
    keys: Mapping[str, str] = field(default_factory=lambda: {"GOOGLE_API_KEY": "AIza-s3cr3t-google"})
    specials: Mapping[str, Reply] = field(default_factory=lambda: SPECIALS)

    def spec(self, url: str) -> str:
        return f"google:{url}"

    def asked(self, heard: Heard) -> Asked:
        if heard.headers.get("x-goog-api-key") not in self.keys.values():
            raise Refused(self.expired())
        if heard.path != "/language/translate/v2":
            raise Refused(error(404, "Not found"))
        content = heard.json()
        if len(content["q"]) > 128:
            raise Refused(SPECIALS["400 too many segments"])
        if len(heard.body) > 102_400:
            raise Refused(error(413, "Request payload size exceeds the limit"))
        return Asked(content["q"], content["source"], content["target"], content.get("format", "html"))

    def translated(self, text: str, asked: Asked) -> str:
        return (of_html if asked.style in ("html", "text/html") else of_text)(text, asked.target)

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        return Reply(
            200,
            {"data": {"translations": [{"translatedText": text, "model": "nmt"} for text in translations]}},
        )

    def refusal(self, status: int, words: str) -> Reply:
        return error(status, words)

    def expired(self) -> Reply:
        return error(400, KEY_EXPIRED, "badRequest", "INVALID_ARGUMENT")


@dataclass(frozen=True)
class GoogleV3(Google):
    keys: Mapping[str, str] = field(default_factory=lambda: {"GOOGLE_ACCESS_TOKEN": "ya29.s3cr3t-google"})

    def spec(self, url: str) -> str:
        return f"google:{url}/v3/{PROJECT}"

    def asked(self, heard: Heard) -> Asked:
        if heard.headers.get("authorization") not in {f"Bearer {key}" for key in self.keys.values()}:
            raise Refused(self.expired())
        if heard.path != f"/v3/{PROJECT}:translateText":
            raise Refused(error(404, "Not found"))
        content = heard.json()
        texts = content["contents"]
        if len(texts) > 1024 or sum(map(len, texts)) > 30_000:
            raise Refused(SPECIALS["400 too large"])
        return Asked(
            texts,
            content["sourceLanguageCode"],
            content["targetLanguageCode"],
            content.get("mimeType", "text/html"),
        )

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        model = f"{PROJECT}/models/general/nmt"
        return Reply(
            200, {"translations": [{"translatedText": text, "model": model} for text in translations]}
        )

    def expired(self) -> Reply:
        return error(401, "Request had invalid authentication credentials.", "", "UNAUTHENTICATED")
