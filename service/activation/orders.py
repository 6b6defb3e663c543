"""What may be ordered, in AdCP's words: an action for a signal at some destinations, for an account of a principal."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

from service.messages import ACTIVATION_STATES, ActivationState, Principal

Action = Literal["activate", "deactivate"]
ACTIONS: tuple[Action, ...] = get_args(Action)
State = ActivationState
STATES = ACTIVATION_STATES


class Account(NamedTuple):
    """For whom a principal acts: an id of ours, or a brand and its operator. ``sandbox`` asks for a simulation."""

    account_id: str = ""
    brand: str = ""
    operator: str = ""
    sandbox: bool = False

    def document(self) -> dict[str, Any]:
        """Return AdCP's account reference."""
        if self.account_id:
            return {"account_id": self.account_id}
        document: dict[str, Any] = {"brand": {"domain": self.brand}, "operator": self.operator}
        return document | ({"sandbox": True} if self.sandbox else {})


class Destination(NamedTuple):
    """Where a signal shall be used: a ``platform``, or the agent at ``agent_url`` (a name: it is never fetched).

    ``account`` is the caller's account over there.
    """

    type: Literal["platform", "agent"]
    platform: str = ""
    agent_url: str = ""
    account: str = ""

    def document(self) -> dict[str, Any]:
        """Return AdCP's destination."""
        place = {"platform": self.platform} if self.type == "platform" else {"agent_url": self.agent_url}
        return {"type": self.type} | place | ({"account": self.account} if self.account else {})


class Order(NamedTuple):
    """What a principal wants. ``account`` is None when none was named."""

    principal: Principal
    signal: str
    destinations: tuple[Destination, ...]
    account: Account | None = None
    action: Action = "activate"
    pricing_option_id: str | None = None
