import time
import traceback
from collections.abc import Iterator
from email.utils import formatdate

import pytest
import requests
import urllib3

from storage.errors import EngineError
from tasks.mt import http
from tasks.mt.deadline import Deadline
from tasks.mt.errors import BrokenAnswer, RequestRefused, RetryLater, SlowDown, TooLarge
from tasks.mt.http import Http, Request, Timeouts, retry_after_s
from tasks.mt.shapes import EACH, texts_at
from tests.tasks.mt.fakes.apy import Apy
from tests.tasks.mt.fakes.faults import Fault
from tests.tasks.mt.fakes.player import Fake

SECRET = "s3cr3t-key-0123456789"


def kinds(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


def foreign(kind: type[BaseException]) -> BaseException:
    """An exception of a library, as it might be worded: with the address and the key."""
    error = kind.__new__(kind)
    Exception.__init__(error, f"https://host/?key={SECRET}")
    return error


FOREIGN = sorted(
    {
        *kinds(requests.RequestException),
        *kinds(urllib3.exceptions.HTTPError),
        OSError,
        ConnectionResetError,
        TimeoutError,
        UnicodeError,
        ValueError,
    },
    key=lambda kind: (kind.__module__, kind.__name__),
)


@pytest.fixture
def client() -> Http:
    return Http("fake", (), Timeouts.of(1))


def posted(client: Http, url: str = "http://127.0.0.1:9/") -> object:
    return client.post(Request(url, b"{}", {"Authorization": SECRET}, [SECRET], "FAKE_KEY")).content


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_no_foreign_exception_gets_through(
    client: Http, kind: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise foreign(kind)

    monkeypatch.setattr(requests.Session, "post", fail)
    with pytest.raises(EngineError) as caught:
        posted(client)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert "//host" not in shown
    assert type(caught.value) in (RetryLater, RequestRefused, BrokenAnswer)


def test_a_certificate_that_is_not_trusted_is_final(client: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired")

    monkeypatch.setattr(requests.Session, "post", fail)
    with pytest.raises(RequestRefused, match="certificate"):
        posted(client)


@pytest.mark.parametrize(
    "url", ["http://[::1", "nonsense://x", "http://", "http://a b/", f"http://{'a' * 70}.x/"]
)
def test_addresses_that_are_none_are_final_and_not_repeated(client: Http, url: str) -> None:
    with pytest.raises(EngineError) as caught:
        posted(client, url)
    assert url not in str(caught.value)


def test_a_header_that_breaks_the_line_never_leaves(client: Http) -> None:
    with pytest.raises(RequestRefused) as caught:
        client.post(Request("http://127.0.0.1:9/", b"", {"X-Key": f"{SECRET}\r\nX: y"}))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (100 + 300, RequestRefused),
        (405, RequestRefused),
        (408, RetryLater),
        (413, TooLarge),
        (425, RetryLater),
        (429, SlowDown),
        (501, RequestRefused),
        (511, RetryLater),
        (529, SlowDown),
        (599, RetryLater),
        (999, RetryLater),
        (304, RequestRefused),
    ],
)
def test_statuses_without_a_meaning_of_their_own(
    client: Http, status: int, error: type[EngineError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        client, "_exchanged", lambda _: (status, {}, b'{"error": {"message": "No\\n  good"}}')
    )
    with pytest.raises(error, match=rf"{status}.*No\\n good|{status}.*No good") as caught:
        posted(client)
    assert type(caught.value) is error


@pytest.mark.parametrize("said", [SECRET, f"{SECRET[:4]}****{SECRET[-4:]}", f"x{SECRET}y"])
def test_words_of_a_service_that_hold_part_of_a_key_are_not_repeated(
    client: Http, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = f'{{"message": "wrong key: {said}"}}'.encode()
    monkeypatch.setattr(client, "_exchanged", lambda _: (401, {}, body))
    with pytest.raises(EngineError, match=r"answered 401 \(Unauthorized\); check FAKE_KEY\.$"):
        posted(client)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 0.5 "}, 0.5),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Thu, 99 Foo 2026 25:61:61 GMT"}, None),
        ({"Retry-After": formatdate(1e9 + 30, usegmt=True), "Date": formatdate(1e9, usegmt=True)}, 30.0),
        ({"Retry-After": formatdate(1e9 - 30, usegmt=True), "Date": formatdate(1e9, usegmt=True)}, 0.0),
        ({"Retry-After": formatdate(1e9, usegmt=True)}, 0.0),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after_s(headers) == expected


def test_retry_after_a_date_without_the_servers_clock_is_measured_by_ours() -> None:
    assert retry_after_s({"Retry-After": formatdate(time.time() + 100, usegmt=True)}) == pytest.approx(
        100, abs=5
    )


@pytest.mark.parametrize("fault", [Fault.TRICKLE, Fault.TRICKLE_HEADERS, Fault.HANG])
def test_the_whole_request_has_an_end_however_patient_each_read_is(fault: Fault) -> None:
    client = Http("fake", (), Timeouts(total_s=0.2, silence_s=30, connect_s=30))
    with Fake(Apy()) as fake:
        fake.play(fault)
        started = time.monotonic()
        with pytest.raises(RetryLater, match=r"longer than 0\.2 s"):
            posted(client, f"{fake.url}/translate")
        assert time.monotonic() - started < 5


def test_a_deadline_that_is_over_lets_no_connection_be_used() -> None:
    with Deadline(30) as deadline:
        deadline._end()
        assert deadline.over
        with pytest.raises(TimeoutError):
            deadline.hold(None)


def test_no_cookie_and_no_netrc_is_used(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Http("fake", (), Timeouts.of(5))
    monkeypatch.setattr(requests.sessions, "get_netrc_auth", lambda _: ("user", "password"))
    with Fake(Apy()) as fake:
        cookie = {"Set-Cookie": "id=1; Path=/"}
        fake.play(*(fake.service.refusal(500, "no") for _ in range(2)))
        monkeypatch.setattr(fake, "_refusal", lambda _: type(fake.service.refusal(500, "x"))(500, {}, cookie))
        for _ in range(2):
            with pytest.raises(RetryLater):
                client.post(
                    Request(
                        f"{fake.url}/translate",
                        b"langpair=eng%7Cspa&markUnknown=no&q=a&deformat=txt",
                        {"Authorization": "mine"},
                    )
                )
        assert [heard.headers["authorization"] for heard in fake.heard] == ["mine", "mine"]
        assert not [heard for heard in fake.heard if "cookie" in heard.headers]


def test_the_longest_answer_is_far_above_the_largest_request() -> None:
    assert http.MAX_BYTES > 100 * 131_072


@pytest.mark.parametrize(
    "content", [None, [], {}, 3, "abc", [["a"]], {"a": "bc"}, {"a": [{"b": "x"}, {}]}, {"a": {"b": "x"}}]
)
def test_shapes_that_are_not_what_is_looked_for(content: object) -> None:
    assert texts_at(content, 2, "a", EACH, "b") is None
