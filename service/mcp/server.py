"""The MCP server behind the walk: which method a message calls, and what goes back, refusals included.

Stateless: no session is kept, and ``initialize`` may be left out. A refused call of a tool is answered by the tool
(HTTP 200, ``isError``), since clients drop the code and the time to wait of anything else; only who is blocked or has
no valid key, and who calls no tool, gets an HTTP status. All are counted under the status that REST would give.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from service.errors import Refused
from service.mcp import replies
from service.mcp.faults import Fault, InvalidParams, InvalidRequest, MethodNotFound
from service.mcp.message import LONGEST_AT_ONCE, Message, Posted, posted_by, remembered
from service.mcp.tools import Called, Told, Tools
from service.messages import Request, Response

PROTOCOL_VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")
"""Newest first; a client that speaks none of them is offered the newest."""
_SPOKEN = ("", *PROTOCOL_VERSIONS)
OK = "ok"
Count = Callable[[str, str, str], None]
"""Is told the method, the tool (empty where none is called) and the outcome of each message."""
_CODES = {429: -32029, 401: -32028, 503: -32027, 500: -32603}
_HEADERS = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]


class McpServer:
    """Answers ``POST /mcp``. ``about`` is name and version, ``instructions`` what a model is told."""

    def __init__(self, tools: Tools, about: dict[str, str], instructions: str, count: Count) -> None:
        self._tools = tools
        self._count = count
        self._about = about
        self._instructions = instructions

    def handle(self, request: Request, argument: str) -> Response:
        """Answer one message. Raises ``Refused``."""
        version = request.header("MCP-Protocol-Version")
        message = posted_by(request).message
        if version and version not in PROTOCOL_VERSIONS:
            raise InvalidRequest(f"This server speaks MCP {', '.join(PROTOCOL_VERSIONS)}.", message.id)
        if message.id is None:
            self._count("notification", "", OK)
            return Response(202)
        if message.method == "tools/call":
            return self._call(request, message)
        body = replies.result(message.id, self._result(message))
        self._count(message.method, "", OK)
        return Response(200, body, [*_HEADERS], fields={"mcp_method": message.method})

    def at_once(self, request: Request) -> Callable[[Request], Response] | None:
        """Return what answers a call of a tool without computing or waiting; None where a worker has to ``handle`` it.

        Never raises ``Refused``. The body is left as it came.
        """
        stream = request.environ["wsgi.input"]
        body = stream.read(LONGEST_AT_ONCE + 1)
        stream.seek(0)
        message = remembered(body)
        if message is None or message.id is None or request.header("MCP-Protocol-Version") not in _SPOKEN:
            return None
        tell = self._tools.at_once(request, _called(message, Posted(body)))
        return None if tell is None else lambda asked: self._told(message, tell(asked))

    def _told(self, message: Message, told: Told) -> Response:
        self._count(message.method, message.tool, OK)
        body = replies.tool_result(message.id, told)
        return Response(200, body, [*_HEADERS], told.cache, {"tool": message.tool, **told.fields})

    def _result(self, message: Message) -> dict[str, Any]:
        if message.method == "initialize":
            offered = message.params.get("protocolVersion")
            return {
                "protocolVersion": offered if offered in PROTOCOL_VERSIONS else PROTOCOL_VERSIONS[0],
                "capabilities": {"tools": {}},
                "serverInfo": self._about,
                "instructions": self._instructions,
            }
        if message.method == "ping":
            return {}
        if message.method == "tools/list":
            return {"tools": self._tools.listed()}
        raise MethodNotFound(f"There is no method {message.method[:60]!r}.", message.id)

    def _call(self, request: Request, message: Message) -> Response:
        if not self._tools.knows(message.tool):
            raise InvalidParams(f"There is no tool {str(message.params.get('name'))[:60]!r}.", message.id)
        if not isinstance(message.params.get("arguments"), dict | None):
            raise InvalidParams("The arguments of a tool are an object.", message.id)
        return self._told(message, self._tools.call(request, _called(message, posted_by(request))))

    def refuse(self, refusal: Refused, request: Request) -> Response:
        """Return the answer to a refused message; it fits the stage ``contain``."""
        posted = posted_by(request)
        fields: dict[str, Any] = {"error": f"{refusal.type}: {refusal.detail}", "rejection": refusal.rejection}
        fields |= refusal.noted
        headers = [*_HEADERS, *refusal.headers]
        tool = posted.tool if self._tools.knows(posted.tool) else ""
        method = "tools/call" if posted.calls_tool else "other"
        if isinstance(refusal, Fault):
            self._count(method, tool, str(refusal.number))
            body = replies.error(refusal.id, refusal.number, refusal.detail)
            return Response(refusal.http_status, body, headers, fields=fields, counts_as=refusal.status)
        fields["outcome"] = self._tools.word(refusal)
        self._count(method, tool, fields["outcome"])
        if tool:
            fields["tool"] = tool
            if posted.id is not None and refusal.status not in (401, 403):
                told = self._tools.refused(_called(posted.message, posted), refusal)
                body = replies.tool_result(posted.id, told)
                return Response(200, body, headers, fields=fields | told.fields, counts_as=refusal.status)
        code = _CODES.get(refusal.status, InvalidRequest.number)
        body = replies.error(posted.id, code, refusal.detail, self._tools.reason(refusal))
        return Response(refusal.status, body, headers, fields=fields)


def _called(message: Message, posted: Posted) -> Called:
    arguments = message.params.get("arguments")
    return Called(message.tool, arguments if isinstance(arguments, dict) else {}, posted.body, message.memo)
