"""Amazon Translate: one text a call, signed with version 4, which is checked here by the book.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.tasks.mt.fakes.protocol import Asked, Heard, Refused, Reply
from tests.tasks.mt.fakes.respelling import of_html

REGION = "eu-west-1"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/translate/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


def error(status: int, kind: str, words: str = "It is refused.") -> Reply:
    return Reply(status, {"__type": kind, "message": words}, {"Content-Type": "application/x-amz-json-1.1"})


SPECIALS = {
    "400 throttling": error(400, "ThrottlingException", "Rate exceeded"),
    "429 too many": error(429, "TooManyRequestsException"),
    "400 too long": error(400, "TextSizeLimitExceededException"),
    "400 pair": error(400, "UnsupportedLanguagePairException"),
    "400 unknown key": error(400, "UnrecognizedClientException", "The security token included is invalid."),
    "403 signature": error(403, "InvalidSignatureException", "The signature we calculated does not match."),
    "400 denied": error(
        400, "AccessDeniedException", "User: arn is not authorized to perform: TranslateText"
    ),
    "400 limit": error(400, "LimitExceededException"),
    "400 internal": error(400, "InternalServerException"),
    "400 anything else": error(400, "InvalidRequestException"),
}


@dataclass(frozen=True)
class Amazon:
    keys: Mapping[str, str] = field(
        default_factory=lambda: {
            "AWS_ACCESS_KEY_ID": "AKIAS3CR3T",
            "AWS_SECRET_ACCESS_KEY": "s3cr3t/amazon+key",
            "AWS_SESSION_TOKEN": "s3cr3t-session==",
        }
    )
    specials: Mapping[str, Reply] = field(default_factory=lambda: SPECIALS)

    def spec(self, url: str) -> str:
        return f"amazon:{url}?region={REGION}"

    def asked(self, heard: Heard) -> Asked:
        if heard.headers.get("x-amz-security-token") != self.keys["AWS_SESSION_TOKEN"]:
            raise Refused(SPECIALS["400 unknown key"])
        if not self._is_signed(heard):
            raise Refused(SPECIALS["403 signature"])
        if heard.headers.get("x-amz-target") != "AWSShineFrontendService_20170701.TranslateText":
            raise Refused(error(404, "UnknownOperationException"))
        content = heard.json()
        if len(content["Text"].encode()) > 10_000:
            raise Refused(SPECIALS["400 too long"])
        return Asked([content["Text"]], content["SourceLanguageCode"], content["TargetLanguageCode"])

    def _is_signed(self, heard: Heard) -> bool:
        found = _AUTHORIZATION.fullmatch(heard.headers.get("authorization", ""))
        if found is None or found[1] != self.keys["AWS_ACCESS_KEY_ID"]:
            return False
        headers = "".join(f"{name}:{heard.headers[name]}\n" for name in found[4].split(";"))
        body = hashlib.sha256(heard.body).hexdigest()
        canonical = f"{heard.method}\n{heard.path}\n\n{headers}\n{found[4]}\n{body}"
        scope = f"{found[2]}/{found[3]}/translate/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"AWS4{self.keys['AWS_SECRET_ACCESS_KEY']}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signed = f"AWS4-HMAC-SHA256\n{heard.headers['x-amz-date']}\n{scope}\n{digest}"
        return found[3] == REGION and hmac.new(key, signed.encode(), "sha256").hexdigest() == found[5]

    def translated(self, text: str, asked: Asked) -> str:
        return of_html(text, asked.target)

    def answer(self, translations: Sequence[Any], asked: Asked) -> Reply:
        content: dict[str, Any] = {"SourceLanguageCode": asked.source, "TargetLanguageCode": asked.target}
        if translations:
            content["TranslatedText"] = translations[0] if len(translations) == 1 else list(translations)
        return Reply(200, content, {"Content-Type": "application/x-amz-json-1.1"})

    def refusal(self, status: int, words: str) -> Reply:
        return error(status, "SomeException", words)

    def expired(self) -> Reply:
        return error(400, "ExpiredTokenException", "The security token included in the request is expired")
