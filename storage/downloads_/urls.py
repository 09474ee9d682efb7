"""URLs as downloads use them: checked, shown without secrets, mirrored, turned into file names."""

import re
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from storage.download_errors import RedirectRefused, UnsupportedUrl

MAX_NAME_CHARS = 120
"""Well under the 255 bytes that common file systems allow for one name."""


def shown(url: str) -> str:
    """The URL as a message may show it: without user, password, query and fragment.

    >>> shown("https://me:secret@host.org:8080/a/b.json?token=secret#c")
    'https://host.org:8080/a/b.json'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the given URL"
    if not parts.netloc:
        return f"{parts.scheme}:{parts.path}" if parts.scheme else parts.path
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def checked(url: str) -> SplitResult:
    """The parts of an http(s) URL with a host; raises UnsupportedUrl for anything else."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UnsupportedUrl(
            f"Cannot download {shown(url)} because only http and https URLs with a host are supported;"
            " give such a URL, or the path of a local file."
        )
    return parts


def mirrored(url: str, mirror: str) -> str:
    """The URL with scheme and host replaced by `mirror` (`https://host/prefix`), path and query kept.

    >>> mirrored("https://official.org/data/a.json?v=1", "https://mirror.net/qa/")
    'https://mirror.net/qa/data/a.json?v=1'
    """
    prefix = checked(mirror)
    if prefix.query or prefix.fragment:
        raise UnsupportedUrl(
            f"The mirror {shown(mirror)} has a query or a fragment; give it as https://host/prefix."
        )
    parts = checked(url)
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return mirror.rstrip("/") + path + (f"?{parts.query}" if parts.query else "")


def safe_name(url: str) -> str:
    """A file name from the last part of the URL's path: ASCII letters, digits, `.`, `_`, `-`; no leading dot.

    >>> safe_name("https://h/data/a-v1.1.json"), safe_name("https://h/%2e%2e%2fpass wd"), safe_name("https://h/")
    ('a-v1.1.json', 'pass_wd', 'download')
    """
    last = unquote(urlsplit(url).path.rpartition("/")[2]).rpartition("/")[2]
    name = re.sub(r"[^A-Za-z0-9._-]", "_", last).lstrip(".")
    return name[-MAX_NAME_CHARS:].lstrip(".") or "download"


def next_hop(url: str, location: str) -> str:
    """Where a redirect leads; raises RedirectRefused unless it is http(s), and https if `url` was."""
    try:
        target = urljoin(url, location)
        scheme = checked(target).scheme
    except (ValueError, UnsupportedUrl):
        raise not_a_target(url) from None
    if scheme == "http" and url.startswith("https:"):
        raise RedirectRefused(
            f"{shown(url)} redirects from https to unprotected http, which is refused;"
            " use a mirror that stays on https."
        )
    return target


def not_a_target(url: str) -> RedirectRefused:
    """The refusal of a redirect from `url` to what is no http(s) URL."""
    return RedirectRefused(
        f"{shown(url)} redirects to something that is not an http or https URL, which is refused;"
        " check the URL, or use a mirror that you trust."
    )
