"""Downloads against a real HTTP server on loopback that plays one fault per path."""

import fcntl
import gzip
import hashlib
import json
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from storage.downloads import errors as download_errors
from storage.downloads.datasets import DATASETS, Source
from storage.downloads.errors import (
    AccessDenied,
    CannotStore,
    ChecksumMismatch,
    Interrupted,
    NotFound,
    RedirectLoop,
    RedirectRefused,
    ResumeRefused,
    ServerFault,
    TimedOut,
    TooLarge,
    UnexpectedAnswer,
    Unreachable,
    UnsupportedUrl,
)
from storage.downloads.fetching import MAX_PAUSE_S, fetch, obtain, pause_s
from storage.downloads.partial import hold
from storage.downloads.transfer import MAX_REDIRECTS, fault_of
from storage.downloads.urls import mirrored, next_hop, safe_name, shown
from storage.errors import DownloadError, InputError, SilverspanError, UsageError

BODY = random.Random(5).randbytes(300_000)
OTHER = random.Random(6).randbytes(250_000)
SHA256 = hashlib.sha256(BODY).hexdigest()


@dataclass
class Seen:
    """One request as the server saw it, and how many bytes of body it sent for it."""

    path: str
    headers: dict[str, str]
    sent: int = 0


Play = Callable[[BaseHTTPRequestHandler, Seen], None]


