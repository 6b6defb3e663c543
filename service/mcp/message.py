"""One message of a client: bytes in, a call or a notification out. Pure.

JSON is read as strictly as everywhere else (UTF-8, no repeated names, no NaN, sane depth). Batches left the protocol in
2025-06-18 and are refused. ``Posted`` travels with the request, so that a refusal can be answered under the id of the
call, and the body is read only where somebody needs to know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from service.errors import InvalidInput
from service.mcp.faults import Fault, InvalidParams, InvalidRequest, ParseError
from service.messages import Request, Response
from service.stages.validate import read_json

_MEMO = 1024
_MEMO_LENGTH = 1000  # bytes of a message worth keeping; clients number theirs alike, so the same ones come again
_POSTED = "signals.posted"


@dataclass(frozen=True, slots=True)
class Message:
    """``id`` is None for what wants no answer: a notification, or the answer to a question that was never asked.

    ``memo`` holds what was made of it; the same object serves all that post the same bytes, and is changed by nobody.
    """

    id: str | int | float | None
    method: str
    params: dict[str, Any]
    memo: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def tool(self) -> str:
        """The name of the tool that is called; empty for everything else."""
        name = self.params.get("name") if self.method == "tools/call" else None
        return name if isinstance(name, str) else ""


class Posted:
    """The body of a POST, read when it is first asked for."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    @cached_property
    def _read(self) -> Message | Fault:
        try:
            return (_remembered if len(self.body) <= _MEMO_LENGTH else parse)(self.body)
        except Fault as fault:
            return fault

    @property
    def message(self) -> Message:
        """The message. Raises ``Fault``."""
        if isinstance(self._read, Fault):
            raise self._read
        return self._read

    @property
    def id(self) -> object:
        """The id to answer under, None where there is none to be read."""
        return self._read.id

    @property
    def calls_tool(self) -> bool:
        """Whether a tool is called, be there such a tool or not."""
        return not isinstance(self._read, Fault) and self._read.method == "tools/call"

    @property
    def tool(self) -> str:
        """The name of the tool that is called, empty where none is."""
        return "" if isinstance(self._read, Fault) else self._read.tool


def parse(body: bytes) -> Message:
    """Return the message that a body holds. Raises ``ParseError``, ``InvalidRequest`` or ``InvalidParams``."""
    document = _object(body)
    message_id = document.get("id")
    known = message_id if _is_id(message_id) else None
    if document.get("jsonrpc") != "2.0":
        raise InvalidRequest('A message says "jsonrpc": "2.0".', known)
    if "id" in document and known is None:
        raise InvalidRequest("The id of a message is a text or a number.")
    if "method" not in document and ("result" in document or "error" in document):
        return Message(None, "", {})
    method, params = document.get("method"), document.get("params")
    if not isinstance(method, str):
        raise InvalidRequest("A message names its method.", known)
    if not isinstance(params, dict | None):
        raise InvalidParams("The params of a message are an object.", known)
    return Message(known, method, params or {})


_remembered = lru_cache(_MEMO)(parse)
LONGEST_AT_ONCE = _MEMO_LENGTH


def remembered(body: bytes) -> Message | None:
    """Return the message of a short body, None for a long one and for what is none. Takes microseconds."""
    if len(body) > LONGEST_AT_ONCE:
        return None
    try:
        return _remembered(body)
    except Fault:
        return None


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = read_json(body)
    except InvalidInput as error:
        raise ParseError(error.detail) from None
    if isinstance(document, list):
        raise InvalidRequest("Batches are not possible here: post one message at a time.")
    if not isinstance(document, dict):
        raise InvalidRequest("A message is a JSON object.")
    return document


def _is_id(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def attached(request: Request, posted: Posted) -> Request:
    """Return the request with its body attached, to be read as often as one likes."""
    return request._replace(environ={**request.environ, _POSTED: posted}, read_body=lambda: posted.body)


def attach(request: Request, proceed: Callable[[Request], Response]) -> Response:
    """Attach its body to a request: a stage before ``contain``, so that a refusal can be answered in kind."""
    return proceed(attached(request, Posted(request.read_body())))


def posted_by(request: Request) -> Posted:
    """Return what was attached to a request."""
    posted: Posted = request.environ[_POSTED]
    return posted
