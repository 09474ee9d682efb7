"""What can go wrong on the way from a server to the store.

    DownloadError
    ├── UnsupportedUrl        neither http nor https, or no host in it (exit code 2)
    ├── Unreachable           no connection: unknown name, refused, network down       retryable
    ├── TimedOut              nothing arrived within `timeout_s`                       retryable
    ├── Interrupted           the connection broke, or the body was shorter than said  retryable
    ├── ResumeRefused         the server cannot go on where the last transfer ended    retryable
    ├── ServerFault           5xx, 429 or 408: the server may do better later          retryable
    ├── InsecureConnection    the certificate of the host could not be verified
    ├── NotFound              404 or 410
    ├── AccessDenied          401, 403 or 407
    ├── UnexpectedAnswer      any other answer that is not the file
    ├── RedirectRefused       a redirect to something else than http(s), or from https to http
    ├── RedirectLoop          too many redirects
    ├── TooLarge              more bytes than were allowed
    ├── ChecksumMismatch      the bytes are not the expected ones
    ├── CannotStore           the disk refused: full, read-only, no permission
    └── ArchiveError
        ├── BrokenArchive     truncated, damaged, encrypted, or not an archive at all
        ├── UnsafeMember      a member that points outside, a link, a device, a name twice
        └── ArchiveTooLarge   more files or bytes than were allowed

Messages show URLs without credentials, query and fragment (`storage.downloads.urls.shown`).
"""

from typing import ClassVar

from storage.errors import DownloadError


class UnsupportedUrl(DownloadError):
    """The URL is not one that can be downloaded."""

    exit_code: ClassVar[int] = 2


class Unreachable(DownloadError):
    """No connection to the host could be made."""

    retryable: ClassVar[bool] = True


class TimedOut(DownloadError):
    """The host accepted the request and then said nothing for too long."""

    retryable: ClassVar[bool] = True


class Interrupted(DownloadError):
    """The transfer ended before the file did."""

    retryable: ClassVar[bool] = True


class ResumeRefused(DownloadError):
    """What has arrived so far cannot be continued; the next attempt starts from the first byte."""

    retryable: ClassVar[bool] = True


class ServerFault(DownloadError):
    """The server says that it cannot answer now; `retry_after_s` is how long it asks to be left alone."""

    retryable: ClassVar[bool] = True

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class InsecureConnection(DownloadError):
    """TLS failed: the host did not prove who it is."""


class NotFound(DownloadError):
    """The server has no such file."""


class AccessDenied(DownloadError):
    """The server wants other credentials."""


class UnexpectedAnswer(DownloadError):
    """The server answered with something that is not the file."""


class RedirectRefused(DownloadError):
    """A redirect leads to where no download may go."""


class RedirectLoop(DownloadError):
    """Redirects do not come to an end."""


class TooLarge(DownloadError):
    """The file is larger than the caller allows."""


class ChecksumMismatch(DownloadError):
    """The file arrived whole but is not the expected one."""


class CannotStore(DownloadError):
    """The file cannot be written where it belongs."""


class ArchiveError(DownloadError):
    """An archive cannot be unpacked."""


class BrokenArchive(ArchiveError):
    """The archive is damaged, truncated, encrypted, or no archive."""


class UnsafeMember(ArchiveError):
    """A member of the archive would be written outside its folder, or is no plain file."""


class ArchiveTooLarge(ArchiveError):
    """The archive holds more than the caller allows."""
