"""The HTTP session of Gemini's REST client with bounds: each call's socket under its deadline, no redirect, no flood.

The client reads whole answers into memory and knows time-outs for single reads only; here its session gets connections
that tell the deadline of their sockets, and bodies that end at a bound. Imported with the package, never before.
"""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

from service.ai.deadline import CONNECT_SECONDS, Deadline
from service.ai.replies import LONGEST_ANSWER, too_long

_current = threading.local()


def _watch(sock: socket.socket | None) -> None:
    deadline: Deadline | None = getattr(_current, "deadline", None)
    if deadline is not None and sock is not None:
        deadline.watch(sock)


class _Watched(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        # Until it is connected no deadline can shut it, and each address of the host gets this time.
        self.timeout = min(self.timeout or CONNECT_SECONDS, CONNECT_SECONDS)
        sock = super()._new_conn()
        _watch(sock)
        return sock


class _Plain(_Watched, HTTPConnection):
    """A connection by http."""


class _Secure(_Watched, HTTPSConnection):
    """A connection by https."""


class _Unkept(HTTPConnectionPool):
    def _put_conn(self, conn: Any) -> None:
        # Not kept for another call, whatever the server says: its socket is this call's, and this deadline's.
        if conn is not None:
            conn.close()
        super()._put_conn(None)


class _PlainPool(_Unkept):
    ConnectionCls = _Plain


class _SecurePool(_Unkept, HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """Makes a connection for each call, and reads no more of an answer than its bound."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        return manager

    def send(self, request: Any, stream: bool = False, *arguments: Any, **options: Any) -> requests.Response:
        request.headers["Connection"] = "close"
        request.headers["Accept-Encoding"] = "identity"
        response = super().send(request, True, *arguments, **options)
        raw = response.raw
        body = bytearray()
        try:
            # To the end, and once more: only then is one that ended too early told from one that is whole.
            while len(body) <= LONGEST_ANSWER and (part := raw.read(65_536)):
                body += part
        except ReadTimeoutError as error:
            raise requests.exceptions.ReadTimeout(error) from None
        except HTTPError as error:
            raise requests.exceptions.ConnectionError(error) from None
        finally:
            raw.close()
        if len(body) > LONGEST_ANSWER:
            raise too_long()
        response.raw = io.BytesIO(body)
        return response


class WatchedSession:
    """Takes over the session of a REST ``transport`` of the client."""

    def __init__(self, transport: Any) -> None:
        self._session: requests.Session = transport._session
        self._session.max_redirects = 0
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter())

    @contextmanager
    def within(self, deadline: Deadline) -> Iterator[None]:
        """Put the calls of this thread under a deadline while the block runs."""
        _current.deadline = deadline
        try:
            yield
        finally:
            del _current.deadline

    def close(self) -> None:
        self._session.close()
