"""What is wrong with a message as JSON-RPC 2.0 sees it: refusals that carry one of its error codes.

``http_status`` is what the answer is sent with: 400 where no call could be read, 200 where a call was understood well
enough to be answered. ``status`` is what it is counted as.
"""

from __future__ import annotations

from typing import ClassVar

from service.errors import InvalidInput


class Fault(InvalidInput):
    """``id`` is the id of the message where it could be read."""

    number: ClassVar[int]
    http_status: ClassVar[int] = 400

    def __init__(self, detail: str, message_id: object = None, *, field: str | None = None) -> None:
        super().__init__(detail, field=field)
        self.id = message_id


class ParseError(Fault):
    number = -32700


class InvalidRequest(Fault):
    number = -32600


class MethodNotFound(Fault):
    number = -32601
    http_status = 200
    status = 404
    rejection = None  # newer clients ask for what older servers have not


class InvalidParams(Fault):
    number = -32602
    http_status = 200
