"""Answers of JSON-RPC as bytes. A tool's answer is spliced together out of bytes that were encoded before. Pure.

What a tool says goes out twice, as an object and as the same object in a text, for clients of before 2025-06-18.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.json_bytes import encoded
from service.mcp.tools import Told


def result(message_id: object, document: Any) -> bytes:
    """Return the answer to a call that went well."""
    return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (encoded(message_id), encoded(document))


def tool_result(message_id: object, told: Told) -> bytes:
    """Return what a tool answers. Joined at once: the parts are long, and each step between would copy them."""
    return b"".join(
        (
            b'{"jsonrpc":"2.0","id":',
            encoded(message_id),
            b',"result":{"content":[{"type":"text","text":"',
            *told.text,
            b'"}],"structuredContent":',
            *told.body,
            b',"isError":true}}' if told.is_error else b',"isError":false}}',
        )
    )


def error(message_id: object, code: int, message: str, data: Mapping[str, Any] | None = None) -> bytes:
    """Return the answer to a message that is no call, or that failed before a tool could say anything."""
    told: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        told["data"] = dict(data)
    return encoded({"jsonrpc": "2.0", "id": message_id, "error": told})
