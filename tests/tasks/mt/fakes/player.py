"""A service on loopback that translates, counts what it is asked, and plays faults when told to.

A module per documented protocol beside this one says how requests are read and answers and refusals are worded;
the faults of the network and those of any answer are the same for all, and stand here.
"""

import json
import random
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.tasks.mt.fakes.faults import BODIES, RETRY_AFTER_S, SHAPES, STATUSES, Fault
from tests.tasks.mt.fakes.protocol import Heard, Refused, Reply, Service

TICK_S = 0.02
Play = Fault | Reply | Callable[[Heard], Reply]
"""A fault that all services may show, an answer, or what makes one of the request."""


class Fake:
    """A running service; close it, or use it in a `with` statement.

    `heard` are all requests, `served` the texts of those that were answered well; both may be read at any time.
    An answer takes `answer_s` seconds.
    """

    def __init__(self, service: Service, answer_s: float = 0.0) -> None:
        self.service = service
        self.answer_s = answer_s
        self.heard: list[Heard] = []
        self.served: list[str] = []
        self.released = threading.Event()
        self._plays: deque[Play] = deque()
        self._random: Callable[[], Play | None] = lambda: None
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def spec(self) -> str:
        return self.service.spec(self.url)

    @property
    def characters(self) -> int:
        """Code points of the texts answered well."""
        return sum(map(len, self.served))

    def keys(self, name: str) -> str | None:
        return self.service.keys.get(name)

    def play(self, *plays: Play) -> None:
        """The next requests end like this, one each."""
        with self._lock:
            self._plays.extend(plays)

    def play_at_random(self, share: float, plays: Sequence[Play], seed: int = 0) -> None:
        """From now on this share of the requests ends like one of these."""
        dice = random.Random(seed)
        self._random = lambda: dice.choice(plays) if dice.random() < share else None

    def clear(self) -> None:
        """Forget what was heard and what was to be played."""
        with self._lock:
            self.heard, self.served = [], []
            self._plays.clear()
            self._random = lambda: None

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def next_play(self, heard: Heard) -> Play | None:
        with self._lock:
            self.heard.append(heard)
            return self._plays.popleft() if self._plays else self._random()

    def reply(self, heard: Heard, play: Play | None) -> Reply:
        """What the service answers, with a fault of shape or status where one is played."""
        if callable(play):
            return play(heard)
        try:
            asked = self.service.asked(heard)
            if (refusal := self._refusal(play)) is not None:
                return refusal
            translations = [self.service.translated(text, asked) for text in asked.texts]
        except Refused as refused:
            return refused.reply
        if play in SHAPES:
            return self.service.answer(SHAPES[play](translations), asked)
        if play is None:
            with self._lock:
                self.served += asked.texts
        return self.service.answer(translations, asked)

    def _refusal(self, play: Play | None) -> Reply | None:
        if isinstance(play, Reply):
            return play
        # A careless service: its messages tell the key.
        words = f"Something is wrong with {' and '.join(self.service.keys.values())}."
        if play is Fault.SLOW_DOWN_DATE:
            dates = {
                "Retry-After": formatdate(1e9 + RETRY_AFTER_S, usegmt=True),
                "Date": formatdate(1e9, usegmt=True),
            }
            return _with(self.service.refusal(429, words), dates)
        if play is Fault.EXPIRED_KEY:
            return self.service.expired()
        if play is Fault.BAD_GATEWAY:
            return Reply(502, b"<html><h1>Bad Gateway</h1></html>", {"Content-Type": "text/html"})
        if play is Fault.REDIRECT:
            return Reply(302, b"", {"Location": f"{self.url}/elsewhere"})
        if play in STATUSES:
            status, headers = STATUSES[play]
            return _with(self.service.refusal(status, words), headers)
        if play in BODIES:
            body, kind = BODIES[play]
            return Reply(200, body, {"Content-Type": kind})
        return None


def _with(reply: Reply, headers: Mapping[str, str]) -> Reply:
    return Reply(reply.status, reply.content, {**reply.headers, **headers})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    fake: Fake

    def handle_error(self, *_: Any) -> None:
        """Clients that go away in the middle are the point of these tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # who asked is gone before all of it was sent
            self.close_connection = True
            return
        heard = Heard(self.command, self.path, {n.lower(): v for n, v in self.headers.items()}, body)
        fake = self.server.fake
        play = fake.next_play(heard)
        if play in _TRANSPORT:
            self.close_connection = True
            _TRANSPORT[play](self)
            return
        if fake.answer_s:
            fake.released.wait(fake.answer_s)
        reply = fake.reply(heard, play)
        content = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
        headers = {"Content-Type": "application/json", **reply.headers}
        if play is Fault.TRUNCATED_JSON:
            content = content[: len(content) * 2 // 3]
        if play is Fault.GARBLED:
            headers["Content-Encoding"] = "gzip"
        if play is Fault.HUGE:
            content += b" " * 100_000
        length = len(content)
        if play is Fault.CUT_OFF:
            content, self.close_connection = content[: length // 2], True
        self._send(reply.status, headers, length, content)

    do_GET = do_POST  # noqa: N815

    def _send(self, status: int, headers: Mapping[str, str], length: int, content: bytes) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def hang(self) -> None:
        self.server.fake.released.wait()  # an engine without a time-out would wait as long

    def hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def trickle(self) -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self._drip()

    def trickle_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self._drip()

    def _drip(self) -> None:
        while not self.server.fake.released.wait(TICK_S):
            self.wfile.write(b" ")
            self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


_TRANSPORT: dict[Play | None, Callable[[_Handler], None]] = {
    Fault.HANG: _Handler.hang,
    Fault.HANG_UP: _Handler.hang_up,
    Fault.RESET: _Handler.reset,
    Fault.TRICKLE: _Handler.trickle,
    Fault.TRICKLE_HEADERS: _Handler.trickle_headers,
}
