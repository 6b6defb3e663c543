"""One request on its way in: what may be sent, how much and how fast.

Waitress feeds ``StrictParser`` the bytes of a connection. Promises: the head is read to the letter (``strict``), the
limit of a body is asked of the ``Doorman`` before a byte of the body is read or a 100 Continue sent, and a fault ends
the request with a ``Refused`` in ``error``. Fills the attributes that Waitress 3.0.2 reads from its own parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver

from service.errors import ContentTooLarge, HeaderFieldsTooLarge, InvalidInput, Refused, Unavailable
from service.messages import Response
from service.wire.chunked import ChunkedBody
from service.wire.strict import Head, parse_head

RETRY_AFTER = 30
"""What a client is told whose body could not be kept: seconds."""

# A lone CR or LF; a CR that is the last byte so far may still get its LF.
_BARE = re.compile(rb"(?<!\r)\n|\r(?=[^\n])")
_EMPTY_LINES = re.compile(rb"(?:\r\n)+")


class Doorman(Protocol):
    """Decides what the server cannot: who may send how much, and what a refusal looks like."""

    def body_limit(self, head: Head) -> int:
        """Return the bytes allowed for this request's body, or raise ``Refused``.

        Called in the I/O thread when the head of a request with a body is complete: must be quick.
        """

    def at_once(self, environ: dict[str, Any]) -> bool:
        """Return True for a request that costs microseconds and never waits: it is answered in the I/O thread.

        Called there; may leave in the environ what the application needs to keep that promise.
        """

    def comes_first(self, head: Head) -> bool:
        """Return True for a request that is answered before all others that wait in the I/O thread."""

    def refuse(self, refusal: Refused, head: Head | None, peer: str) -> Response:
        """Return the finished answer to a request that never reaches the application; count and log it.

        Called in a worker thread; ``head`` is None when it could not be read.
        """

    def limits_connections(self, peer: str) -> bool:
        """Return False if this address, such as a trusted proxy, may open any number of connections."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the server listens and what it bears. ``client_connections`` 0 means no limit for one peer.

    A request must have come within ``request_deadline_seconds`` plus the time its body takes at
    ``upload_bytes_per_second``. An answer that is not taken at ``download_bytes_per_second``, measured over
    ``stall_seconds``, is dropped. ``linger_seconds`` is how long a refused client is still listened to, so that it
    reads the answer and not a reset; ``backlog_bytes`` is what may wait to be read before the next pipelined request is
    begun. Of ``threads`` so many work at a time as are ``awake``.
    """

    host: str
    port: int
    threads: int
    connection_limit: int
    client_connections: int
    request_deadline_seconds: float
    drain_seconds: float
    header_bytes: int = 16384
    idle_seconds: float = 30.0
    stall_seconds: float = 30.0
    linger_seconds: float = 2.0
    upload_bytes_per_second: int = 262144
    download_bytes_per_second: int = 1024
    backlog_bytes: int = 65536
    pipelined_requests: int = 16
    backlog: int = 2048
    awake: int = 10_000

    @property
    def stall_bytes(self) -> int:
        """What a client must take of an answer within ``stall_seconds``."""
        return int(self.stall_seconds * self.download_bytes_per_second)


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """Collects one request; ``error`` holds the refusal if it is not acceptable.

    ``started`` is when its first byte came, ``seconds`` how long it may take.
    """

    version = "1.1"
    path = ""

    def __init__(self, adj: Any, limits: Limits, body_limit: Callable[[Head], int], peer: str, started: float) -> None:
        super().__init__(adj)
        self.head: Head | None = None
        self.environ: dict[str, Any] | None = None
        self.started = started
        self.seconds = limits.request_deadline_seconds
        self._limits = limits
        self._body_limit = body_limit
        self._peer = peer
        self._raw = b""
        self._size = 0

    def received(self, data: bytes) -> int:
        """Take the next bytes of the connection; return how many of them belong to this request."""
        if self.error:
            # What follows a fault cannot be told apart into requests.
            return len(data)
        try:
            return self._receive_head(data) if self.body_rcv is None else self._receive_body(data)
        except Refused as refusal:
            self.refuse(refusal)
        except OSError:
            # A large body goes to a file: the disk is full, or there are no more descriptors.
            self.refuse(Unavailable("The body cannot be kept at the moment.", retry_after=RETRY_AFTER))
        return len(data)

    def refuse(self, refusal: Refused) -> None:
        """End the request with a refusal."""
        self.error = refusal
        self.expect_continue = False
        self.completed = True

    def _receive_head(self, data: bytes) -> int:
        seen = len(self._raw)
        raw = self._raw + data
        # RFC 9112 section 2.2: empty lines before a request are ignored.
        if empty := _EMPTY_LINES.match(raw):
            raw = raw[empty.end() :]
        end = raw.find(b"\r\n\r\n", max(0, seen - 3))
        rest = len(raw) - (end + 4) if end >= 0 else 0
        self._size += len(data) - rest
        if self._size >= self._limits.header_bytes:
            raise HeaderFieldsTooLarge(f"The headers may have at most {self._limits.header_bytes} bytes.")
        if end >= 0:
            self._begin(parse_head(raw[:end], self._peer))
        elif _BARE.search(raw, max(0, seen - 1)) or not (b"A" <= raw[:1] <= b"Z" or raw in (b"", b"\r")):
            # Held until the deadline otherwise: a blank line made of bare LFs, or a TLS handshake, never ends.
            raise InvalidInput("This is not an HTTP/1.1 request.")
        self._raw = raw
        return len(data) - rest

    def _begin(self, head: Head) -> None:
        self.head = head
        self.command, self.version, self.request_uri = head.method, head.version, head.target
        self.path, self.query, self.fragment = head.path, head.query, ""
        self.url_scheme = self.adj.url_scheme
        # All that Waitress reads of the headers by itself.
        if "connection" in head.headers:
            self.headers["CONNECTION"] = _connection(head.headers["connection"])
        self.headers_finished = True
        if head.length or head.chunked:
            self._expect_body(head)
        else:
            self.completed = True

    def _expect_body(self, head: Head) -> None:
        limit = self._body_limit(head)
        if head.length > limit:
            raise ContentTooLarge(f"The body may have at most {limit} bytes.")
        buffer = OverflowableBuffer(self.adj.inbuf_overflow)
        self.body_rcv = ChunkedBody(buffer, limit) if head.chunked else FixedStreamReceiver(head.length, buffer)
        self.chunked = head.chunked
        self.seconds += (head.length or limit) / self._limits.upload_bytes_per_second
        self.expect_continue = head.version == "1.1" and head.headers.get("expect", "").lower() == "100-continue"

    def _receive_body(self, data: bytes) -> int:
        consumed: int = self.body_rcv.received(data)
        if self.body_rcv.error:
            raise self.body_rcv.error
        if self.body_rcv.completed:
            self.completed = True
            self.headers["CONTENT_LENGTH"] = str(len(self.body_rcv))
        return consumed


def _connection(value: str) -> str:
    """Return the one word that matters of a Connection header with several."""
    if "," not in value:
        return value
    options = [option.strip() for option in value.lower().split(",")]
    return next((word for word in ("close", "keep-alive") if word in options), "")
