"""Messages to ``/mcp`` as tests post them, and what comes back."""

from __future__ import annotations

import json
import time

from service.state import State

JSON = {"Content-Type": "application/json"}


def post(running, message, **headers):
    """Post a message, or bytes as they are."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return running.ask("POST", "/mcp", body, JSON | {name.replace("_", "-"): value for name, value in headers.items()})


def call(running, method, params=None, message_id=1, **headers):
    message = {"jsonrpc": "2.0", "id": message_id, "method": method}
    return post(running, message if params is None else message | {"params": params}, **headers)


def tool(running, name, arguments=None, **headers):
    return call(running, "tools/call", {"name": name, "arguments": arguments or {}}, **headers)


def told(answer):
    """Return what a tool said, having checked that it said the same in both places."""
    result = answer.document["result"]
    assert [content["type"] for content in result["content"]] == ["text"]
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    return result["structuredContent"]


def refused(answer):
    """Return the error of a refused call, having checked that it stands in all its places."""
    said = told(answer)
    assert answer.document["result"]["isError"] is True
    assert said["status"] == "failed"
    assert said["errors"] == [said["adcp_error"]]
    return said["adcp_error"]


def a_key(running, name="acme", **rest):
    """Make an API key while the service runs, as its command line does."""
    state = State(running.folder / "state.db", time.time, print)
    state.open()
    try:
        return state.keys.create(name, **rest)[1]
    finally:
        state.close()
