"""Amazon Translate. Source: https://docs.aws.amazon.com/translate/latest/APIReference/API_TranslateText.html.

boto3 finds the credentials and signs; the request itself takes the same way as that of every other engine, because
boto3's own would repeat it unasked and wait without an end for an answer that trickles.
"""

import importlib
import json
import logging
import threading
from collections.abc import Mapping
from typing import Any, ClassVar

from tasks.mt.engine import Keys, Limits
from tasks.mt.errors import (
    EngineMissing,
    KeyRefused,
    QuotaSpent,
    RequestRefused,
    RetryLater,
    SlowDown,
    TooLarge,
    UnknownPair,
)
from tasks.mt.http import Meaning
from tasks.mt.markup import Markup
from tasks.mt.pace import Rate
from tasks.mt.service import Service, codes

TARGET = "AWSShineFrontendService_20170701.TranslateText"
"""The operation, as the service's JSON protocol names it in a header."""

_KEY_WORDS = (
    "UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|"
    "ExpiredToken|AccessDenied|InvalidClientTokenId|OptInRequired|SubscriptionRequired|NotAuthorized"
)


class Amazon(Service):
    """`amazon[:ADDRESS][?region=REGION]`; `amazon:eu-west-1` is short for the region. Needs the extra `amazon`.

    Keys: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary ones, `AWS_SESSION_TOKEN`; without them
    boto3 looks where it always does (profile, role of the machine). Without a region, boto3's configured one counts.
    """

    name = "amazon"
    official = "https://translate.amazonaws.com"
    key = "AWS_ACCESS_KEY_ID"
    key_optional = True
    limits = Limits(max_segments=1, max_chars=10_000, max_bytes=10_000)
    workers = 8
    # Twenty requests a second and language pair, as the guide once said; today it names no figure.
    # https://docs.aws.amazon.com/translate/latest/dg/what-is-limits.html
    rate = Rate(requests_per_s=20)
    price_per_million = 15.0
    markups = (Markup.HTML, Markup.TAGS, Markup.LETTERS, Markup.BRACKETS)
    languages = codes(
        "af am ar az bg bn bs ca cs cy da de el en es et fa fi fr ga gu ha he hi hr ht hu hy id is it ja ka kk kn ko "
        "lt lv mk ml mn mr ms mt nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th tl tr uk ur uz vi zh",
        nb="no",
    )
    options: ClassVar[Mapping[str, str]] = {"region": ""}
    bare = "region"
    operational = ("region",)
    meanings = (
        *(Meaning(status, "Throttling|TooManyRequests|RequestLimitExceeded|Rate exceeded", SlowDown)
          for status in (400, 429, 503)),
        *(Meaning(status, _KEY_WORDS, KeyRefused) for status in (400, 403)),
        Meaning(400, "TextSizeLimitExceeded|length less than or equal", TooLarge),
        Meaning(400, "UnsupportedLanguagePair", UnknownPair),
        Meaning(400, "LimitExceeded", QuotaSpent),
        Meaning(400, "InternalServer|ServiceUnavailable", RetryLater),
        Meaning(403, "", RequestRefused),
    )  # fmt: skip

    def __init__(self, argument: str, keys: Keys) -> None:
        super().__init__(argument, keys)
        self._lock = threading.Lock()
        self._session: Any = None

    def _ask(self, texts: list[str], source: str, target: str) -> list[str]:
        content = {"Text": texts[0], "SourceLanguageCode": source, "TargetLanguageCode": target}
        body = json.dumps(content, ensure_ascii=False).encode()
        credentials, region = self._credentials()
        address = (
            self.address if self.address != self.official else f"https://translate.{region}.amazonaws.com"
        )
        headers = _signed(f"{address}/", body, credentials, region)
        secrets = [credentials.access_key, credentials.secret_key, credentials.token]
        answer = self._sent("/", body, headers, secrets, address)
        return self._found(answer.content, len(texts), "TranslatedText")

    def _credentials(self) -> tuple[Any, str]:
        """What to sign with now (temporary keys are renewed by boto3), and for which region."""
        access, secret = self._key("AWS_ACCESS_KEY_ID"), self._key("AWS_SECRET_ACCESS_KEY")
        errors = _botocore("exceptions").BotoCoreError
        try:
            with self._lock:
                self._session = self._session or _boto3().Session()
                found = self._session.get_credentials() if access is None else None
                region = self.settings["region"] or self._session.region_name
                frozen = found.get_frozen_credentials() if found is not None else None
        except errors as error:
            raise KeyRefused(
                f"boto3 cannot get credentials ({type(error).__name__}); check the profile or the role, "
                "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            ) from None
        if access is not None and secret is not None:
            frozen = _botocore("credentials").Credentials(access, secret, self._key("AWS_SESSION_TOKEN"))
        if frozen is None:
            raise KeyRefused(
                "The engine 'amazon' needs keys; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile."
            )
        if not region:
            raise RequestRefused("The engine 'amazon' needs a region; write for instance: amazon:eu-west-1.")
        return frozen, region


def _signed(url: str, body: bytes, credentials: Any, region: str) -> dict[str, str]:
    """Headers with a signature of version 4."""
    # In its debug messages stands the whole request that it signs, session token included.
    logging.getLogger("botocore.auth").setLevel(logging.INFO)
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET}
    request = _botocore("awsrequest").AWSRequest("POST", url, headers=headers, data=body)
    _botocore("auth").SigV4Auth(credentials, "translate", region).add_auth(request)
    return dict(request.headers.items())


def _boto3() -> Any:
    return _imported("boto3")


def _botocore(module: str) -> Any:
    return _imported(f"botocore.{module}")


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise EngineMissing(
            "The engine 'amazon' needs the package boto3; install it: pip install 'silverspan[amazon]'."
        ) from None
