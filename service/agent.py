"""The agent that other agents talk to: the tools of AdCP over the parts of the engine, behind an MCP server."""

from __future__ import annotations

from functools import lru_cache

from service import VERSION
from service.adcp import facts, inputs
from service.adcp.capabilities import Facts
from service.adcp.discovery import Finding
from service.adcp.toolbox import Toolbox
from service.engine import Engine
from service.mcp.server import McpServer

OPEN_TOOLS = frozenset({"get_adcp_capabilities"})
"""Tools that never want a key."""
INSTRUCTIONS = (
    "An AdCP signals agent. Call get_signals with a signal_spec in plain words to find advertising signals with their "
    "coverage, price and platforms; what is not known is left out."
)


def agent(parts: Engine) -> McpServer:
    """Return the MCP server."""

    @lru_cache(2)
    def known(version: str) -> Facts:
        with parts.shelf.borrow() as snapshot:
            return facts.of(snapshot)

    finding = Finding(parts.signals, lambda: known(parts.shelf.current().version))
    tools = Toolbox(
        [
            (inputs.CAPABILITIES, finding.capabilities),
            (inputs.GET_SIGNALS, finding.get_signals),
        ]
    )
    return McpServer(tools, {"name": "signals-agent", "version": VERSION}, INSTRUCTIONS)
