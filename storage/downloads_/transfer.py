"""One attempt to bring one file over HTTP: redirects, ranges, limits, and every fault by its name."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from urllib3.exceptions import NameResolutionError, ProtocolError, ReadTimeoutError

from storage.download_errors import (
    AccessDenied,
    InsecureConnection,
    Interrupted,
    NotFound,
    RedirectLoop,
    ResumeRefused,
    ServerFault,
    TimedOut,
    TooLarge,
    UnexpectedAnswer,
    Unreachable,
    UnsupportedUrl,
)
from storage.errors import DownloadError
from storage.partial import Part, Version
from storage.urls import next_hop, not_a_target, shown

Progress = Callable[[int, int | None], None]
"""`on_progress(done_bytes, total_bytes)`; the total is None where the server does not tell it."""

CHUNK_BYTES = 64 * 1024
MAX_REDIRECTS = 10


@dataclass(frozen=True, slots=True)
class Request:
    """What one attempt needs to know; `known_etag` is that of an intact copy which may still be current."""

    url: str
    max_bytes: int
    timeout_s: float
    known_etag: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: with the whole file in the part, or `unchanged`, with nothing new to fetch."""

    etag: str | None
    unchanged: bool = False


def transfer(session: requests.Session, request: Request, part: Part, on_progress: Progress) -> Outcome:
    """Complete `part` from where it stands, or from the first byte if the remote file is another by now.

    Raises a DownloadError: a retryable one leaves in `part` what has arrived.
    """
    version = part.resumable()
    if version is not None and version.total == part.size:
        return Outcome(version.etag)
    with _answer(session, request, _headers(request, version, part.size)) as response:
        if response.status_code == requests.codes.not_modified and request.known_etag is not None:
            return Outcome(request.known_etag, unchanged=True)
        _check_status(response, request.url)
        total = _begin(response, request, part, version)
        _receive(response, request, part, total, on_progress)
        return Outcome(response.headers.get("ETag"))


def _headers(request: Request, version: Version | None, done: int) -> dict[str, str]:
    """Plain bytes, so that ranges count those of the file; `If-Range`, so that a changed file restarts."""
    headers = {"Accept-Encoding": "identity"}
    if version is not None and version.validator is not None:
        headers |= {"Range": f"bytes={done}-", "If-Range": version.validator}
    elif request.known_etag is not None:
        headers["If-None-Match"] = request.known_etag
    return headers


@contextmanager
def _answer(
    session: requests.Session, request: Request, headers: dict[str, str]
) -> Iterator[requests.Response]:
    """The answer after all redirects, closed on the way out."""
    try:
        response = _follow(session, request, headers)
    except requests.RequestException as fault:
        raise fault_of(fault, request.url) from None
    except ValueError:  # `requests` itself stumbles over a Location that is no URL
        raise not_a_target(request.url) from None
    with response:
        yield response


def _follow(session: requests.Session, request: Request, headers: dict[str, str]) -> requests.Response:
    """Redirects are followed here, not by `requests`: each target is checked before it is asked."""
    url = request.url
    for _ in range(MAX_REDIRECTS + 1):
        # The caller's credentials are for the host that the caller named, and for no other.
        foreign = bool(session.should_strip_auth(request.url, url))  # type: ignore[no-untyped-call]
        response = session.get(
            url,
            headers={**headers, "Authorization": None} if foreign else headers,
            auth=_no_credentials if foreign else None,
            timeout=request.timeout_s,
            stream=True,
            allow_redirects=False,
        )
        if not response.is_redirect:
            return response
        response.close()
        url = next_hop(url, response.headers["Location"])
    raise RedirectLoop(
        f"{shown(request.url)} redirects more than {MAX_REDIRECTS} times; check the URL, or use a mirror."
    )


