"""The task ``activate_signal``: an order in AdCP's words, placed where REST places its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.activation import asked
from service.activation.canonical import payload_hash
from service.activation.orders import Order
from service.activation.placing import Placed, Till
from service.adcp import versions
from service.adcp.envelope import opened
from service.adcp.requests import check_envelope
from service.adcp.toolbox import Done
from service.errors import InvalidInput
from service.mcp.tools import Called
from service.messages import Principal, Request
from service.stages.authenticate import required

HANDLE = "signal_agent_segment_id"


class Activation:
    """The task. ``admit`` refuses what came too late."""

    def __init__(self, till: Till, admit: Callable[[Request], None]) -> None:
        self._till = till
        self._admit = admit

    def activate_signal(self, request: Request, called: Called) -> Done:
        """Place an order, or say again what it led to. Raises ``Refused``."""
        arguments = called.arguments
        principal = required(request)
        self._admit(request)
        release = versions.served(arguments)
        check_envelope(arguments)
        key = asked.idempotency_key(arguments.get("idempotency_key"))
        placed = self._till.place(_order(principal, arguments), key, payload_hash(arguments))
        return Done(opened("completed", release, _members(placed)), fields={"signal": arguments[HANDLE][:128]})


def _order(principal: Principal, arguments: Mapping[str, Any]) -> Order:
    signal = arguments.get(HANDLE)
    if not isinstance(signal, str) or not signal:
        raise InvalidInput(f"'{HANDLE}' is required: the handle of a signal.", field=HANDLE)
    return Order(
        principal,
        signal,
        asked.destinations(arguments.get("destinations"), strict=False),
        asked.account(arguments.get("account"), strict=False),
        asked.action(arguments.get("action")),
        asked.pricing_option_id(arguments.get("pricing_option_id")),
    )


def _members(placed: Placed) -> dict[str, Any]:
    deployments = placed.document["deployments"]
    live = sum(one["is_live"] for one in deployments)
    members: dict[str, Any] = {"message": f"{live} of {len(deployments)} deployments live.", "deployments": deployments}
    if placed.document.get("sandbox"):
        members["sandbox"] = True
    return members | ({"replayed": True} if placed.replayed else {})