@dataclass
class Server:
    """What each path answers, one play per request (the last one repeats), and what was asked."""

    port: int
    plays: dict[str, list[Play]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def on(self, path: str, *plays: Play) -> str:
        self.plays[path] = list(plays)
        return self.url(path)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        seen = Seen(handler.path, dict(handler.headers))
        self.seen.append(seen)
        plays = self.plays.get(handler.path.partition("?")[0], [partial(status, code=404)])
        play = plays.pop(0) if len(plays) > 1 else plays[0]
        play(handler, seen)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            state.answer(self)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        state = Server(httpd.server_address[1])
        thread = threading.Thread(target=partial(httpd.serve_forever, poll_interval=0.01))
        thread.start()
        yield state
        state.release.set()
        httpd.shutdown()
        thread.join()


def reply(
    handler: BaseHTTPRequestHandler, seen: Seen, code: int, headers: dict[str, str], body: bytes
) -> None:
    handler.send_response(code)
    for name, value in ({"Connection": "close"} | headers).items():
        handler.send_header(name, value)
    handler.end_headers()
    seen.sent = len(body)  # before the client can have it all and look
    handler.wfile.write(body)


def status(handler: BaseHTTPRequestHandler, seen: Seen, code: int, **headers: str) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply(handler, seen, code, {"Content-Length": "4", **named}, b"oops")


def serve(
    handler: BaseHTTPRequestHandler, seen: Seen, body: bytes = BODY, etag: str | None = '"v1"', cut: int = 0
) -> None:
    """A good server: ranges, If-Range, If-None-Match; `cut` bytes at the end are promised but never sent."""
    tag = {} if etag is None else {"ETag": etag}
    if etag is not None and seen.headers.get("If-None-Match") == etag:
        handler.send_response(304)
        handler.end_headers()
        return
    start = int(seen.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    if start and seen.headers.get("If-Range") == etag:
        tag["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        rest, code = body[start:], 206
    else:
        rest, code = body, 200
    reply(handler, seen, code, {"Content-Length": str(len(rest)), **tag}, rest[: len(rest) - cut])


def unsized(handler: BaseHTTPRequestHandler, seen: Seen) -> None:
    """No Content-Length: the end of the connection is the end of the file."""
    reply(handler, seen, 200, {}, BODY)


def redirect(handler: BaseHTTPRequestHandler, seen: Seen, to: str) -> None:
    reply(handler, seen, 302, {"Location": to, "Content-Length": "0"}, b"")


def hang(handler: BaseHTTPRequestHandler, seen: Seen, server: Server) -> None:
    server.release.wait(30)


def get(url: str, folder: Path, **options: object) -> Path:
    return fetch(
        url, folder, **({"max_bytes": 1_000_000, "attempts": 3, "timeout_s": 5, "backoff_s": 0} | options)
    )  # type: ignore[arg-type]


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def parts(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.glob("*.part")]


def assert_one_sentence(fault: SilverspanError) -> None:
    text = str(fault)
    assert text.endswith(".")
    assert "\n" not in text
    assert ". " not in text
    for secret in ("password", "token", "hidden"):
        assert secret not in text


def test_file_lies_under_its_checksum_and_a_repeat_sends_nothing(server: Server, tmp_path: Path) -> None:
    url = server.on("/data/train.json", serve)
    path = get(url, tmp_path)
    assert path == tmp_path / SHA256 / "train.json"
    assert path.read_bytes() == BODY
    assert get(url, tmp_path) == path
    assert get(url, tmp_path, sha256=SHA256.upper()) == path
    assert len(server.seen) == 1
    assert server.seen[0].headers["Accept-Encoding"] == "identity"
    assert parts(tmp_path) == []


def test_record_remembers_the_answer_without_secrets(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", serve).replace("http://", "http://me:password@") + "?token=hidden"
    get(url, tmp_path)
    (record,) = (tmp_path / "urls").iterdir()
    assert json.loads(record.read_text()) == {
        "url": server.url("/a.json"),
        "sha256": SHA256,
        "size": len(BODY),
        "etag": '"v1"',
    }


def test_refresh_asks_whether_the_file_changed(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", serve, serve, partial(serve, body=OTHER, etag='"v2"'))
    first = get(url, tmp_path)
    assert get(url, tmp_path, refresh=True) == first
    assert server.seen[1].sent == 0
    second = get(url, tmp_path, refresh=True)
    assert second.read_bytes() == OTHER
    assert get(url, tmp_path) == second
    assert len(server.seen) == 3


def test_damaged_copy_is_fetched_again(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", serve)
    path = get(url, tmp_path)
    path.write_bytes(BODY[:-1])
    assert get(url, tmp_path, sha256=SHA256).read_bytes() == BODY
    path.write_bytes(b"")
    assert get(url, tmp_path).read_bytes() == BODY
    assert len(server.seen) == 3


def test_unreadable_record_is_no_record(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", serve)
    get(url, tmp_path)
    (record,) = (tmp_path / "urls").iterdir()
    record.write_text("{")
    assert get(url, tmp_path).read_bytes() == BODY
    assert len(server.seen) == 2


def test_progress_counts_bytes_up_to_the_total(server: Server, tmp_path: Path) -> None:
    steps: list[tuple[int, int | None]] = []
    url = server.on("/a.json", serve)
    get(url, tmp_path, on_progress=lambda done, total: steps.append((done, total)))
    assert steps[0] == (0, len(BODY))
    assert steps[-1] == (len(BODY), len(BODY))
    assert steps == sorted(steps)
    steps.clear()
    get(server.on("/b.json", unsized), tmp_path, on_progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (len(BODY), None)


def test_mirror_replaces_scheme_and_host(server: Server, tmp_path: Path) -> None:
    server.on("/prefix/data/a.json", serve)
    official = "https://official.invalid/data/a.json?v=1"
    path = get(official, tmp_path, mirror=server.url("/prefix/"))
    assert path.read_bytes() == BODY
    assert server.seen[0].path == "/prefix/data/a.json?v=1"
    assert get(official, tmp_path) == path


def test_two_at_once_send_one_request(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", serve)
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(get(url, tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [tmp_path / SHA256 / "a.json"] * 4
    assert len(server.seen) == 1
    assert parts(tmp_path) == []


def test_interrupted_transfer_is_resumed_by_the_next_attempt(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", partial(serve, cut=100_000), serve)
    assert get(url, tmp_path, sha256=SHA256).read_bytes() == BODY
    first, second = server.seen
    start = int(second.headers["Range"].removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= first.sent
    assert second.sent == len(BODY) - start
    assert second.headers["If-Range"] == '"v1"'


def test_part_stays_after_an_interruption_and_a_second_call_finishes_it(
    server: Server, tmp_path: Path
) -> None:
    url = server.on("/a.json", partial(serve, cut=100_000), serve)
    with pytest.raises(Interrupted) as caught:
        get(url, tmp_path, attempts=1)
    assert_one_sentence(caught.value)
    assert caught.value.retryable
    (size,) = parts(tmp_path)
    assert get(url, tmp_path).read_bytes() == BODY
    assert server.seen[1].headers["Range"] == f"bytes={size}-"
    assert server.seen[1].sent == len(BODY) - size
    assert left(tmp_path) == sorted([SHA256, f"{SHA256}/a.json", "urls", left(tmp_path)[-1]])


def test_changed_file_restarts(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", partial(serve, cut=100_000), partial(serve, body=OTHER, etag='"v2"'))
    path = get(url, tmp_path)
    assert path.read_bytes() == OTHER
    assert server.seen[1].sent == len(OTHER)


@pytest.mark.parametrize("etag", [None, 'W/"v1"'])
def test_file_without_a_strong_validator_is_not_resumed(
    server: Server, tmp_path: Path, etag: str | None
) -> None:
    url = server.on("/a.json", partial(serve, etag=etag, cut=100_000), partial(serve, etag=etag))
    with pytest.raises(Interrupted):
        get(url, tmp_path, attempts=1)
    assert left(tmp_path) == []
    assert get(url, tmp_path).read_bytes() == BODY
    assert "Range" not in server.seen[1].headers


def test_modification_time_serves_where_there_is_no_tag(server: Server, tmp_path: Path) -> None:
    when = "Sat, 01 Jan 2022 00:00:00 GMT"

    def first(handler: BaseHTTPRequestHandler, seen: Seen) -> None:
        reply(handler, seen, 200, {"Content-Length": str(len(BODY)), "Last-Modified": when}, BODY[:200_000])

    url = server.on("/a.json", first, partial(status, code=404))
    with pytest.raises(NotFound):
        get(url, tmp_path)
    assert server.seen[1].headers["If-Range"] == when


@pytest.mark.parametrize(
    "play",
    [
        partial(status, code=416),
        partial(status, code=206, Content_Range="bytes 7-10/300000"),
        partial(status, code=206),
    ],
)
def test_refused_or_wrong_range_restarts_from_the_first_byte(
    server: Server, tmp_path: Path, play: Play
) -> None:
    url = server.on("/a.json", partial(serve, cut=100_000), play, serve)
    assert get(url, tmp_path).read_bytes() == BODY
    assert "Range" not in server.seen[2].headers


def test_partial_answer_of_another_version_is_refused(server: Server, tmp_path: Path) -> None:
    def liar(handler: BaseHTTPRequestHandler, seen: Seen) -> None:
        seen.headers["If-Range"] = '"v2"'
        serve(handler, seen, body=OTHER, etag='"v2"')

    url = server.on("/a.json", partial(serve, cut=200_000), liar)
    with pytest.raises(ResumeRefused) as caught:
        get(url, tmp_path, attempts=2)
    assert_one_sentence(caught.value)
    assert left(tmp_path) == []


def test_whole_part_of_a_crash_needs_no_request(server: Server, tmp_path: Path) -> None:
    class PulledThePlugError(BaseException): ...

    def pull(done: int, total: int | None) -> None:
        if done == total:
            raise PulledThePlugError

    url = server.on("/a.json", serve)
    with pytest.raises(PulledThePlugError):
        get(url, tmp_path, on_progress=pull)
    assert parts(tmp_path) == [len(BODY)]
    assert get(url, tmp_path).read_bytes() == BODY
    assert len(server.seen) == 1


def test_server_fault_twice_then_fine(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", partial(status, code=500), partial(status, code=503), serve)
    assert get(url, tmp_path).read_bytes() == BODY
    assert len(server.seen) == 3


def test_pauses_grow_follow_the_server_and_are_bounded() -> None:
    assert 1.0 <= pause_s(None, 1, 1.0) <= 1.1
    assert 4.0 <= pause_s(Interrupted("x."), 3, 1.0) <= 4.4
    assert 20.0 <= pause_s(ServerFault("x.", retry_after_s=20.0), 1, 1.0) <= 22.0
    assert pause_s(ServerFault("x.", retry_after_s=1e6), 1, 1.0) <= MAX_PAUSE_S * 1.1


@pytest.mark.parametrize(
    ("play", "fault", "requests_sent"),
    [
        (partial(status, code=404), NotFound, 1),
        (partial(status, code=410), NotFound, 1),
        (partial(status, code=401), AccessDenied, 1),
        (partial(status, code=403), AccessDenied, 1),
        (partial(status, code=418), UnexpectedAnswer, 1),
        (partial(status, code=304), UnexpectedAnswer, 1),
        (partial(status, code=204), UnexpectedAnswer, 1),
        (partial(status, code=200, Content_Encoding="gzip"), UnexpectedAnswer, 1),
        (partial(status, code=500), ServerFault, 3),
        (partial(status, code=429, Retry_After="0"), ServerFault, 3),
        (partial(status, code=416), ResumeRefused, 3),
        (partial(redirect, to="file:///etc/passwd"), RedirectRefused, 1),
        (partial(redirect, to="ftp://127.0.0.1/a"), RedirectRefused, 1),
        (partial(redirect, to="http://[::1/a"), RedirectRefused, 1),
        (partial(redirect, to="/a.json?token=hidden"), RedirectLoop, MAX_REDIRECTS + 1),
    ],
)
def test_refusals_are_named_and_leave_nothing(
    server: Server, tmp_path: Path, play: Play, fault: type[DownloadError], requests_sent: int
) -> None:
    url = server.on("/a.json", play).replace("http://", "http://me:password@") + "?token=hidden"
    with pytest.raises(fault) as caught:
        get(url, tmp_path)
    assert type(caught.value) is fault
    assert_one_sentence(caught.value)
    assert f"127.0.0.1:{server.port}/a.json" in str(caught.value)
    assert left(tmp_path) == []
    assert len(server.seen) == requests_sent


def test_encoded_body_is_not_taken_for_the_file(server: Server, tmp_path: Path) -> None:
    packed = gzip.compress(BODY)
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}
    url = server.on("/a.json", partial(reply, code=200, headers=headers, body=packed))
    with pytest.raises(UnexpectedAnswer, match="gzip") as caught:
        get(url, tmp_path)
    assert_one_sentence(caught.value)
    assert left(tmp_path) == []


def test_wrong_checksum(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", serve)
    with pytest.raises(ChecksumMismatch, match=SHA256) as caught:
        get(url, tmp_path, sha256="0" * 64)
    assert_one_sentence(caught.value)
    assert left(tmp_path) == []
    assert len(server.seen) == 1


def test_larger_than_allowed_by_announcement(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", serve)
    steps: list[int] = []
    with pytest.raises(TooLarge, match="299,999") as caught:
        get(url, tmp_path, max_bytes=299_999, on_progress=lambda done, total: steps.append(done))
    assert_one_sentence(caught.value)
    assert steps == []
    assert left(tmp_path) == []
    assert get(url, tmp_path, max_bytes=300_000)


def test_larger_than_allowed_by_real_bytes(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", unsized)
    with pytest.raises(TooLarge) as caught:
        get(url, tmp_path, max_bytes=299_999)
    assert_one_sentence(caught.value)
    assert left(tmp_path) == []
    assert get(url, tmp_path, max_bytes=300_000).read_bytes() == BODY


def test_larger_than_allowed_when_resumed(server: Server, tmp_path: Path) -> None:
    grown = partial(status, code=206, Content_Range="bytes {0}-9999999/10000000", ETag='"v1"')

    def play(handler: BaseHTTPRequestHandler, seen: Seen) -> None:
        start = seen.headers["Range"].removeprefix("bytes=").removesuffix("-")
        status(
            handler,
            seen,
            **{**grown.keywords, "Content_Range": grown.keywords["Content_Range"].format(start)},
        )

    url = server.on("/a.json", partial(serve, cut=100_000), play)
    with pytest.raises(TooLarge):
        get(url, tmp_path)
    assert left(tmp_path) == []


def test_hang(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", partial(hang, server=server))
    with pytest.raises(TimedOut) as caught:
        get(url + "?token=hidden", tmp_path, timeout_s=0.1, attempts=2)
    assert_one_sentence(caught.value)
    assert left(tmp_path) == []
    assert len(server.seen) == 2


def test_hang_in_the_middle_keeps_the_part(server: Server, tmp_path: Path) -> None:
    def half(handler: BaseHTTPRequestHandler, seen: Seen) -> None:
        serve(handler, seen, cut=100_000)
        server.release.wait(30)

    url = server.on("/a.json", half)
    with pytest.raises(TimedOut):
        get(url, tmp_path, timeout_s=0.2, attempts=1)
    (size,) = parts(tmp_path)
    assert 0 < size <= 200_000


def test_body_shorter_than_promised(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", partial(serve, cut=1, etag=None))
    with pytest.raises(Interrupted) as caught:
        get(url, tmp_path)
    assert_one_sentence(caught.value)
    assert left(tmp_path) == []
    assert len(server.seen) == 3


def test_connection_closed_without_an_answer(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", lambda handler, seen: None)
    with pytest.raises(Interrupted):
        get(url, tmp_path)
    assert left(tmp_path) == []


def test_nobody_listens(server: Server, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        port = closed.server_address[1]
    with pytest.raises(Unreachable, match="connection refused") as caught:
        get(f"http://me:password@127.0.0.1:{port}/a.json?token=hidden", tmp_path)
    assert_one_sentence(caught.value)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://h/a",
        "http:///a",
        "http://h:99999/a",
        "http://[::1/a",
        "https:a",
        "/etc/passwd",
        "",
    ],
)
def test_other_urls_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(UnsupportedUrl) as caught:
        get(url, tmp_path)
    assert_one_sentence(caught.value)
    assert caught.value.exit_code == 2
    with pytest.raises(UnsupportedUrl):
        get("https://h/a", tmp_path, mirror=url)
    assert left(tmp_path) == []


def test_mirror_with_a_query_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedUrl) as caught:
        get("https://h/a", tmp_path, mirror="https://m/?token=hidden")
    assert_one_sentence(caught.value)


def test_malformed_checksum_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="64 hexadecimal"):
        get("https://h/a", tmp_path, sha256="abc")


def test_folder_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    url = server.on("/a.json", serve)
    with pytest.raises(CannotStore) as caught:
        get(url, tmp_path / "file")
    assert_one_sentence(caught.value)


def test_redirect_is_followed_and_the_name_is_that_of_the_url(server: Server, tmp_path: Path) -> None:
    server.on("/elsewhere", serve)
    url = server.on("/a.json", partial(redirect, to="/elsewhere?x=1"))
    assert get(url, tmp_path) == tmp_path / SHA256 / "a.json"


@pytest.mark.parametrize("in_header", [True, False])
def test_credentials_do_not_follow_a_redirect_to_another_host(
    server: Server, tmp_path: Path, in_header: bool
) -> None:
    server.on("/there.json", serve)
    foreign = server.url("/there.json").replace("127.0.0.1", "localhost")
    url = server.on("/a.json", partial(redirect, to=foreign)).replace("http://", "http://me:password@")
    with requests.Session() as session:
        if in_header:
            session.headers["Authorization"] = "Bearer hidden"
        else:
            session.auth = ("me", "password")
        get(url, tmp_path, session=session)
    first, second = server.seen
    assert "Authorization" in first.headers
    assert "Authorization" not in second.headers


def test_https_is_not_left_for_http() -> None:
    assert next_hop("http://h/a", "https://g/b") == "https://g/b"
    assert next_hop("https://h/a/b", "../c") == "https://h/c"
    with pytest.raises(RedirectRefused) as caught:
        next_hop("https://h/a?token=hidden", "http://h/b")
    assert_one_sentence(caught.value)


@given(st.text())
def test_safe_name_is_one_plain_component(text: str) -> None:
    """Whatever a URL's path ends in, the name stays inside its folder and is never hidden or empty."""
    name = safe_name("https://h/" + text.replace("[", "").replace("]", ""))
    assert name == Path(name).name
    assert 0 < len(name) <= 120
    assert not name.startswith(".")
    assert name.isascii()


@given(st.text(alphabet="abc123", min_size=1), st.text(alphabet="abc123", min_size=1))
def test_shown_never_shows_password_or_query(password: str, token: str) -> None:
    """Only scheme, host and path of a URL are ever shown."""
    assert shown(f"https://me:{password}@host/path?t={token}#{token}") == "https://host/path"


def test_safe_name_is_not_hidden_by_being_cut() -> None:
    assert safe_name("https://h/a." + "b" * 119) == "b" * 119


def test_mirrored_keeps_path_and_query() -> None:
    assert mirrored("https://o.org/a/b?c=d", "http://m:8080") == "http://m:8080/a/b?c=d"


def test_obtain_takes_a_path_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text("{}")
    assert obtain(str(file), tmp_path / "downloads") == file
    assert not (tmp_path / "downloads").exists()


def test_obtain_takes_an_official_name_by_way_of_a_mirror(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    official = Source("https://official.invalid/x/a.json", SHA256, len(BODY), "CC0")
    monkeypatch.setitem(DATASETS, "sample-set", official)
    server.on("/m/x/a.json", serve)
    path = obtain("sample-set", tmp_path, mirror=server.url("/m"))
    assert path.read_bytes() == BODY
    assert obtain(official.url, tmp_path) == path
    assert len(server.seen) == 1


def test_obtain_checks_an_official_file(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DATASETS, "sample-set", Source("https://o.invalid/a.json", "0" * 64, 300_000, "CC0"))
    server.on("/a.json", serve)
    for source in ("sample-set", "https://o.invalid/a.json"):
        with pytest.raises(ChecksumMismatch):
            obtain(source, tmp_path, mirror=server.url(""))


def test_obtain_fetches_any_other_url_from_where_it_is(server: Server, tmp_path: Path) -> None:
    url = server.on("/a.json", serve)
    assert obtain(url, tmp_path, mirror="https://mirror.invalid/").read_bytes() == BODY
    with pytest.raises(TooLarge):
        obtain(server.on("/b.json", serve), tmp_path, max_bytes=10)


@pytest.mark.parametrize("source", ["no/such/file", "missing.json", "~/missing.zip"])
def test_obtain_names_a_missing_file(tmp_path: Path, source: str) -> None:
    with pytest.raises(InputError, match="There is no file"):
        obtain(source, tmp_path)


def test_obtain_lists_the_names_that_it_knows(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="squad-v2"):
        obtain("squad-v1.1-trian", tmp_path)
    with pytest.raises(UnsupportedUrl):
        obtain("file:///etc/passwd", tmp_path)


def test_table_is_well_formed() -> None:
    assert len({source.url for source in DATASETS.values()}) == len(DATASETS)
    for source in DATASETS.values():
        assert source.url.startswith("https://")
        assert len(source.sha256) == 64
        assert int(source.sha256, 16)
        assert source.size_bytes > 100_000


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "hi", "zh"])
def test_table_has_the_checksums_of_real_files(language: str) -> None:
    file = Path(__file__).parents[4] / "shared" / "data" / "xquad" / f"xquad.{language}.json"
    if not file.is_file():
        pytest.skip(f"{file.name} is not here")
    source = DATASETS[f"xquad-{language}"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == source.sha256
    assert file.stat().st_size == source.size_bytes


def subclasses(root: type) -> Iterator[type]:
    for child in root.__subclasses__():
        yield child
        yield from subclasses(child)


@pytest.mark.parametrize(
    "kind", sorted(subclasses(requests.RequestException), key=lambda kind: kind.__name__)
)
def test_every_fault_of_requests_has_a_name(kind: type[requests.RequestException]) -> None:
    text = "https://me:password@h/?token=hidden"
    made = kind(text, "{}", 0) if kind is requests.exceptions.JSONDecodeError else kind(text)
    fault = fault_of(made, "https://me:password@h/a?token=hidden")
    assert isinstance(fault, DownloadError)
    assert type(fault) is not DownloadError
    assert_one_sentence(fault)


def test_the_drawn_tree_is_the_real_one() -> None:
    drawn = download_errors.__doc__ or ""
    for kind in subclasses(DownloadError):
        (line,) = [line for line in drawn.splitlines() if f" {kind.__name__} " in line + " "]
        assert line.rstrip().endswith("retryable") == kind.retryable  # type: ignore[attr-defined]


def test_who_waited_for_a_part_that_was_removed_starts_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = threading.Event()
    lock = fcntl.flock

    def flock(handle: object, operation: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            opened.set()
        lock(handle, operation)

    def second() -> None:
        with hold(tmp_path, "key") as part:
            part.append(b"second")
            part.settle()
            part.publish(tmp_path / "published")

    monkeypatch.setattr("storage.downloads.partial.fcntl.flock", flock)
    thread = threading.Thread(target=second)
    with hold(tmp_path, "key"):
        thread.start()
        assert opened.wait(10)
    thread.join()
    assert (tmp_path / "published").read_bytes() == b"second"
    assert left(tmp_path) == ["published"]


def test_part_of_a_bug_is_removed(tmp_path: Path) -> None:
    def interrupted() -> None:
        with hold(tmp_path, "key") as part:
            part.append(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert left(tmp_path) == []
