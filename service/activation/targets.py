"""Which adapter leads to which destination: what the operator configured, and the sandbox for invented data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from service.activation.activation import Activation
from service.activation.adapter import Adapter
from service.activation.orders import Account, Destination
from service.activation.sandbox import Sandbox

ANY = "*"


@dataclass(frozen=True, slots=True)
class Targets:
    """Adapters by platform and by the address of an agent; ``*`` stands for all that have none of their own."""

    platforms: Mapping[str, Adapter] = field(default_factory=dict)
    agents: Mapping[str, Adapter] = field(default_factory=dict)
    sandbox: Adapter = field(default_factory=Sandbox)

    def adapter(self, destination: Destination, account: Account | None, sample: bool) -> Adapter | None:
        """Return the way to a destination; None if there is none. ``sample`` says that the signal is invented."""
        if account is not None and account.sandbox:
            return self.sandbox
        return self.configured(destination) or (self.sandbox if sample else None)

    def of(self, activation: Activation) -> Adapter | None:
        """Return the way that an activation went; None if it is not configured any more."""
        if activation.adapter == "sandbox":
            return self.sandbox
        way = self.configured(activation.destination)
        return way if way is not None and way.name == activation.adapter else None

    def configured(self, destination: Destination) -> Adapter | None:
        """Return what the operator configured for a destination."""
        if destination.type == "agent":
            return self.agents.get(agent_name(destination.agent_url)) or self.agents.get(ANY)
        return self.platforms.get(destination.platform) or self.platforms.get(ANY)


def agent_name(url: str) -> str:
    """Return an agent's address as it is compared: scheme and host in lower case, no slash at the end."""
    parts = urlsplit(url)
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl().rstrip("/")
