"""The official client of MCP (``mcp`` on PyPI), whichever version is installed: prints what it saw as JSON.

``mcp_client.py URL KEY``: connects as its version does by itself, lists the tools and calls two of them.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version

CALLS = (
    ("get_adcp_capabilities", {}),
    ("get_signals", {"signal_spec": "car buyers", "context": {"trace": "t-1"}}),
    ("get_signals", {"signal_spec": ""}),
)


async def seen(session, protocol):
    tools = (await session.list_tools()).tools
    answers = [await session.call_tool(name, arguments) for name, arguments in CALLS]
    return {
        "version": version("mcp"),
        "protocol": protocol,
        "tools": [tool.name for tool in tools],
        "answers": [
            {
                "structured": getattr(one, "structuredContent", None) or getattr(one, "structured_content", None),
                "text": one.content[0].text,
                "error": bool(getattr(one, "isError", False) or getattr(one, "is_error", False)),
            }
            for one in answers
        ],
    }


async def with_session(url, key):
    """As clients of before 2.0 connect: a transport and a session, with initialize."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async with (
        streamablehttp_client(url, headers={"Authorization": f"Bearer {key}"}) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        agreed = await session.initialize()
        await session.send_ping()
        return await seen(session, agreed.protocolVersion)


async def with_client(url, key):
    """As clients from 2.0 on connect: they look for a newer server first."""
    import httpx2
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        return await seen(client, client.session.protocol_version)


if __name__ == "__main__":
    connect = with_session if version("mcp").startswith("1.") else with_client
    print(json.dumps(asyncio.run(connect(*sys.argv[1:3]))))
