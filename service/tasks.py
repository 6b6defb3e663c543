"""The work of one answer, in a worker thread: call the application, or send a refusal.

Made by the channel for each request. Promises: every answer that Waitress would make itself comes from the doorman and
closes the connection, an error of the application is never swallowed, and a short answer leaves in one packet.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from waitress.task import ErrorTask, WSGITask

from service.errors import InternalError, Refused

JOIN_BYTES = 65536
"""A body up to this size leaves in one piece with its head."""


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


class AppTask(OneSend, WSGITask):  # type: ignore[misc]
    """Calls the application."""

    def service(self) -> None:
        """Answer the request. Waitress would swallow an ``OSError`` of the application and close without an answer."""
        self.start()
        self.execute()
        self.finish()
        self.channel.served = True
        self.channel.free_since = self.channel.server.clock()

    def build_response_header(self) -> bytes:
        """Return the head of the answer; the last one on a draining connection says that it closes."""
        if self.channel.leaves_next():
            self.request.headers["CONNECTION"] = "close"
        head: bytes = super().build_response_header()
        return head


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
