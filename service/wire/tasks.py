"""The work of one answer, in a worker thread: call the application, or send a refusal.

Made by the channel for each request. Promises: every answer that Waitress would make itself comes from the doorman and
closes the connection, an error of the application is never swallowed, and a short answer leaves in one packet.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Any

from waitress.task import ErrorTask, WSGITask
from waitress.utilities import build_http_date

from service.errors import InternalError, Refused

JOIN_BYTES = 65536
"""A body up to this size leaves in one piece with its head."""


@lru_cache(4)
def _date(second: int) -> str:
    return f"Date: {build_http_date(second)}"


class OneSend:
    """For tasks: sends the head with the first part of the body, which Waitress sends in two packets."""

    channel: Any
    wrote_header: bool

    def write(self, data: bytes) -> None:
        """Send a part of the answer, headers first if they were not sent yet."""
        if self.wrote_header or not 0 < len(data) <= JOIN_BYTES:
            super().write(data)  # type: ignore[misc]
            return
        held: list[bytes] = []
        self.channel.held = held
        try:
            super().write(data)  # type: ignore[misc]
        finally:
            self.channel.held = None
        self.channel.write_soon(b"".join(held))


class AppTask(WSGITask):  # type: ignore[misc]
    """Calls the application and sends its answer whole; a third of what Waitress takes for a short answer.

    The application must call ``start_response`` before it returns and has no ``write``; a body without
    ``Content-Length`` gets one.
    """

    def service(self) -> None:
        """Answer the request. Waitress would swallow an ``OSError`` of the application and close without an answer."""
        self.start()
        self.execute()
        self.channel.served = True
        if not self.channel.server.answered.is_set():
            self.channel.server.answered.set()
        self.channel.free_since = self.channel.server.clock()

    def execute(self) -> None:
        """Call the application and send what it says."""
        environ = self.channel.environ()
        said = self.channel.server.application(environ, self._start_response)
        try:
            body = b"".join(said)
        finally:
            if hasattr(said, "close"):
                said.close()
        self._send(body)

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status, self.response_headers, self.complete = status, headers, True

    def _send(self, body: bytes) -> None:
        if not self.complete:
            raise RuntimeError("the application returned without calling start_response")
        lines = [f"HTTP/{self.version} {self.status}"]
        lines += [f"{name}: {value}" for name, value in self.response_headers]
        if not self.has_body:
            body = b""
        elif not any(len(name) == 14 and name.lower() == "content-length" for name, _ in self.response_headers):
            lines.append(f"Content-Length: {len(body)}")
        lines.append(_date(int(self.start_time)))
        lines += self._connection()
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
            raise ValueError("the application answered with a line end inside a header")
        self.wrote_header = True
        if len(body) <= JOIN_BYTES:
            self.channel.write_soon(b"%b\r\n\r\n%b" % (head.encode("latin-1"), body))
        else:
            self.channel.write_soon(head.encode("latin-1") + b"\r\n\r\n")
            self.channel.write_soon(body)

    def _connection(self) -> list[str]:
        """Return the header that says whether the connection stays, where that has to be said, and note it."""
        wish = self.request.headers.get("CONNECTION", "").lower()
        stays = wish == "keep-alive" if self.version == "1.0" else wish != "close"
        # The last answer on a draining connection says that it closes.
        if not stays or self.channel.leaves_next():
            self.close_on_finish = True
            return ["Connection: close"]
        return ["Connection: Keep-Alive"] if self.version == "1.0" else []


class RefusalTask(OneSend, ErrorTask):  # type: ignore[misc]
    """Sends what the doorman answers to a request that the application never sees, or has failed at."""

    def execute(self) -> None:
        """Write the answer and have the connection closed behind it."""
        channel = self.channel
        refusal = self.request.error
        if not isinstance(refusal, Refused):
            refusal = InternalError("The request could not be answered.")
        response = channel.server.doorman.refuse(refusal, channel.requests[0].head, channel.addr[0])
        # An answer to HTTP/1.0 with keep-alive would otherwise carry Connection twice, with both words.
        self.version = "1.1"
        self.status = f"{response.status} {HTTPStatus(response.status).phrase}"
        self.response_headers = list(response.headers)
        self.content_length = len(response.body)
        self.set_close_on_finish()
        channel.lingers = True
        self.write(response.body)
