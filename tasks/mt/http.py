"""One request to a service over HTTP; whatever goes wrong on the way becomes one of the errors of `tasks.mt.errors`.

    no route, no name, reset, cut off, silent, too slow    RetryLater
    certificate not trusted, address malformed             RequestRefused
    status                                                 `Meaning`s of the engine first, then `STATUSES`
    not JSON, HTML, too many bytes, bytes undecodable      BrokenAnswer

One attempt, no redirect followed (it could carry a key elsewhere), no cookie kept. Keys travel in headers or bodies,
never in an address. A message holds neither a key, nor an address, nor what a library said about either; the
exception behind it is not shown for the same reason.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3

from storage.errors import EngineError
from tasks.mt.deadline import Deadline, EndingAdapter
from tasks.mt.errors import (
    BrokenAnswer,
    KeyRefused,
    QuotaSpent,
    RequestRefused,
    RetryLater,
    SlowDown,
    TooLarge,
)

MAX_BYTES = 16 * 1024**2
"""The longest answer that is read: some hundred times the largest request that any service takes."""

STATUSES: dict[int, type[EngineError]] = {
    401: KeyRefused,
    402: QuotaSpent,
    403: KeyRefused,
    408: RetryLater,
    413: TooLarge,
    414: TooLarge,
    425: RetryLater,
    429: SlowDown,
    456: QuotaSpent,
    501: RequestRefused,
    505: RequestRefused,
    529: SlowDown,
}
"""What a status means where no engine knows better; else 5xx is RetryLater, and all other refusals are final."""

REMEDIES: dict[type[EngineError], str] = {
    SlowDown: "ask more slowly",
    RetryLater: "try again later",
    TooLarge: "send less at once",
    BrokenAnswer: "try again",
    QuotaSpent: "wait until the quota is renewed, or raise it with the provider",
}

_SECONDS = re.compile(r"\d{1,9}(\.\d+)?")
_CHUNK_BYTES = 65_536


class TextRefused(EngineError):
    """The service refuses one of the texts for what it says; `Service` finds out which and gives None for it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a refusal means at one service: its status, words that its body holds (a pattern), and the error."""

    status: int
    words: str
    error: type[EngineError]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds: for a connection, for each next byte, and for the whole request."""

    total_s: float
    silence_s: float
    connect_s: float

    @classmethod
    def of(cls, total_s: float) -> "Timeouts":
        """What suits services: a minute of silence at most, and no part longer than the whole."""
        return cls(total_s, min(total_s, 60.0), min(total_s, 10.0))


