"""Files from elsewhere, kept by content: `<folder>/<sha256>/<name>`, fetched once and checked at each use.

    part = bytes so far  ->  whole file  ->  <folder>/<sha256>/<name>  +  <folder>/urls/<key>.json

A file is asked for again only when its bytes are not here any more or are damaged. Where the caller does not
know the checksum, the record under `urls/` remembers which bytes a URL gave (sha256, size, entity tag), so a
repeat sends no request either; `refresh=True` asks the server whether they are still current. `key` is the
SHA-256 of the URL: records hold no credentials.
"""

import hashlib
import json
import random
import re
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict, Unpack

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from storage.downloads.datasets import DATASETS, Source
from storage.downloads.errors import CannotStore, ChecksumMismatch
from storage.downloads.partial import Part, hold, write_json
from storage.downloads.transfer import Outcome, Progress, Request, transfer
from storage.downloads.urls import checked, mirrored, safe_name, shown
from storage.errors import DownloadError, InputError, UsageError

MAX_BYTES = 2 * 1024**3
"""What `obtain` allows for a URL that nobody described: 2 GiB, many times the largest set of the table."""

MAX_PAUSE_S = 60.0
"""No pause between attempts is longer, whatever a server asks for."""


class FetchOptions(TypedDict, total=False):
    """How to fetch; none of it changes what is fetched (see `fetch`)."""

    mirror: str | None
    session: requests.Session | None
    on_progress: Progress | None
    attempts: int
    timeout_s: float
    backoff_s: float
    refresh: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What a URL gave when it was last asked: checksum, size in bytes, entity tag, and the URL for people."""

    url: str
    sha256: str
    size: int
    etag: str | None


def obtain(
    source: str,
    folder: Path,
    *,
    sha256: str | None = None,
    max_bytes: int = MAX_BYTES,
    **options: Unpack[FetchOptions],
) -> Path:
    """The local file that `source` means: a name of `storage.downloads.datasets.DATASETS`, a URL, or a path (as it is).

    A path that exists wins over a name. An official URL is checked like its name. `mirror` replaces scheme
    and host of official URLs only: any other URL is already where the user wants it from.
    Raises DownloadError; InputError for a path that is not there; UsageError for an unknown name.
    """
    if "://" in source:
        official = next((known for known in DATASETS.values() if known.url == source), None)
        if official is None:
            options["mirror"] = None
            return fetch(source, folder, sha256=sha256, max_bytes=max_bytes, **options)
        return _fetch_official(official, folder, options)
    path = Path(source).expanduser()
    if path.exists():
        return path
    if source in DATASETS:
        return _fetch_official(DATASETS[source], folder, options)
    if "/" in source or path.suffix[1:].isalpha():
        raise InputError(
            f"There is no file {source!r}; check the path, or give a URL or the name of a data set."
        )
    raise UsageError.unknown("source", source, DATASETS)


def _fetch_official(source: Source, folder: Path, options: FetchOptions) -> Path:
    return fetch(source.url, folder, sha256=source.sha256, max_bytes=source.size_bytes, **options)


def fetch(
    url: str,
    folder: Path,
    *,
    sha256: str | None = None,
    max_bytes: int,
    mirror: str | None = None,
    session: requests.Session | None = None,
    on_progress: Progress | None = None,
    attempts: int = 5,
    timeout_s: float = 60.0,
    backoff_s: float = 1.0,
    refresh: bool = False,
) -> Path:
    """Download `url` (http or https) to `<folder>/<sha256>/<name>` and return that path.

    sha256: the expected checksum, 64 hexadecimal digits; makes a repeat free and `refresh` needless.
    max_bytes: the largest file that is allowed, by what the server announces and by what it really sends.
    mirror: `https://host/prefix`, which replaces scheme and host of `url`; records are kept under `url`.
    session: sends the requests (its proxies, certificates and credentials are used); None opens one.
    on_progress: called with (bytes here, bytes in all or None) at the start of each attempt and per piece.
    attempts: how often a transient fault is tried, with pauses of backoff_s x 1, 2, 4, ... seconds.
    timeout_s: how long the server may be silent, not how long the transfer may take.
    refresh: ask the server again, though a record says what this URL gave.

    An interrupted transfer leaves a `.part` file, which the next call continues if the remote file is still
    the same one; any other failure leaves nothing. Raises the subclasses of DownloadError that are drawn in
    `storage.downloads.errors`.
    """
    checked(url)
    shelf = _Shelf(folder, url, _digest(sha256), refresh)
    address = url if mirror is None else mirrored(url, mirror)
    if (path := shelf.find()) is not None:
        return path
    known_etag = shelf.current_etag()
    request = Request(address, max_bytes, timeout_s, known_etag)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with hold(folder, shelf.key) as part, _opened(session) as client:
            if (path := shelf.find()) is not None:  # another process fetched it while this one waited
                return path
            outcome = _retrying(attempts, backoff_s)(
                transfer, client, request, part, on_progress or (lambda done, total: None)
            )
            return shelf.keep(part, outcome, address)
    except OSError as fault:
        raise CannotStore(
            f"Cannot write {shown(url)} to {folder} ({fault.strerror or fault});"
            " make room or get permission there, or name another store."
        ) from fault


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where the file of one URL stands in the store, and what is known about it."""

    folder: Path
    url: str
    sha256: str | None
    refresh: bool

    @property
    def key(self) -> str:
        return hashlib.sha256(self.url.encode()).hexdigest()

    @property
    def _record_path(self) -> Path:
        return self.folder / "urls" / f"{self.key}.json"

    def find(self) -> Path | None:
        """The file, if it is here, intact, and need not be asked for again."""
        if self.sha256 is not None:
            return self._intact(self.sha256)
        record = None if self.refresh else self._record()
        return None if record is None else self._intact(record.sha256)

    def current_etag(self) -> str | None:
        """The entity tag of an intact copy that `refresh` may find unchanged."""
        record = self._record() if self.refresh and self.sha256 is None else None
        return record.etag if record is not None and self._intact(record.sha256) else None

    def keep(self, part: Part, outcome: Outcome, address: str) -> Path:
        """The finished file under its own checksum; raises ChecksumMismatch if another was expected."""
        record = self._record()
        if outcome.unchanged and record is not None:
            return self._place(record.sha256)
        found = _sha256_of(part.path)
        if self.sha256 not in {None, found}:
            raise ChecksumMismatch(
                f"{shown(address)} is not the expected file (SHA-256 {found}, expected {self.sha256});"
                " check the URL or the mirror, or correct the checksum."
            )
        place = self._place(found)
        part.settle()
        place.parent.mkdir(parents=True, exist_ok=True)
        # The rename lets the next process in, which must then find the record: so the record comes first.
        write_json(self._record_path, asdict(Record(shown(self.url), found, part.size, outcome.etag)))
        part.publish(place)
        return place

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256 / safe_name(self.url)

    def _intact(self, sha256: str) -> Path | None:
        path = self._place(sha256)
        return path if path.is_file() and _sha256_of(path) == sha256 else None

    def _record(self) -> Record | None:
        try:
            return Record(**json.loads(self._record_path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # no record, or one that cannot be read: ask the server
            return None


def pause_s(fault: BaseException | None, attempt: int, backoff_s: float) -> float:
    """Seconds to wait after attempt 1, 2, ...: doubling, or what the server asked for; bounded."""
    wanted = max(backoff_s * 2.0 ** (attempt - 1), getattr(fault, "retry_after_s", 0.0))
    # A little jitter, so that several machines that failed together do not come back together.
    return min(wanted, MAX_PAUSE_S) * random.uniform(1.0, 1.1)


def _retrying(attempts: int, backoff_s: float) -> Retrying:
    def wait(state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome is not None else None
        return pause_s(fault, state.attempt_number, backoff_s)

    return Retrying(
        stop=stop_after_attempt(attempts), wait=wait, retry=retry_if_exception(_transient), reraise=True
    )


def _transient(fault: BaseException) -> bool:
    return isinstance(fault, DownloadError) and fault.retryable


def _opened(session: requests.Session | None) -> requests.Session | nullcontext[requests.Session]:
    """The caller's session, left open afterwards, or a new one."""
    return requests.Session() if session is None else nullcontext(session)


def _digest(sha256: str | None) -> str | None:
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise UsageError(f"{sha256!r} is not a SHA-256 checksum; give its 64 hexadecimal digits.")
    return sha256 and sha256.lower()


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