def _no_credentials(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _check_status(response: requests.Response, url: str) -> None:
    status = response.status_code
    where = shown(url)
    if status in {404, 410}:
        raise NotFound(f"{where} does not exist on the server (HTTP {status}); check the URL or the mirror.")
    if status in {401, 403, 407}:
        raise AccessDenied(f"The server refuses access to {where} (HTTP {status}); check the credentials.")
    if status in {408, 429} or status >= 500:
        raise ServerFault(
            f"The server of {where} cannot answer now (HTTP {status}); try again later, or use a mirror.",
            retry_after_s=float(_number(response.headers.get("Retry-After")) or 0),
        )
    if status not in {200, 206, 416}:
        raise UnexpectedAnswer(f"{where} answered with HTTP {status} instead of a file; check the URL.")
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise UnexpectedAnswer(
            f"{where} was sent as {encoding!r} though plain bytes were asked for;"
            " use a mirror that sends the file as it is."
        )


def _begin(response: requests.Response, request: Request, part: Part, version: Version | None) -> int | None:
    """Make `part` ready for the body that follows; returns the size of the whole file where it is known."""
    if response.status_code == requests.codes.ok:
        total = _number(response.headers.get("Content-Length"))
        _check_size(total, request)
        headers = response.headers
        part.restart(Version(headers.get("ETag"), headers.get("Last-Modified"), total))
        return total
    start, total = _content_range(response)
    same = version is not None and response.headers.get("ETag", version.etag) == version.etag
    if not same or start != part.size:
        part_size = part.size
        part.restart(None)
        raise ResumeRefused(
            f"{shown(request.url)} cannot be continued at byte {part_size};"
            " run the same command again to fetch it from the first byte."
        )
    _check_size(total, request)
    return total


def _content_range(response: requests.Response) -> tuple[int | None, int | None]:
    """First byte and whole size of a partial answer; (None, None) for one that is not valid, as 416 is."""
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if match is None or response.status_code != requests.codes.partial:
        return None, None
    return int(match[1]), _number(match[2])


def _check_size(n_bytes: int | None, request: Request) -> None:
    if n_bytes is not None and n_bytes > request.max_bytes:
        raise TooLarge(
            f"{shown(request.url)} is larger than the {request.max_bytes:,} bytes that are allowed;"
            " check the URL, or raise the limit."
        )


def _receive(
    response: requests.Response, request: Request, part: Part, total: int | None, on_progress: Progress
) -> None:
    done = part.size
    on_progress(done, total)
    try:
        for chunk in response.iter_content(CHUNK_BYTES):
            done += len(chunk)
            _check_size(done, request)
            part.append(chunk)
            on_progress(done, total)
    except requests.RequestException as fault:
        raise fault_of(fault, request.url) from None
    if total is not None and done < total:
        raise _interrupted(request.url)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,18}", text) else None


def _interrupted(url: str) -> DownloadError:
    return Interrupted(
        f"The transfer of {shown(url)} broke off before its end; run the same command again to continue it."
    )


def fault_of(fault: requests.RequestException, url: str) -> DownloadError:
    """The DownloadError for an exception of `requests`, whose own text may hold secrets of the URL."""
    where = shown(url)
    inner = fault.args[0] if fault.args else None
    if isinstance(fault, requests.exceptions.SSLError):
        return InsecureConnection(
            f"The certificate of {where} could not be verified; check the host, or install the certificate"
            " of your network's proxy."
        )
    if isinstance(fault, requests.Timeout) or isinstance(inner, ReadTimeoutError):
        return TimedOut(
            f"{where} sent nothing within the time limit; try again later, raise the limit, or use a mirror."
        )
    if isinstance(fault, requests.exceptions.ChunkedEncodingError) or isinstance(inner, ProtocolError):
        return _interrupted(url)
    if isinstance(fault, requests.ConnectionError):
        return Unreachable(
            f"{where} cannot be reached ({_cause(inner)}); check the network, or use a mirror."
        )
    if isinstance(fault, ValueError):  # `requests` derives all its complaints about URLs from ValueError
        return UnsupportedUrl(f"{where} is not a URL that can be requested; check its spelling.")
    return UnexpectedAnswer(f"{where} could not be downloaded ({type(fault).__name__}); check the URL.")


def _cause(inner: object) -> str:
    """What the operating system said, without the URL that the exceptions around it repeat."""
    reason: object = getattr(inner, "reason", inner)
    if isinstance(reason, NameResolutionError):
        return "its name is not known"
    while isinstance(reason, BaseException):
        if isinstance(reason, OSError) and reason.strerror:
            return reason.strerror.lower()
        reason = reason.__cause__
    return "no connection"