@dataclass(frozen=True, slots=True)
class Request:
    """What to post; `secrets` are the keys in it, which no message may show, and `key` the name they go by."""

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back with a good status: parsed JSON, and headers by name in any case."""

    content: Any
    headers: Mapping[str, str]


class Http:
    """A client for one service; threads may share it.

    Args:
        engine: its name, for messages.
        meanings: how the service words its refusals; the first that fits counts.
        timeouts: how long to wait.
    """

    def __init__(self, engine: str, meanings: Sequence[Meaning], timeouts: Timeouts) -> None:
        self._engine = engine
        self._meanings = meanings
        self._timeouts = timeouts
        self._session = requests.Session()
        # Without it, requests would send credentials of a .netrc file instead of ours.
        self._session.auth = _unchanged
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, EndingAdapter())

    def post(self, request: Request) -> Answer:
        """Send the request once; the JSON that came back.

        Raises:
            EngineError: as drawn above.
        """
        with Deadline(self._timeouts.total_s) as deadline:
            try:
                status, headers, body = self._exchanged(request)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                raise (self._too_slow() if deadline.over else self._fault(error)) from None
        if deadline.over:
            raise self._too_slow()
        if not 200 <= status < 300:
            raise self._refusal(status, headers, body, request)
        return Answer(self._parsed(body, headers), headers)

    def _exchanged(self, request: Request) -> tuple[int, Mapping[str, str], bytes]:
        timeouts = (self._timeouts.connect_s, self._timeouts.silence_s)
        with self._session.post(
            request.url,
            data=request.body,
            headers=dict(request.headers),
            timeout=timeouts,
            stream=True,
            allow_redirects=False,
        ) as response:
            body = bytearray()
            for chunk in response.iter_content(_CHUNK_BYTES):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise BrokenAnswer(
                        f"The service of {self._engine!r} sends more than {MAX_BYTES // 1024**2} MiB; try again."
                    )
            return response.status_code, response.headers, bytes(body)

    def _parsed(self, body: bytes, headers: Mapping[str, str]) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
            what = "an HTML page" if kind == "text/html" or body.lstrip()[:1] == b"<" else "broken JSON"
            raise BrokenAnswer(
                f"The service of {self._engine!r} answered {what} where translations were due; try again."
            ) from None

    def _too_slow(self) -> RetryLater:
        total_s = self._timeouts.total_s
        return RetryLater(
            f"The service of {self._engine!r} took longer than {total_s:g} s for a request; try again later."
        )

    def _fault(self, error: Exception) -> EngineError:
        kind, what, remedy = _explained(error)
        return kind(f"The service of {self._engine!r} {what} ({type(error).__name__}); {remedy}.")

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes, request: Request) -> EngineError:
        text = body[:_CHUNK_BYTES].decode("utf-8", "replace")
        kind = next(
            (m.error for m in self._meanings if m.status == status and re.search(m.words, text)), None
        ) or _usual(status)
        words = _said(text, request.secrets)
        remedy = f"check {request.key}" if kind is KeyRefused else REMEDIES.get(kind, _CHECK)
        message = f"The service of {self._engine!r} answered {_named(status)}{words}; {remedy}."
        if issubclass(kind, RetryLater):
            return kind(message, retry_after_s(headers))
        return kind(message)


_CHECK = "check the address and the options in the engine's argument, or report that its protocol has changed"


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The pause in seconds that a `Retry-After` asks for, as a number or as a date; None where it is not sound.

    A date is measured by the server's own clock where it tells the time.
    """
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until, now = _timestamp(value), _timestamp(headers.get("Date", ""))
    return None if until is None else max(0.0, until - (time.time() if now is None else now))


def _explained(error: Exception) -> tuple[type[EngineError], str, str]:
    """Class, cause and remedy of a fault on the way, in words that hold nothing of the request."""
    faults = requests.exceptions
    if isinstance(error, faults.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return (
            RequestRefused,
            "has a certificate that is not trusted",
            "check the address, or install its authority",
        )
    if isinstance(error, faults.Timeout | TimeoutError | urllib3.exceptions.TimeoutError):
        return RetryLater, "did not answer in time", "try again later"
    if isinstance(error, faults.ContentDecodingError):
        return BrokenAnswer, "sent bytes that cannot be decoded", "try again"
    if isinstance(error, faults.ProxyError):
        return RetryLater, "cannot be reached through the proxy", "check the proxy, or try again later"
    if isinstance(error, faults.ConnectionError | faults.ChunkedEncodingError):
        return RetryLater, "could not be reached, or broke off", "check the network, or try again later"
    if isinstance(error, ValueError):  # InvalidURL, InvalidHeader, MissingSchema ... are all of this kind
        return RequestRefused, "cannot be asked like this", "check the address in the engine's argument"
    return RetryLater, "could not be asked", "check the network, or try again later"


def _usual(status: int) -> type[EngineError]:
    return STATUSES.get(status, RetryLater if status >= 500 else RequestRefused)


def _named(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _said(text: str, secrets: Sequence[str]) -> str:
    """The service's own words, short and on one line; nothing where they hold as much as a part of a key."""
    words = re.search(r'"(?:message|Message|error|explanation)"\s*:\s*"((?:[^"\\]|\\.){1,200})', text)
    if not words or any(part in words[1] for secret in secrets for part in _parts(secret)):
        return ""
    return f": {' '.join(words[1].split())}"


def _parts(secret: str) -> list[str]:
    """Every four characters in a row: some services answer with the ends of a key, and stars between them."""
    return [secret[start : start + 4] for start in range(max(1, len(secret) - 3))]


def _timestamp(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
