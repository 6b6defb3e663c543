"""The agent that other agents talk to: the tools of AdCP over the parts of the engine, behind an MCP server."""

from __future__ import annotations

from functools import lru_cache

from service import VERSION
from service.activating import Activating
from service.adcp import facts, inputs
from service.adcp.activation import Activation
from service.adcp.capabilities import Facts
from service.adcp.discovery import Finding
from service.adcp.toolbox import Toolbox
from service.engine import Engine
from service.mcp.server import Count, McpServer
from service.settings import Settings

OPEN_TOOLS = frozenset({"get_adcp_capabilities"})
"""Tools that never want a key."""
CLOSED_TOOLS = frozenset({"activate_signal"})
"""Tools that always want one."""
INSTRUCTIONS = (
    "An AdCP signals agent. Call get_signals with a signal_spec in plain words to find advertising signals with their "
    "coverage, price and platforms; what is not known is left out. Call activate_signal with its "
    "signal_agent_segment_id, a pricing_option_id and destinations to have it made available there."
)


def agent(settings: Settings, parts: Engine, orders: Activating, count: Count) -> McpServer:
    """Return the MCP server; ``count`` is told of every message."""

    @lru_cache(2)
    def known(version: str) -> Facts:
        with parts.shelf.borrow() as snapshot:
            return facts.of(snapshot)

    finding = Finding(
        parts.finder, orders.deployed, lambda: known(parts.shelf.current().version), settings.adcp_marketplace
    )
    tools = Toolbox(
        [
            (inputs.CAPABILITIES, finding.capabilities),
            (inputs.GET_SIGNALS, finding.get_signals),
            (inputs.ACTIVATE_SIGNAL, Activation(orders.till, parts.finder.admit).activate_signal),
        ],
        {"get_signals": finding.known},
    )
    return McpServer(tools, {"name": "signals-agent", "version": VERSION}, INSTRUCTIONS, count)
