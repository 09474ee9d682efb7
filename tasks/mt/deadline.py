"""An end for a whole request over HTTP, however slowly its answer trickles in.

The time-outs of `requests` bound each silence, not their sum: a server that sends a byte a second is never silent
for long. So while a request runs, a timer waits beside it, and at the end of its time shuts the socket down. The
reader then finds the connection closed and returns.
"""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

POOL_SIZE = 32
"""Connections kept open to one host: more than any engine has workers."""

_RUNNING = threading.local()


class Deadline:
    """Bounds what the calling thread asks of sessions with `EndingAdapter` inside the `with` block.

    Args:
        total_s: seconds from now to the end.
    """

    def __init__(self, total_s: float) -> None:
        self.over = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(total_s, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _RUNNING.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _RUNNING.deadline = None
        self._timer.cancel()
        # After this the connection may serve another request, which a late timer must not hit.
        with self._lock:
            self._socket = None

    def hold(self, connection: Any) -> None:
        """This connection is the one to shut down; `over` before it was even open is a time-out at once."""
        with self._lock:
            self._socket = connection
            if self.over:
                raise TimeoutError("the time of the request is over")

    def _end(self) -> None:
        with self._lock:
            self.over = True
            if self._socket is not None:
                with suppress(OSError):
                    # Not the method of an SSL socket, which would first take its reader's state away.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class EndingAdapter(HTTPAdapter):
    """A transport for `requests` whose requests end with the `Deadline` of their thread."""

    def __init__(self) -> None:
        super().__init__(pool_maxsize=POOL_SIZE)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As `HTTPAdapter`, with connections that know of deadlines."""
        super().init_poolmanager(*args, **kwargs)
        _equip(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """As `HTTPAdapter`, with connections that know of deadlines."""
        return _equip(super().proxy_manager_for(*args, **kwargs))


def _held(connection: HTTPConnection) -> None:
    deadline: Deadline | None = getattr(_RUNNING, "deadline", None)
    if deadline is not None:
        deadline.hold(connection.sock)


class _Connection(HTTPConnection):
    def getresponse(self) -> Any:
        _held(self)
        return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        _held(self)
        return super().getresponse()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _equip(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return manager
